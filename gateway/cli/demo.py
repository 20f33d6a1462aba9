"""`triage-gateway demo`: the whole loop on invented patients, in one command."""

import asyncio
import json
import shutil
import signal
import tempfile
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed

from gateway.demo.bundles import bundles
from gateway.demo.child import LOG
from gateway.demo.failure import DemoError
from gateway.demo.play import Outcome, Screen, Script, play
from gateway.demo.table import table
from gateway.feed.files import found

_HOME = Path(".demo")
_PIPED_WIDTH = 160  # columns where nobody says how many there are
_NARROWEST = 100
_WARNING = (
    "Not a medical device. The patients are invented. The embedded model, "
    "SmolLM2-135M-Instruct, is far too small for clinical use: it runs in shadow, so "
    "its answers are shown and recorded, and count for nothing."
)
_LEGEND = (
    "Final: the level that counts, with '?' while a nurse has to look. Seconds: from "
    "the 2xx until it could be read; cases wait for the model in order of urgency."
)


@click.command()
@click.option(
    "--bundles",
    "own",
    type=click.Path(exists=True, path_type=Path),
    help="Send these Bundles (a folder or file) instead of the demonstration's.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="An empty folder for the gateway's data; it is kept.",
)
@click.option("--keep", is_flag=True, help="Keep the data folder.")
@click.option(
    "--limit", default=600.0, show_default=True, help="Seconds to wait for the model."
)
def demo(own: Path | None, data: Path | None, limit: float, *, keep: bool) -> None:
    """Play the whole loop: send, assess, decide, verify."""
    folder = _folder(data)
    failed = True
    try:
        script = _script(own, folder, limit)
        failed = not _played(script)
    except DemoError as error:
        click.echo(str(error), err=True)
    except KeyboardInterrupt:
        click.echo("Interrupted; the gateway was stopped.", err=True)
    finally:
        if not (failed or keep or data):
            shutil.rmtree(folder)
    if failed or keep or data:
        click.echo(f"Data and log ({LOG}) are in {folder}.", err=True)
    if failed:
        raise SystemExit(1)


def _folder(wanted: Path | None) -> Path:
    if wanted is None:
        _HOME.mkdir(exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="run-", dir=_HOME))
    wanted.mkdir(parents=True, exist_ok=True)
    if any(wanted.iterdir()):
        raise click.UsageError(f"--data needs an empty folder; {wanted} is not.")
    return wanted


def _script(own: Path | None, folder: Path, limit: float) -> Script:
    if own is not None:
        paths = found([own])
        if not paths:
            raise DemoError(f"There is no .json or .json.gz file in {own}.")
        return Script(data=folder, paths=paths, cases={}, limit=limit)
    sent = folder / "sent"
    sent.mkdir()
    cases = {case.key: case for case in bundles(datetime.now(UTC))}
    for key, case in cases.items():
        (sent / f"{key}.json").write_text(json.dumps(case.bundle, indent=1))
    return Script(data=folder, paths=found([sent]), cases=cases, limit=limit)


def _played(script: Script) -> bool:
    began = time.monotonic()
    console = _console()
    console.print(_WARNING)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Elapsed(),
        console=Console(stderr=True),
    ) as bar:
        outcome = asyncio.run(_stopped_by_signal(play(script, _screen(bar, script))))
    _show(console, script, outcome)
    console.print(f"{time.monotonic() - began:.0f} seconds in all.")
    return not outcome.failures


async def _stopped_by_signal(playing: Coroutine[None, None, Outcome]) -> Outcome:
    """Let every usual end of a process be as Ctrl-C, so that the gateway stops too."""
    task = asyncio.ensure_future(playing)
    for sent in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(sent) is not signal.SIG_IGN:  # nohup ignores SIGHUP.
            asyncio.get_running_loop().add_signal_handler(sent, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _screen(bar: Progress, script: Script) -> Screen:
    expected = sum(case.opens_case for case in script.cases.values())
    sending = bar.add_task("Bundles sent", total=len(script.paths))
    floors = bar.add_task("assessed by rules", total=expected or None)
    models = bar.add_task("answered by the model", total=expected or None)

    def assessed(tasks: int, answered: int) -> None:
        bar.update(floors, completed=tasks, total=max(expected, tasks) or None)
        bar.update(models, completed=answered, total=max(expected, tasks) or None)

    return Screen(
        sent=lambda count: bar.update(sending, completed=count), assessed=assessed
    )


def _console() -> Console:
    console = Console(highlight=False)
    if not console.is_terminal:
        return Console(highlight=False, width=_PIPED_WIDTH)
    return Console(highlight=False, width=max(console.width, _NARROWEST))


def _show(console: Console, script: Script, outcome: Outcome) -> None:
    console.print(f"{outcome.accepted} of {len(script.paths)} Bundles were accepted.")
    if outcome.rows:
        console.print(table(outcome.rows))
        console.print(_LEGEND)
    else:
        console.print(
            "No case was opened: no Bundle brought a complaint or a vital sign that "
            "is current (an encounter under way, or measured in the last 24 hours). "
            "Older data are kept as context."
        )
    if outcome.verified:
        console.print(outcome.verified, markup=False)
    for failure in outcome.failures:
        console.print(f"FAILED: {failure}", markup=False)
