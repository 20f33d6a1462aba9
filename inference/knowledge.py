"""Documents to passages: what the gateway may quote, and on whose word."""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from inference.division import estimated
from inference.document import (
    Block,
    Section,
    UnusableDocumentError,
    front_matter,
    legible,
    sections,
)
from inference.readers import markdown
from inference.schema import Passage, SourceKind

KINDS = frozenset(kind.value for kind in SourceKind)
POPULATIONS = frozenset({"adult", "child", "pregnant"})
Count = Callable[[str], int]
# A source may be dated to the year, to the month or to the day, as in FHIR.
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
_REGION = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")


@dataclass(frozen=True, kw_only=True)
class Document:
    """The passages of one document; its id is what their ids begin with."""

    id: str
    title: str
    passages: tuple[Passage, ...]

    @property
    def sha256(self) -> str:
        """Return the SHA-256 over all that a reader is shown of it."""
        shown = [self.id, self.title, *([p.id, p.sha256] for p in self.passages)]
        return _sha256(shown)


def starter_folder() -> Path:
    """Return the folder of the knowledge base that comes with the package."""
    return Path(__file__).parent / "starter_knowledge"


def parse_document(text: str, *, name: str, count: Count = estimated) -> list[Passage]:
    """Divide a Markdown document into passages; `name` is its file name.

    An id is `document#section`, with `-2` and so on where a section is divided:
    it stays the same while file name and headings do.

    Raises:
        UnusableDocumentError: the front matter or a section is malformed.

    """
    return list(markdown_document(text, name=name, count=count).passages)


def markdown_document(text: str, *, name: str, count: Count = estimated) -> Document:
    """Read a Markdown document with a front matter; `name` is its file name.

    Raises:
        UnusableDocumentError: the front matter or a section is malformed.

    """
    known, rest, line = front_matter(legible(text), name=name)
    return structured(markdown.blocks(rest, line=line), known, name=name, count=count)


def structured(
    blocks: Iterable[Block],
    known: dict[str, str],
    *,
    name: str,
    count: Count = estimated,
) -> Document:
    """Make a document of the blocks that a reader found, and of its facts.

    Raises:
        UnusableDocumentError: a fact or a section is malformed, or one id occurs twice.

    """
    document = _slug(Path(name).stem)
    passages: dict[str, Passage] = {}
    for section in sections(blocks, known, name=name, count=count):
        for passage in _passages(section, document, name):
            if passage.id in passages:
                raise UnusableDocumentError(
                    f"{name}, {section.place}: the passage id {passage.id} exists"
                    " already. Rename the section."
                )
            passages[passage.id] = passage
    return Document(
        id=document, title=known["title"], passages=tuple(passages.values())
    )


def content_hash(passage: Passage) -> str:
    """Return the SHA-256 over everything of a passage that a reader is shown."""
    return _sha256(
        [
            passage.heading,
            passage.text,
            passage.source,
            passage.kind.value,
            passage.date,
            list(passage.population),
            passage.licence,
            passage.publisher,
            passage.version,
            passage.effective,
            passage.expires,
            passage.jurisdiction,
            passage.reviewer,
        ]
    )


def index_version(passages: Iterable[Passage], *, embedder: str) -> str:
    """Name an index by what is in it: its passages and the embedder's identity."""
    entries = sorted(f"{each.id} {each.sha256}" for each in passages)
    return hashlib.sha256("\n".join([embedder, *entries]).encode()).hexdigest()


def _passages(section: Section, document: str, name: str) -> Iterator[Passage]:
    facts = section.facts
    where = f"{name}, {section.place}"
    _require_no_bare_review(facts, where)
    path = dict.fromkeys([facts["title"], *section.path])
    slug = f"{document}#{_slug('-'.join(section.path or (facts['title'],)))}"
    for number, text in enumerate(section.parts, 1):
        passage = Passage(
            id=slug if number == 1 else f"{slug}-{number}",
            text=text,
            heading=": ".join(path),
            source=facts["source"],
            kind=SourceKind(_one_of(facts["kind"], KINDS, where)),
            date=_dated(facts["date"], where),
            population=_population(facts["population"], where),
            licence=facts["licence"],
            sha256="",
            publisher=facts.get("publisher", ""),
            version=facts.get("version", ""),
            effective=_day(facts, "effective", where),
            expires=_day(facts, "expires", where),
            jurisdiction=_region(facts.get("jurisdiction", ""), where),
            reviewer=facts.get("reviewer", ""),
        )
        yield replace(passage, sha256=content_hash(passage))


def _require_no_bare_review(facts: Mapping[str, str], where: str) -> None:
    """Refuse a review of which nobody says who made it."""
    if facts.get("reviewed", "false") != "false":
        raise UnusableDocumentError(
            f"{where}: say by whom it was reviewed (`reviewer: NAME`), or `reviewed:"
            " false`."
        )


def _sha256(content: Sequence[object]) -> str:
    canonical = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _slug(text: str) -> str:
    return re.sub(r"[\W_]+", "-", text.casefold()).strip("-")


def _population(value: str, where: str) -> tuple[str, ...]:
    groups = (group.strip() for group in value.split(","))
    return tuple(_one_of(group, POPULATIONS, where) for group in groups)


def _one_of(value: str, known: Collection[str], where: str) -> str:
    if value not in known:
        raise UnusableDocumentError(
            f"{where}: {value!r} is not one of {', '.join(sorted(known))}."
        )
    return value


def _region(value: str, where: str) -> str:
    if value and not _REGION.fullmatch(value):
        raise UnusableDocumentError(
            f"{where}: {value!r} is no country or region of ISO 3166, such as CH or"
            " GB-SCT."
        )
    return value


def _day(facts: Mapping[str, str], key: str, where: str) -> str:
    """Return the first day of a date, and nothing for nothing."""
    if key not in facts:
        return ""
    year, month, day, *_ = [*_dated(facts[key], where).split("-"), "01", "01"]
    return f"{year}-{month}-{day}"


def _dated(value: str, where: str) -> str:
    match = _DATE.fullmatch(value)
    parts = [int(part or 1) for part in match.groups()] if match else [0, 0, 0]
    try:
        date(*parts)
    except ValueError:
        raise UnusableDocumentError(
            f"{where}: {value!r} is not a date such as 2021, 2021-09 or 2021-09-30."
        ) from None
    return value
