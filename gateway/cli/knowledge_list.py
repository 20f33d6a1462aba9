"""`triage-gateway knowledge list`: the documents that may be quoted."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from domain.bookshelf import Bookshelf
from domain.events import REGISTRY
from domain.shelved import Edition
from gateway.cli.key_source import KEY
from gateway.intake.bookshelf import told
from gateway.store.errors import StoreError
from gateway.store.keysource import KeySource
from gateway.store.transcript import transcript

_WIDTH = 140
_COLUMNS = ("document", "version", "kind", "publisher", "passages", "until", "signed")


@click.command("list")
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Data folder of a stopped or a running gateway.",
)
@KEY
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_knowledge(*, data: Path, key_file: KeySource | None, as_json: bool) -> None:
    """List the documents that the log says were loaded, and who signed them."""
    book = shelf_of(data, key_file)
    if as_json:
        click.echo(json.dumps(_document(book), indent=2, ensure_ascii=False))
        return
    shown = Table(*_COLUMNS)
    for each in book.documents:
        shown.add_row(*_row(book, each))
    Console(width=_WIDTH).print(shown)
    click.echo(
        f"{len(book.documents)} documents, {book.passages} passages\n"
        f"index: {book.index or 'none'}\nembedding model: {book.embedder or 'none'}"
    )


def shelf_of(data: Path, key_file: KeySource | None) -> Bookshelf:
    """Return the bookshelf as the log of a data folder has it.

    Raises:
        click.ClickException: the log cannot be read.

    """
    try:
        with transcript(data, registry=REGISTRY, kek_file=key_file) as log:
            return told(log.stream)
    except StoreError as error:
        raise click.ClickException(str(error)) from None


def _row(book: Bookshelf, document: Edition) -> Iterator[str]:
    yield document.id
    yield document.version or "-"
    yield ", ".join(document.kinds)
    yield document.publisher or "-"
    yield str(document.passages)
    yield document.expires or "-"
    yield _signature(book, document)


def _signature(book: Bookshelf, document: Edition) -> str:
    signature = book.signature(document)
    if signature is None:
        return "no"
    return f"{signature.by}, {signature.role}, {signature.at.date()}"


def _document(book: Bookshelf) -> dict[str, Any]:
    return {
        "index": book.index,
        "embedder": book.embedder,
        "content": book.content,
        "passages": book.passages,
        "documents": [
            {**asdict(each), "signed": _signature(book, each)}
            for each in book.documents
        ],
    }
