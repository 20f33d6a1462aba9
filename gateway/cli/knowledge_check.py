"""`triage-gateway knowledge check`: verify that what is quoted is what was loaded."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from domain.bookshelf import Bookshelf
from gateway.cli.key_source import KEY
from gateway.cli.knowledge_list import shelf_of
from gateway.intake.bookshelf import edition
from gateway.knowledge_base import embedder_of
from gateway.store.keysource import KeySource
from inference.embed import EmbeddingUnavailableError
from inference.knowledge import Document, content_hash
from inference.retrieve.index import opened
from inference.retrieve.search import read_passage
from inference.shelf import INDEX, ShelfError, altered, kept, version_of

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_SOON = (30, 90)  # days


@click.command("check")
@click.option("--data", required=True, type=_FOLDER, help="The gateway's data folder.")
@KEY
@click.option(
    "--embedding-folder",
    type=_FOLDER,
    envvar="TRIAGE_GATEWAY_EMBEDDING_FOLDER",
    help="Embedding model, as in the gateway's settings.",
)
def check_knowledge(
    *, data: Path, key_file: KeySource | None, embedding_folder: Path | None
) -> None:
    """Verify hashes, dates and the embedding model, and say what expires soon.

    The exit status is 1 where something is wrong; what only expires is no error.
    """
    book = shelf_of(data, key_file)
    if not book.index:
        raise click.ClickException("The log says of no knowledge that it was loaded.")
    documents, wrong = _kept(data, book)
    wrong += _wrong(data, book, documents, embedding_folder)
    for sentence in wrong:
        click.echo(f"wrong: {sentence}")
    for sentence in _dates(documents, datetime.now(UTC).date()):
        click.echo(sentence)
    unsigned = sum(book.signature(each) is None for each in book.documents)
    click.echo(f"not signed by a clinician: {unsigned} of {len(book.documents)}")
    if wrong:
        raise SystemExit(1)
    click.echo(f"as it was loaded: index {book.index}")


def _kept(data: Path, book: Bookshelf) -> tuple[list[Document], list[str]]:
    try:
        return kept(data, book.content), []
    except ShelfError as error:
        return [], [str(error)]


def _wrong(
    data: Path, book: Bookshelf, documents: list[Document], folder: Path | None
) -> list[str]:
    found = [f"{each} does not match its hash." for each in altered(documents)]
    if documents and tuple(map(edition, documents)) != book.documents:
        found.append("The documents are not those that the log tells of: load again.")
    if version_of(data / INDEX) != book.index:
        found.append("The index in use is not that of the log: restart the gateway.")
    else:
        found += _altered_in_index(data / INDEX)
    try:
        identity = embedder_of(folder).identity
    except EmbeddingUnavailableError as error:
        return [*found, str(error)]
    if identity != book.embedder:
        found.append(
            f"The embedding model is {identity}; what was loaded needs {book.embedder}."
        )
    return found


def _altered_in_index(index: Path) -> list[str]:
    try:
        with opened(index) as connection:
            with closing(connection.execute("SELECT number FROM passage")) as rows:
                numbers = [number for (number,) in rows]
            passages = [read_passage(connection, number) for number in numbers]
    except (sqlite3.Error, ValueError) as error:
        return [f"The index is damaged ({type(error).__name__}): load again."]
    return [
        f"{each.id} does not match its hash in the index."
        for each in passages
        if content_hash(each) != each.sha256
    ]


def _dates(documents: list[Document], today: date) -> Iterator[str]:
    for each in map(edition, documents):
        if each.effective > today.isoformat():
            yield f"not yet in effect: {each.id}, from {each.effective}"
        if each.expires:
            yield from _expiry(each.id, date.fromisoformat(each.expires), today)


def _expiry(name: str, last: date, today: date) -> Iterator[str]:
    if last < today:
        yield f"expired, and not shown any more: {name}, since {last}"
        return
    days = next((n for n in _SOON if last <= today + timedelta(days=n)), None)
    if days is not None:
        yield f"expires within {days} days: {name}, on {last}"
