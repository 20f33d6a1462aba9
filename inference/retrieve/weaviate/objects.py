"""A passage as a Weaviate object, and back."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from weaviate.classes.config import DataType, Property, Tokenization

from inference.schema import Passage, SourceKind

# Weaviate counts dates in nanoseconds of 64 bits: from 1678 to 2262. These stand
# for "always" and "never", so that no filter has to look for missing values.
_ALWAYS = date(1700, 1, 1)
_NEVER = date(2200, 1, 1)
ANYWHERE = "anywhere"  # no code of ISO 3166
_IDS = UUID("6d5f0f0e-6f1c-5a53-9f0e-0c6f8f7f6b5e")


def properties() -> list[Property]:
    """Return the properties of a collection of passages.

    Keywords are looked for in heading and text. The other texts are compared as a
    whole, or only kept.
    """
    return [
        *(_searched(name) for name in ("heading", "text")),
        *(_compared(name) for name in ("generation", "kind", "jurisdiction")),
        _compared("population", DataType.TEXT_ARRAY),
        *(_day(name) for name in ("effective", "expires")),
        *(_kept(name) for name in ("passage", "source", "date", "licence", "sha256")),
        *(_kept(name) for name in ("publisher", "version", "reviewer")),
        *(_kept(name) for name in ("effective_text", "expires_text", "region")),
        _kept("audience", DataType.TEXT_ARRAY),
    ]


def object_id(tenant: str, generation: str, passage: str) -> UUID:
    """Return the id of an object: the same for the same, so a load can be repeated."""
    return uuid5(_IDS, f"{tenant}\n{generation}\n{passage}")


def written(passage: Passage, generation: str) -> dict[str, Any]:
    """Return the properties of a passage's object in one generation."""
    return {
        "generation": generation,
        "passage": passage.id,
        "heading": passage.heading,
        "text": passage.text,
        "source": passage.source,
        "kind": passage.kind.value,
        "date": passage.date,
        "population": sorted(set(passage.population)),
        "audience": list(passage.population),
        "licence": passage.licence,
        "sha256": passage.sha256,
        "publisher": passage.publisher,
        "version": passage.version,
        "effective": instant(_parsed(passage.effective, _ALWAYS)),
        "effective_text": passage.effective,
        "expires": instant(_parsed(passage.expires, _NEVER)),
        "expires_text": passage.expires,
        "jurisdiction": passage.jurisdiction or ANYWHERE,
        "region": passage.jurisdiction,
        "reviewer": passage.reviewer,
    }


def read(kept: Mapping[str, Any]) -> Passage:
    """Return the passage of an object's properties, without a score.

    Raises:
        ValueError: the kind is none that is known, or a value is no text.

    """
    return Passage(
        id=_text(kept, "passage"),
        text=_text(kept, "text"),
        heading=_text(kept, "heading"),
        source=_text(kept, "source"),
        kind=SourceKind(_text(kept, "kind")),
        date=_text(kept, "date"),
        population=tuple(kept.get("audience") or ()),
        licence=_text(kept, "licence"),
        sha256=_text(kept, "sha256"),
        publisher=_text(kept, "publisher"),
        version=_text(kept, "version"),
        effective=_text(kept, "effective_text"),
        expires=_text(kept, "expires_text"),
        jurisdiction=_text(kept, "region"),
        reviewer=_text(kept, "reviewer"),
    )


def instant(day: date) -> datetime:
    """Return the beginning of a day in UTC, within what Weaviate can compare."""
    bounded = min(max(day, _ALWAYS), _NEVER)
    return datetime(bounded.year, bounded.month, bounded.day, tzinfo=UTC)


def _parsed(day: str, absent: date) -> date:
    return date.fromisoformat(day) if day else absent


def _text(kept: Mapping[str, Any], name: str) -> str:
    value = kept.get(name) or ""  # an empty one may come back as nothing
    if not isinstance(value, str):
        raise ValueError(f"The property {name} is no text.")  # noqa: TRY004
    return value


def _searched(name: str) -> Property:
    return Property(
        name=name,
        data_type=DataType.TEXT,
        tokenization=Tokenization.WORD,
        index_searchable=True,
        index_filterable=False,
    )


def _compared(name: str, data_type: DataType = DataType.TEXT) -> Property:
    return Property(
        name=name,
        data_type=data_type,
        tokenization=Tokenization.FIELD,
        index_searchable=False,
        index_filterable=True,
    )


def _day(name: str) -> Property:
    return Property(
        name=name,
        data_type=DataType.DATE,
        index_filterable=True,
        index_range_filters=True,
    )


def _kept(name: str, data_type: DataType = DataType.TEXT) -> Property:
    return Property(
        name=name,
        data_type=data_type,
        index_searchable=False,
        index_filterable=False,
    )
