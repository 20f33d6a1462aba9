"""What was loaded, kept in a data folder: documents by their hash, and the index.

A load writes the documents and the index beside those in use, and puts the index in
their place by one rename: whoever is killed meanwhile leaves the old or the new.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from inference.embed import Embedder
from inference.knowledge import Document, content_hash, index_version
from inference.retrieve.index import (
    ensure_index,
    no_progress,
    opened,
    read_version,
)
from inference.schema import Passage, SourceKind

INDEX = "knowledge.sqlite"
_FOLDER = "knowledge"
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ShelfError(Exception):
    """What was loaded is missing or was changed; the message says what to do."""


def keep(data: Path, documents: Iterable[Document]) -> str:
    """Keep documents in a data folder, durably; return the hash of their file.

    Raises:
        OSError: the folder cannot be written.

    """
    lines = sorted(_line(each) for each in documents)
    content = "".join(lines).encode()
    name = hashlib.sha256(content).hexdigest()
    file = _file(data, name)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, prefix=".kept-", delete=False) as new:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
        Path(new.name).replace(file)
        _settle(file.parent)
    return name


def kept(data: Path, content: str) -> list[Document]:
    """Return the documents that were kept under a hash.

    Raises:
        ShelfError: they are not there, or not what they were.

    """
    try:
        read = _file(data, content).read_bytes()
    except (OSError, ValueError) as error:
        raise ShelfError(
            "The documents that were loaded are not in this data folder: load them"
            " here, too (triage-gateway knowledge load)."
        ) from error
    if hashlib.sha256(read).hexdigest() != content:
        raise ShelfError(
            "The documents that were loaded were changed since: restore the data"
            " folder's knowledge/ from a backup, or load them again."
        )
    return [_document(json.loads(line)) for line in read.splitlines()]


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Keep other loads into a data folder away; ends with its process.

    Raises:
        ShelfError: another load is running.
        OSError: the folder cannot be written.

    """
    (data / _FOLDER).mkdir(parents=True, exist_ok=True)
    with (data / _FOLDER / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ShelfError(
                "Knowledge is being loaded into this data folder: wait until that is"
                " done."
            ) from None
        _tidy(data / _FOLDER)
        yield


def prepare(
    data: Path,
    passages: Sequence[Passage],
    embedder: Embedder,
    progress: Callable[[int, int], None] = no_progress,
) -> str:
    """Make the index of passages beside the one in use; return its version.

    Where the one in use is it, or has the vectors already, that spares the work.

    Raises:
        OSError: the folder cannot be written.
        sqlite3.Error: the disk is full.

    """
    version = index_version(passages, embedder=embedder.identity)
    current, prepared = data / INDEX, _prepared(data, version)
    if version_of(current) != version:
        if version_of(current) and not prepared.exists():
            prepared.hardlink_to(current)
        ensure_index(prepared, passages, embedder, progress)
    return version


def is_ready(data: Path, version: str) -> bool:
    """Say whether the index of a version is in use, or prepared to be."""
    return version in (version_of(data / INDEX), version_of(_prepared(data, version)))


def put_in_place(data: Path, version: str) -> bool:
    """Let the index of a version be the one in use; say whether it is.

    Raises:
        OSError: the folder cannot be written.

    """
    prepared = _prepared(data, version)
    if version_of(prepared) == version:
        prepared.replace(data / INDEX)
        _settle(data)
    if version_of(data / INDEX) != version:
        return False
    for each in prepared.parent.glob("*.sqlite"):  # of loads that came to nothing
        each.unlink(missing_ok=True)
    return True


def version_of(index: Path) -> str:
    """Return the version of an index file, "" where there is none that can be read."""
    with suppress(sqlite3.Error, ValueError), opened(index) as connection:
        return read_version(connection)
    return ""


def altered(documents: Iterable[Document]) -> list[str]:
    """Return the ids of the passages that are not what their hashes say."""
    return [
        passage.id
        for each in documents
        for passage in each.passages
        if content_hash(passage) != passage.sha256
    ]


def _tidy(folder: Path) -> None:
    """Remove what an interrupted load has left half.

    Documents stay, also those of earlier indexes: an assessment may have quoted them.
    A finished index that nobody has put in its place stays, too, for the next start.
    """
    for each in folder.glob(".kept-*"):
        each.unlink(missing_ok=True)
    for each in folder.glob(".index-*"):
        shutil.rmtree(each, ignore_errors=True)


def _line(document: Document) -> str:
    passages = [
        {name: value for name, value in asdict(each).items() if name != "score"}
        for each in document.passages
    ]
    content = {"id": document.id, "title": document.title, "passages": passages}
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return f"{text}\n"


def _document(content: dict[str, Any]) -> Document:
    passages = tuple(
        Passage(
            **{
                **each,
                "kind": SourceKind(each["kind"]),
                "population": tuple(each["population"]),
            }
        )
        for each in content["passages"]
    )
    return Document(id=content["id"], title=content["title"], passages=passages)


def _file(data: Path, content: str) -> Path:
    """Return where documents of a hash are kept; nothing else becomes a path."""
    if not _SHA256.fullmatch(content):
        raise ValueError("no SHA-256 in hex")
    return data / _FOLDER / f"{content}.jsonl"


def _prepared(data: Path, version: str) -> Path:
    return data / _FOLDER / f"{version}.sqlite"


def _settle(folder: Path) -> None:
    """Make a rename in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
