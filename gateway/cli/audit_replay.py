"""`triage-gateway audit replay`: the log makes everything again, as of any moment."""

import sqlite3
import sys
from pathlib import Path

import click

from gateway.audit.findings import Finding
from gateway.audit.moment import Moment, UnknownMomentError
from gateway.audit.output_folder import OutputFolderError
from gateway.audit.replay import Replay, replay
from gateway.audit.visible import visible
from gateway.cli.audit_options import DATA
from gateway.cli.ending import ended_in_order
from gateway.cli.filled import FILLED
from gateway.cli.key_source import KEY
from gateway.cli.progress import bar
from gateway.store.errors import StoreError
from gateway.store.keysource import KeySource


@click.command("replay")
@DATA
@KEY
@click.option(
    "--as-of",
    type=FILLED,
    help="A position, or an instant such as 2026-11-22T14:05:00Z.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the read models as of then into this empty folder, as NDJSON "
    "(patient data: guard it).",
)
@click.option(
    "--show",
    is_flag=True,
    help="Print the values that differ (patient data), at a terminal only.",
)
def replay_log(
    data: Path,
    key_file: KeySource | None,
    as_of: str | None,
    output: Path | None,
    *,
    show: bool,
) -> None:
    """Make read models and machine decisions again; say 'same' or what differs."""
    if show and not sys.stdout.isatty():
        raise click.UsageError(
            "--show prints patient data, so it works at a terminal only."
        )
    try:
        with ended_in_order(), bar("Replaying") as progress:
            result = replay(
                data, kek_file=key_file, progress=progress, as_of=as_of, output=output
            )
    except (StoreError, UnknownMomentError, OutputFolderError) as error:
        raise click.ClickException(str(error)) from None
    except sqlite3.Error as error:
        raise click.ClickException(
            f"Read models could not be written or read ({error}). See that the folder "
            "for temporary files (TMPDIR) has room, and repeat the command."
        ) from None
    _say(result, show=show)
    if not result.same:
        raise click.ClickException("the replay is not the same.")
    if not result.compared:
        click.echo("there are no read models to compare with; the decisions are")
    click.echo("same")


def _say(result: Replay, *, show: bool) -> None:
    for finding in result.findings:
        kind = "note" if finding.note else "differs"
        more = f" (and {finding.count - 1} more events)" if finding.count > 1 else ""
        click.echo(f"{kind}: position {finding.position}: {finding.sentence}{more}")
        if show and (finding.expected or finding.found):
            _values(finding)
    _unlisted(result)
    if result.moment is not None:
        _moment(result.moment)
    click.echo(
        f"events: {result.events}, resource versions: {result.resources}, audit "
        f"events: {result.audit_events}, floors: {result.floors}, model answers: "
        f"{result.answers}"
    )


def _unlisted(result: Replay) -> None:
    if result.unlisted_notes:
        click.echo(f"note: and {result.unlisted_notes} more notes of other kinds")
    if result.unlisted:
        click.echo(f"differs: and {result.unlisted} more differences")


def _values(finding: Finding) -> None:
    click.echo(f"  the log says:        {visible(finding.expected)}")
    click.echo(f"  the read models say: {visible(finding.found)}")


def _moment(moment: Moment) -> None:
    asked = f" ({moment.instant.isoformat()})" if moment.instant else ""
    click.echo(f"as of position {moment.position}{asked}")
    if moment.later:
        click.echo(
            f"note: {moment.later} events up to there have a later time: they overtook "
            "others, or the clock was set back"
        )
