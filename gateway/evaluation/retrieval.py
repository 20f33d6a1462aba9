"""Labelled queries: which documents of a knowledge base answer a text."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import yaml

from gateway.evaluation.cases import CasesError
from inference.collection import load_folder
from inference.document import UnusableDocumentError
from inference.knowledge import parse_document
from inference.schema import Passage

OPENEM = Path("corpus") / "tier1" / "conditions"
_OPENEM_QUERIES = Path("evaluation") / "retrieval_ground_truth.jsonl"
_OPENEM_CAVEAT = (
    "The openem corpus was compiled by machine; its own notes say that physicians"
    " reviewed 80 of its 370 conditions. It measures retrieval, and is no guideline."
)


@dataclass(frozen=True, kw_only=True)
class LabelledQuery:
    """A text to search with, and the documents that answer it; () where none does."""

    text: str
    documents: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Library:
    """A knowledge base with labelled queries, and what a reader must know of it."""

    name: str
    passages: tuple[Passage, ...]
    queries: tuple[LabelledQuery, ...]
    caveats: tuple[str, ...] = ()


class _Row(msgspec.Struct, forbid_unknown_fields=True):
    query: str
    documents: list[str]
    group: str = ""


def document_of(passage: Passage) -> str:
    """Return the id of the document that a passage is a part of."""
    return passage.id.partition("#")[0]


def read(folder: Path, queries: Sequence[Path], beside: Sequence[Path] = ()) -> Library:
    """Read a folder of documents, or the openem corpus, with its labelled queries.

    Documents `beside` it are in the way: none of them answers a query.

    Raises:
        CasesError: a document or a query cannot be used, or none is labelled.

    """
    openem = (folder / OPENEM).is_dir()
    labelled = _openem_queries(folder) if openem else []
    for path in queries:
        labelled.extend(read_queries(path))
    if not labelled:
        raise CasesError(
            f'{folder}: no query is labelled. Name a file with {{"query": ...,'
            ' "documents": [...]} lines by --queries.'
        )
    try:
        passages = [each for place in (folder, *beside) for each in _passages(place)]
    except UnusableDocumentError as error:
        raise CasesError(str(error)) from None
    _require_known(labelled, passages)
    return Library(
        name=" beside ".join(place.name for place in (folder, *beside)),
        passages=tuple(passages),
        queries=tuple(labelled),
        caveats=(_OPENEM_CAVEAT,) if openem else (),
    )


def read_queries(path: Path) -> list[LabelledQuery]:
    """Read labelled queries: a JSON object a line.

    Raises:
        CasesError: a line is malformed; the sentence has its number.

    """
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            row = msgspec.json.decode(line, type=_Row)
        except msgspec.MsgspecError as error:
            raise CasesError(f"{path}, line {number}: {error}.") from None
        found.append(LabelledQuery(text=row.query, documents=tuple(row.documents)))
    return found


def _require_known(
    queries: Sequence[LabelledQuery], passages: Sequence[Passage]
) -> None:
    """Refuse labels that no search could ever find."""
    known = {document_of(passage) for passage in passages}
    wanted = {name for each in queries for name in each.documents}
    if unknown := sorted(wanted - known):
        raise CasesError(
            f"No document is called {', '.join(unknown)}. A document's name is the part"
            " of its passages' ids before the #."
        )


def _passages(folder: Path) -> Iterable[Passage]:
    return _openem(folder) if (folder / OPENEM).is_dir() else load_folder(folder)


def _openem_queries(folder: Path) -> list[LabelledQuery]:
    lines = (folder / _OPENEM_QUERIES).read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line]
    return [
        LabelledQuery(text=row["query"], documents=tuple(row["expected_condition_ids"]))
        for row in rows
    ]


def _openem(folder: Path) -> Iterator[Passage]:
    for path in sorted((folder / OPENEM).glob("*.md")):
        _, facts, body = path.read_text("utf-8").split("---\n", 2)
        known = yaml.safe_load(facts)
        yield from parse_document(f"{_front_matter(known)}{body}", name=path.name)


def _front_matter(known: Mapping[str, object]) -> str:
    """Write what openem says of a condition as the facts of a knowledge document."""
    facts = {
        "title": known["condition"],
        "kind": "medical-reference",
        "source": f"openem-corpus, {known['condition']}",
        "date": known["last_updated"],
        "population": "adult, child, pregnant",
        "licence": "Apache-2.0",
    }
    lines = "".join(f"{key}: {value}\n" for key, value in facts.items())
    return f"---\n{lines}---\n"
