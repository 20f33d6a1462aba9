"""`triage-gateway audit verify`: a data folder, or an export without any gateway."""

from pathlib import Path
from typing import TextIO

import click

from gateway.cli.audit_options import NOTED, PublicKey
from gateway.cli.key_source import KEY
from gateway.cli.progress import bar
from gateway.store.disclosure import Disclosures
from gateway.store.errors import StoreError
from gateway.store.evidence import EvidenceError
from gateway.store.examination import examine
from gateway.store.keysource import KeySource
from gateway.store.verdict import Verdict
from gateway.store.verification import verify


@click.command("verify")
@click.argument(
    "export",
    required=False,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Data folder of a stopped or a running gateway, instead of an export.",
)
@KEY
@click.option(
    "--public-key",
    type=PublicKey(),
    help="A signing key of the log as you know it (64 hexadecimal digits).",
)
@click.option(
    "--since",
    type=NOTED,
    help="A checkpoint that you noted earlier, or a witness has.",
)
def verify_log(
    export: Path | None,
    data: Path | None,
    key_file: KeySource | None,
    public_key: bytes | None,
    since: TextIO | None,
) -> None:
    """Find every changed, removed or reordered row of EXPORT, or of --data.

    An export is examined offline, with what you give and nothing else. The answer says
    what is proven: without --since a log that was rewritten, or cut, by whoever holds
    the signing key is not found out, and "self-consistent only" is said.
    """
    try:
        noted = since.read() if since else None
        if export is not None and data is None:
            _examine(export, public_key or b"", noted)
        elif data is not None and export is None:
            with bar("Verifying") as progress:
                verdict = verify(
                    data,
                    kek_file=key_file,
                    public_key=public_key or b"",
                    since=noted,
                    progress=progress,
                )
            _tell(verdict)
        else:
            raise click.UsageError("Give an EXPORT to examine, or --data.")
    except (StoreError, EvidenceError) as error:
        raise click.ClickException(f"{error} Not verified.") from None
    except OSError as error:
        raise click.ClickException(
            f"The file cannot be read ({error.strerror}). Not verified."
        ) from None


def _examine(export: Path, public_key: bytes, since: str | None) -> None:
    disclosures = Disclosures()
    with export.open("rb") as lines:
        proven = examine(lines, public_key, since, disclosures.check)
    if disclosures.shown:
        click.echo(f"Proven: what {disclosures.shown} rows say, by their keys.")
    if disclosures.claimed:
        click.echo(
            f"Not proven: what {disclosures.claimed} rows say in clear, or that they "
            "are erased, without a key."
        )
    _echo(proven)


def _tell(verdict: Verdict) -> None:
    for problem in verdict.problems:
        click.echo(f"position {problem.position}: {problem.sentence}")
    if verdict.problems:
        raise click.ClickException(f"{len(verdict.problems)} problems: not verified.")
    if verdict.erased and not verdict.authenticated:
        click.echo("not proven: why events were erased (that needs the key)")
    checked = "seal and ciphertexts" if verdict.authenticated else "seal only (no key)"
    click.echo(
        f"events: {verdict.events}, erased: {verdict.erased}, checked: {checked}"
    )
    _echo(verdict.proven)
    click.echo("verified head, to be kept for --since:")
    click.echo(verdict.note, nl=False)


def _echo(proven: tuple[str, ...] | list[str]) -> None:
    for sentence in proven:
        click.echo(sentence)
