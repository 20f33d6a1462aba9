"""What the knowledge base says: texts that tell nobody from anybody else.

A draft quotes its passages, and a complaint may be in the very words of a guideline.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

from gateway.store.backup import DOCUMENTS
from inference.schema import Passage
from inference.shelf import ShelfError, kept


def stated(folder: Path, values: Iterable[str]) -> set[str]:
    """Return the values that stand in a passage which was ever loaded into a folder.

    The files of the knowledge base hold these whoever is erased; in any other file they
    may tell a patient, who may be called like a word in a guideline.

    A document that was retired, or changed by hand, is still a file of that folder;
    what only one that was changed states is nobody's word, and so is not returned.
    Small and capital letters are the same: files are searched for values in either.
    """
    texts = {_told(each).lower() for each in _passages(folder)}
    return {value for value in values if any(value.lower() in text for text in texts)}


def _passages(folder: Path) -> Iterator[Passage]:
    for file in folder.glob(DOCUMENTS):
        with suppress(ShelfError):
            for document in kept(folder, file.stem):
                yield from document.passages


def _told(passage: Passage) -> str:
    return "\n".join(each for each in astuple(passage) if isinstance(each, str))
