"""Documents to passages: what the gateway may quote, and on whose word."""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from inference.document import Section, UnusableDocumentError, sections
from inference.schema import Passage, SourceKind

KINDS = frozenset(kind.value for kind in SourceKind)
POPULATIONS = frozenset({"adult", "child", "pregnant"})
# A source may be dated to the year, to the month or to the day, as in FHIR.
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


@dataclass(frozen=True, kw_only=True)
class KnowledgePassage(Passage):
    """A passage as it is kept: with the last day on which it may be shown.

    `expires` is an ISO date, or empty for a passage that does not expire. A year
    or a month alone means its first day.
    """

    expires: str = ""


def starter_folder() -> Path:
    """Return the folder of the knowledge base that comes with the package."""
    return Path(__file__).parent / "starter_knowledge"


def load_folder(path: Path) -> list[KnowledgePassage]:
    """Read every Markdown document below a folder, in a stable order.

    Raises:
        UnusableDocumentError: a document is malformed, two passages have the
            same id, or the folder holds no document.

    """
    files = sorted(path.rglob("*.md"))
    if not files:
        raise UnusableDocumentError(f"{path}: no Markdown document (*.md) is in it.")
    passages: dict[str, KnowledgePassage] = {}
    for file in files:
        for passage in load_document(file):
            if passage.id in passages:
                raise UnusableDocumentError(
                    f"{file}: the passage id {passage.id} exists already. Rename"
                    " the file or the section."
                )
            passages[passage.id] = passage
    return list(passages.values())


def load_document(path: Path) -> list[KnowledgePassage]:
    """Read one Markdown document.

    Raises:
        UnusableDocumentError: it is not UTF-8, or malformed.

    """
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UnusableDocumentError(f"{path}: not UTF-8; save it as UTF-8.") from error
    return parse_document(text, name=path.name)


def parse_document(text: str, *, name: str) -> list[KnowledgePassage]:
    """Divide a document's text into passages; `name` is its file name.

    An id is `document#section`, with `-2` and so on where a section is divided:
    it stays the same while file name and heading do.

    Raises:
        UnusableDocumentError: the front matter or a section is malformed.

    """
    return [
        passage
        for section in sections(text, name=name)
        for passage in _passages(section, name)
    ]


def content_hash(passage: Passage) -> str:
    """Return the SHA-256 over everything of a passage that a reader is shown."""
    shown = [
        passage.heading,
        passage.text,
        passage.source,
        passage.kind.value,
        passage.date,
        list(passage.population),
        passage.licence,
        passage.reviewed,
    ]
    canonical = json.dumps(shown, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def index_version(passages: Iterable[KnowledgePassage], *, embedder: str) -> str:
    """Name an index by what is in it: its passages and the embedder's identity."""
    entries = sorted(f"{each.id} {each.sha256} {each.expires}" for each in passages)
    return hashlib.sha256("\n".join([embedder, *entries]).encode()).hexdigest()


def _passages(section: Section, name: str) -> Iterator[KnowledgePassage]:
    facts = section.facts
    where = f"{name}, line {section.line}"
    heading = [facts["title"], section.heading]
    slug = f"{_slug(Path(name).stem)}#{_slug(section.heading)}"
    for number, text in enumerate(section.parts, 1):
        passage = KnowledgePassage(
            id=slug if number == 1 else f"{slug}-{number}",
            text=text,
            heading=": ".join(dict.fromkeys(heading)),
            source=facts["source"],
            kind=SourceKind(_one_of(facts["kind"], KINDS, where)),
            date=_dated(facts["date"], where),
            population=_population(facts["population"], where),
            licence=facts["licence"],
            sha256="",
            reviewed=_one_of(facts["reviewed"], {"true", "false"}, where) == "true",
            expires=_dated(facts["expires"], where) if "expires" in facts else "",
        )
        yield replace(passage, sha256=content_hash(passage))


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
