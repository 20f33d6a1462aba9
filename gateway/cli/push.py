"""`triage-gateway push`: send files of Bundles to a gateway."""

import asyncio
import os
from pathlib import Path
from typing import Any

import aiohttp
import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed

from gateway.feed.client import Client, UnreachableError
from gateway.feed.files import found
from gateway.feed.journal import Journal, JournalError
from gateway.feed.push import push as send
from gateway.feed.results import Refused, Result, Summary

STATE = Path(".triage-gateway-push")


@click.command()
@click.argument(
    "places",
    metavar="FILE|FOLDER...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@click.option("--to", "url", required=True, help="FHIR base, such as http://…/fhir.")
@click.option(
    "--token-env",
    default="TRIAGE_GATEWAY_TOKEN",
    show_default=True,
    help="Environment variable that holds the bearer token.",
)
@click.option(
    "--timeout", default=120.0, show_default=True, help="Seconds to wait for an answer."
)
@click.option(
    "--state",
    default=STATE,
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where it is remembered what was acknowledged (hashes only).",
)
@click.option("--again", is_flag=True, help="Send also what was acknowledged before.")
def push(places: tuple[Path, ...], url: str, **options: Any) -> None:  # noqa: ANN401 (click's values)
    """Send Bundles (.json, .json.gz; folders with all below them) to a gateway.

    A transaction or batch is sent as it is. A collection, or a single resource, is
    sent as a transaction: what has an id is PUT under that id, the rest is POSTed.
    """
    if not url.startswith(("http://", "https://")):
        raise click.UsageError("--to needs a URL such as http://127.0.0.1:8080/fhir")
    paths = found(places)
    if not paths:
        raise click.ClickException("There is no .json or .json.gz file to send.")
    summary = _carried_out(paths, url, options)
    show(summary)
    if not summary.complete:
        raise SystemExit(1)


def _carried_out(paths: list[Path], url: str, options: dict[str, Any]) -> Summary:
    try:
        return asyncio.run(_push(paths, url, options))
    except (UnreachableError, JournalError) as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        raise click.ClickException(
            "Interrupted: repeat the command to go on where it stopped."
        ) from None


async def _push(paths: list[Path], url: str, options: dict[str, Any]) -> Summary:
    limit = aiohttp.ClientTimeout(total=options["timeout"])
    with _bar() as bar:
        row = bar.add_task("sending", total=len(paths))

        def tell(result: Result) -> None:
            bar.update(row, advance=1, description="sending")
            if isinstance(result, Refused):
                bar.console.print(f"refused: {escape(result.path.name)}")

        async with aiohttp.ClientSession(timeout=limit) as session:
            client = Client(
                session,
                url,
                token=os.environ.get(options["token_env"]),
                waiting=lambda why: bar.update(row, description=f"waiting: {why}"),
            )
            journal = Journal(options["state"], client.url, again=options["again"])
            return await send(paths, client=client, journal=journal, tell=tell)


def _bar() -> Progress:
    """Return a bar on standard error, so that a summary can be piped."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Elapsed(),
        console=Console(stderr=True),
    )


def show(summary: Summary) -> None:
    """Print every refusal, then the counts."""
    for each in summary.passed_over:
        click.echo(f"{each.path}: passed over. {each.sentence}")
    for refused in summary.refused:
        status = f"HTTP {refused.status}" if refused.status else "not sent"
        click.echo(f"{refused.path}: refused ({status})")
        for reason in refused.reasons:
            place = f"{reason.place}: " if reason.place else ""
            click.echo(f"    {place}{reason.sentence}")
    known = len(summary.known)
    before = f", {known} acknowledged before (--again sends them)" if known else ""
    over = f", {len(summary.passed_over)} passed over" if summary.passed_over else ""
    click.echo(
        f"{len(summary.accepted)} accepted, {len(summary.refused)} refused{before}"
        f"{over}."
    )
