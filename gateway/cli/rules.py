"""`triage-gateway rules`: read the rules, as a table or a page, and sign them."""

import json
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from domain.events import REGISTRY
from domain.rulebook import UNSIGNED, Rulebook
from gateway.cli.key_source import KEY
from gateway.cli.rules_sign import sign
from gateway.intake.rulebook import told
from gateway.rules import table
from gateway.rules.booklet import Booklet, booklet
from gateway.rules.document import document
from gateway.rules.markdown import markdown
from gateway.rules.page import page
from gateway.store.errors import StoreError
from gateway.store.keysource import KeySource
from gateway.store.transcript import transcript

_WIDTH = 100
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(invoke_without_command=True)
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Data folder, to show what the site adds and who signed.",
)
@KEY
@click.option("--family", default="", help="Only families that have this in the name.")
@click.option("--words", is_flag=True, help="List the words of each concept instead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--html", type=_FILE, help="Write one page to review and sign.")
@click.option("--markdown", "as_markdown", type=_FILE, help="Write docs/safety's page.")
@click.pass_context
def rules(
    context: click.Context,
    *,
    data: Path | None,
    key_file: KeySource | None,
    family: str,
    html: Path | None,
    as_markdown: Path | None,
    words: bool,
    as_json: bool,
) -> None:
    """Show every rule that may decide about a patient: for clinicians to review."""
    if context.invoked_subcommand is not None:
        return
    shown = _only(booklet(_book(data, key_file)), family)
    if html is not None:
        _write(html, page(shown))
    elif as_markdown is not None:
        _write(as_markdown, markdown(shown))
    elif as_json:
        click.echo(json.dumps(document(shown), indent=2, ensure_ascii=False))
    else:
        _print(shown, words=words)


rules.add_command(sign)


def _book(data: Path | None, key_file: KeySource | None) -> Rulebook:
    if data is None:
        return UNSIGNED
    try:
        with transcript(data, registry=REGISTRY, kek_file=key_file) as log:
            return told(log.stream)
    except StoreError as error:
        raise click.ClickException(str(error)) from None


def _only(whole: Booklet, wanted: str) -> Booklet:
    found = tuple(
        each for each in whole.families if wanted.casefold() in each.title.casefold()
    )
    if not found:
        names = "; ".join(each.title for each in whole.families)
        raise click.UsageError(f"No family has that in its name. There are: {names}.")
    return replace(whole, families=found)


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    click.echo(f"written: {file}")


def _print(shown: Booklet, *, words: bool) -> None:
    console = Console(width=_WIDTH)
    if words:
        console.print(table.words(shown.words))
    else:
        for each in table.tables(shown.families):
            console.print(each)
    click.echo(table.standing(shown))
