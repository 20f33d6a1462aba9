"""`triage-gateway knowledge load`: read folders of documents, and quote from them."""

import getpass
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click

from domain.bookshelf import Bookshelf
from domain.events import REGISTRY
from domain.shelved import LoadKnowledge
from gateway.cli import running
from gateway.cli.key_source import KEY
from gateway.cli.own_log import own_log, said
from gateway.cli.progress import bar
from gateway.intake.bookshelf import KnowledgeUnit, loading, told
from gateway.knowledge_base import embedder_of
from gateway.store.keysource import KeySource
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.store.transcript import transcript
from inference.collection import Collection, collect
from inference.embed import Embedder, EmbeddingUnavailableError
from inference.knowledge import Document
from inference.shelf import ShelfError, alone, keep, kept, prepare, put_in_place
from inference.tokens import counter

ACTOR = "triage-gateway knowledge load"
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where to load: a data folder, and the gateway that runs on it, if one does."""

    data: Path
    key_file: KeySource | None
    url: str
    token_env: str


@click.command("load")
@click.argument("folders", nargs=-1, type=_FOLDER)
@click.option("--data", required=True, type=_FOLDER, help="The gateway's data folder.")
@KEY
@running.URL
@running.TOKEN_ENV
@click.option("--by", default=getpass.getuser, help="Who loads; default: the user.")
@click.option("--only", is_flag=True, help="Retire every document not in the folders.")
@click.option("--dry-run", is_flag=True, help="Read and say what would be refused.")
@click.option(
    "--embedding-folder",
    type=_FOLDER,
    envvar="TRIAGE_GATEWAY_EMBEDDING_FOLDER",
    help="Embedding model, as in the gateway's settings.",
)
def load_knowledge(
    *,
    folders: tuple[Path, ...],
    data: Path,
    key_file: KeySource | None,
    url: str,
    token_env: str,
    by: str,
    only: bool,
    dry_run: bool,
    embedding_folder: Path | None,
) -> None:
    """Read Markdown, text, HTML and PDF documents, to be quoted from now on.

    Without a folder, what is loaded is embedded again, by another model.
    """
    place = Place(data=data, key_file=key_file, url=url, token_env=token_env)
    with explained():
        found = _read(folders, embedding_folder)
        if folders and not found.documents:
            raise click.ClickException("Nothing can be loaded, and nothing changed.")
        if not dry_run:
            embedder = embedder_of(embedding_folder)
            with alone(data):
                _load(place, found, embedder, by=by.strip(), only=only)
    if found.refused:
        raise SystemExit(1)


@contextmanager
def explained() -> Iterator[None]:
    """Say in a sentence what stands in the way of a load."""
    try:
        with said():
            yield
    except (EmbeddingUnavailableError, ShelfError, OSError, sqlite3.Error) as error:
        raise click.ClickException(str(error)) from None


def _read(folders: Sequence[Path], embedding_folder: Path | None) -> Collection:
    if not folders:
        return Collection(documents=())
    with bar("Reading") as progress:
        found = collect(folders, count=counter(embedding_folder), progress=progress)
    passages = sum(len(each.passages) for each in found.documents)
    click.echo(f"read: {len(found.documents)} documents, {passages} passages")
    for title, sentences in (
        ("refused", found.refused),
        ("to look at", found.notes),
        ("not read, of another kind", found.unread),
    ):
        if sentences:
            click.echo(f"{title}: {len(sentences)}")
        for sentence in sentences:
            click.echo(f"  {sentence}")
    return found


def _load(
    place: Place, found: Collection, embedder: Embedder, *, by: str, only: bool
) -> None:
    if place.url:
        _load_beside(place, found, embedder, by=by, only=only)
        return
    with own_log(place.data, place.key_file) as ledger:
        before = told(ledger.stream)
        command = _prepared(place.data, before, found, embedder, by=by, only=only)
        after = _recorded(ledger, command)
        put_in_place(place.data, after.index)
    _say(before, command)


def _load_beside(
    place: Place, found: Collection, embedder: Embedder, *, by: str, only: bool
) -> None:
    """Load into the folder of a running gateway, which then does the rest."""
    with transcript(place.data, registry=REGISTRY, kek_file=place.key_file) as log:
        before = told(log.stream)
    command = _prepared(place.data, before, found, embedder, by=by, only=only)
    names = ("index", "content", "embedder", "by")
    given = [(name, getattr(command, name)) for name in names]
    running.ask(
        f"{place.url.rstrip('/')}/$load-knowledge",
        place.token_env,
        [*given, ("instead-of", command.instead_of)],
    )
    _say(before, command)


def _prepared(
    data: Path,
    before: Bookshelf,
    found: Collection,
    embedder: Embedder,
    *,
    by: str,
    only: bool,
) -> LoadKnowledge:
    """Keep the documents and make their index, without letting anybody use them."""
    documents = _together(data, before, found, only=only)
    passages = [passage for each in documents for passage in each.passages]
    content = keep(data, documents)
    with bar("Embedding") as progress:
        prepare(data, passages, embedder, progress)
    return loading(
        documents,
        content=content,
        embedder=embedder.identity,
        instead_of=before.index,
        by=by,
        at=datetime.now(UTC),
    )


def _together(
    data: Path, before: Bookshelf, found: Collection, *, only: bool
) -> list[Document]:
    """Return what will be on the shelf: a new version takes the place of the old."""
    known = {} if only or not before.content else _by_name(kept(data, before.content))
    return list({**known, **_by_name(found.documents)}.values())


def _by_name(documents: Sequence[Document]) -> dict[str, Document]:
    return {each.id: each for each in documents}


def _recorded(ledger: Ledger, command: LoadKnowledge) -> Bookshelf:
    context = Context(at=command.at, actor=ACTOR, request=str(uuid4()))
    return ledger.submit_sync(KnowledgeUnit(command=command, context=context))


def _say(before: Bookshelf, command: LoadKnowledge) -> None:
    if command.index == before.index:
        click.echo(f"nothing changed: index {command.index}")
        return
    old = {each.id: each for each in before.documents}
    new = {each.id: each for each in command.documents}
    replaced = sum(old[each] != new[each] for each in old.keys() & new.keys())
    click.echo(
        f"loaded: {len(new.keys() - old.keys())} documents are new, {replaced} replace"
        f" an earlier version, {len(old.keys() - new.keys())} are retired"
    )
    click.echo(f"index: {command.index}")
