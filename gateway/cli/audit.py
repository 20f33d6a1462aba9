"""`triage-gateway audit`: verify, replay and export a log, without its gateway."""

import json
from pathlib import Path
from typing import TextIO

import click

from gateway.audit.replay import replay
from gateway.cli.progress import bar
from gateway.store.errors import StoreError
from gateway.store.export import export
from gateway.store.seal import Head
from gateway.store.verification import verify

_DATA = click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Data folder of a stopped or a running gateway.",
)
_KEY = click.option(
    "--key-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Key-encryption key; default: the one in the data folder.",
)


class _ExpectedHead(click.ParamType[Head]):
    """A head as `audit verify` prints it."""

    name = "position:hash"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Head:
        """Read `position:hexadecimal`."""
        try:
            return Head.parse(str(value))
        except ValueError:
            self.fail("Give a head as 'audit verify' printed it.", param, ctx)


@click.group()
def audit() -> None:
    """Prove what a log says, from its data folder alone."""


@audit.command("verify")
@_DATA
@_KEY
@click.option("--expect", type=_ExpectedHead(), help="A head that you noted earlier.")
@click.option("--public-key", help="The log's key as you know it (64 hexadecimal).")
def verify_log(
    data: Path, key_file: Path | None, expect: Head | None, public_key: str | None
) -> None:
    """Find every changed, removed or reordered row; print the verified head."""
    try:
        known = bytes.fromhex(public_key) if public_key else None
    except ValueError:
        raise click.BadParameter("--public-key takes 64 hexadecimal digits.") from None
    try:
        with bar("Verifying") as progress:
            verdict = verify(
                data,
                kek_file=key_file,
                expected=expect,
                public_key=known,
                progress=progress,
            )
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    for problem in verdict.problems:
        click.echo(f"position {problem.position}: {problem.sentence}")
    if verdict.problems:
        raise click.ClickException(f"{len(verdict.problems)} problems: not verified.")
    if verdict.erased:
        raise click.ClickException(
            f"the keys of {verdict.erased} events were destroyed, so nobody can read "
            "them; this version erases no patient. Restore the log from a backup."
        )
    checked = "seal and ciphertexts" if verdict.authenticated else "seal only (no key)"
    click.echo(
        f"events: {verdict.events}, erased: {verdict.erased}, checked: {checked}"
    )
    click.echo(f"verified head: {verdict.position}:{verdict.chain_hex}")


@audit.command("replay")
@_DATA
@_KEY
def replay_log(data: Path, key_file: Path | None) -> None:
    """Make read models and machine decisions again; say 'same' or what differs."""
    try:
        with bar("Replaying") as progress:
            result = replay(data, kek_file=key_file, progress=progress)
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    for finding in result.findings:
        kind = "note" if finding.note else "differs"
        click.echo(f"{kind}: position {finding.position}: {finding.sentence}")
    click.echo(
        f"events: {result.events}, resource versions: {result.resources}, audit "
        f"events: {result.audit_events}, floors: {result.floors}, model answers: "
        f"{result.answers}"
    )
    if not result.same:
        raise click.ClickException("the replay is not the same.")
    if not result.compared:
        click.echo("there are no read models to compare with; the decisions are")
    click.echo("same")


@audit.command("export")
@_DATA
@_KEY
@click.option("--after", default=0, help="Position after which to begin.")
@click.option(
    "--output",
    type=click.File("w", encoding="utf-8", lazy=True),
    default="-",
    help="File to write; default: standard output.",
)
def export_log(data: Path, key_file: Path | None, after: int, output: TextIO) -> None:
    """Write the decrypted log as NDJSON. It holds patient data: guard the file."""
    try:
        for row in export(data, kek_file=key_file, after=after):
            output.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
            output.write("\n")
    except StoreError as error:
        raise click.ClickException(str(error)) from None
