"""`triage-gateway audit export`, `prove` and `checkpoint`: evidence for an auditor."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import TextIO

import click

from gateway.audit.case import UnknownCaseError, case_story
from gateway.audit.output_folder import OutputFolderError, require_outside
from gateway.audit.private_file import private
from gateway.cli.audit_options import DATA, NOTED
from gateway.cli.filled import FILLED
from gateway.cli.key_source import KEY
from gateway.cli.progress import bar
from gateway.store.errors import StoreError
from gateway.store.evidence import Checkpoint, EvidenceError
from gateway.store.export import Asked, export, newest_checkpoint, public_keys
from gateway.store.keysource import KeySource, resolved
from gateway.store.selection import positions_of
from gateway.store.signing import change_signing_key

_OUTPUT = click.option(
    "--output",
    type=click.File("w", encoding="utf-8", lazy=True),
    default="-",
    help="File to write; default: standard output.",
)
_POSITION = click.IntRange(min=1)


@click.command("export")
@DATA
@KEY
@click.option("--from", "first", type=_POSITION, help="First position of a part.")
@click.option("--to", "last", type=_POSITION, help="Last position of a part.")
@click.option("--case", "case_id", type=FILLED, help="Only the life of a case.")
@click.option(
    "--patient", type=FILLED, help="Only what a patient's data keys protect (an id)."
)
@click.option("--decrypted", is_flag=True, help="Add what the rows say: guard it.")
@click.option(
    "--disclose-keys",
    is_flag=True,
    help="Add the rows' data keys. Each opens every row of the same subject.",
)
@click.option(
    "--since",
    type=NOTED,
    help="A checkpoint from which a part shall also prove that the log only grew.",
)
@_OUTPUT
def export_log(
    *,
    data: Path,
    key_file: KeySource | None,
    first: int | None,
    last: int | None,
    case_id: str | None,
    patient: str | None,
    since: TextIO | None,
    output: TextIO,
    decrypted: bool,
    disclose_keys: bool,
) -> None:
    """Write the log, or a part of it, as NDJSON that proves itself.

    Its rows are ciphertexts, so the file tells nothing about a patient, unless
    --decrypted or --disclose-keys is given. A part says nothing of the rows that are
    not in it.
    """
    parts = sum(map(bool, (first or last, case_id, patient)))
    _require_one(parts, grown=since is not None)
    try:
        if (decrypted or disclose_keys) and output.name != "-":
            require_outside(Path(output.name), data)
        key_file = resolved(key_file)
        if case_id:
            positions = _of_case(data, case_id, key_file)
        elif patient:
            subject = f"Patient/{patient.removeprefix('Patient/')}"
            positions = positions_of(data, subject, kek_file=key_file)
        else:
            positions = _range(data, first, last) if first or last else None
        noted = since.read() if since else None
        asked = Asked(
            positions=positions, since=noted, decrypted=decrypted, keys=disclose_keys
        )
        _write(data, asked, key_file, output)
    except (StoreError, EvidenceError, UnknownCaseError, OutputFolderError) as error:
        raise click.ClickException(str(error)) from None


@click.command("prove")
@DATA
@click.option("--position", type=_POSITION, multiple=True, help="A row to prove.")
@click.option(
    "--from",
    "since",
    type=NOTED,
    help="A checkpoint from which to prove that the log only grew.",
)
@_OUTPUT
def prove(
    data: Path, position: tuple[int, ...], since: TextIO | None, output: TextIO
) -> None:
    """Prove that rows are in the log, or that it only grew; it is a small export.

    'audit verify' examines it offline, as it does every export.
    """
    if not position and since is None:
        raise click.UsageError("Give a --position, or a checkpoint with --from.")
    noted = since.read() if since else None
    asked = Asked(positions=position or None, since=noted)
    try:
        _write(data, asked, None, output)
    except (StoreError, EvidenceError) as error:
        raise click.ClickException(str(error)) from None


@click.command("checkpoint")
@DATA
@_OUTPUT
def print_checkpoint(data: Path, output: TextIO) -> None:
    """Print the newest signed checkpoint: note it where the operator cannot reach."""
    try:
        _put(output, [newest_checkpoint(data)])
    except StoreError as error:
        raise click.ClickException(str(error)) from None


@click.command("public-key")
@DATA
def print_public_keys(data: Path) -> None:
    """Print the keys that sign the log: note them where the operator cannot reach.

    Each comes as --public-key wants it, and as a witness does (c2sp.org/signed-note).
    """
    try:
        for key in public_keys(data):
            click.echo(f"signs from position {key.first} on:")
            click.echo(f"  for --public-key  {key.public.hex()}")
            click.echo(f"  for a witness     {key.verifier}")
    except StoreError as error:
        raise click.ClickException(str(error)) from None


@click.command("rotate-signing-key")
@DATA
@KEY
def rotate_signing_key(data: Path, key_file: KeySource | None) -> None:
    """Sign with a new key, which the old one signs; stop the gateways first."""
    try:
        first = change_signing_key(
            data, kek_file=key_file, clock=lambda: datetime.now(UTC).isoformat()
        )
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"a new key signs from position {first.size} on")


def _require_one(parts: int, *, grown: bool) -> None:
    if parts > 1:
        raise click.UsageError("Give a range, a --case or a --patient, not several.")
    if grown and not parts:
        raise click.UsageError("--since is for a part; see `audit prove --from`.")


def _range(data: Path, first: int | None, last: int | None) -> Collection[int]:
    if first and last and first > last:
        raise click.UsageError("Give a --from that is not beyond --to.")
    size = Checkpoint.parse(newest_checkpoint(data)).size
    return range(first or 1, min(last or size, size) + 1)


def _of_case(
    data: Path, identity: str, key_file: KeySource | None
) -> Collection[int] | None:
    with bar("Reading the access records") as progress:
        story = case_story(data, identity, kek_file=key_file, progress=progress)
    return {each for entry in story.entries for each in entry.positions}


def _write(
    data: Path, asked: Asked, key_file: KeySource | None, output: TextIO
) -> None:
    lines = export(data, asked, kek_file=key_file)
    whole = chain([next(lines)], lines)  # so that what is refused leaves no file
    if (asked.decrypted or asked.keys) and output.name != "-":
        with _private(Path(output.name)) as file:
            _put(file, whole)
    else:
        _put(output, whole)


def _put(output: TextIO, lines: Iterable[str]) -> None:
    """Write lines to the end: what waits in a buffer may not fit any more, either."""
    try:
        output.writelines(lines)
        output.flush()
    except BrokenPipeError:  # its reader has seen enough
        raise
    except OSError as error:
        with suppress(OSError):  # so that nothing is left to be written later
            output.close()
        raise click.ClickException(
            f"The output cannot be written ({error.strerror}). What is there is no "
            "evidence: name another place."
        ) from None


def _private(file: Path) -> TextIO:
    try:
        return TextIOWrapper(private(file), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(
            f"The output cannot be kept private ({error.strerror}). Not written."
        ) from None
