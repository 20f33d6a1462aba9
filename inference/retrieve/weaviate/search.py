"""One search of one generation: filters, hybrid ranking, and what it brought."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from weaviate.classes.query import Filter, HybridFusion
from weaviate.collections.classes.filters import FilterReturn

from inference.knowledge import content_hash
from inference.minilm import Floats
from inference.retrieve.weaviate.generations import Objects
from inference.retrieve.weaviate.objects import ANYWHERE, instant, read
from inference.schema import Passage, Query, RetrievalUnavailableError

# The heading counts twice, as in the embedded index.
_SEARCHED = ["heading^2", "text"]
_EVENLY = 0.5  # between keywords and meaning; the server's own default is not


Hit = tuple[Mapping[str, Any], float]
"""The properties of an object, and its cosine to the sub-query."""


@dataclass(frozen=True)
class Found:
    """A passage that a sub-query brought, and its cosine to it."""

    passage: Passage
    cosine: float


def shown_to(query: Query, generation: str) -> FilterReturn:
    """Return the filter for what may be shown, of one generation.

    What was not asked for is not known, and excludes nothing. What holds in GB
    holds in GB-SCT, not the reverse.
    """
    today = instant(query.today)
    conditions = (
        Filter.by_property("generation").equal(generation)
        & Filter.by_property("effective").less_or_equal(today)
        & Filter.by_property("expires").greater_or_equal(today)
    )
    if query.population:
        groups = list(query.population)
        conditions &= Filter.by_property("population").contains_any(groups)
    if query.kinds:
        kinds = [kind.value for kind in query.kinds]
        conditions &= Filter.by_property("kind").contains_any(kinds)
    if query.jurisdiction:
        where = [ANYWHERE, *_covering(query.jurisdiction)]
        conditions &= Filter.by_property("jurisdiction").contains_any(where)
    return conditions


def _covering(jurisdiction: str) -> list[str]:
    """Return a region and what it is a part of: GB-SCT, then GB."""
    parts = jurisdiction.split("-")
    return ["-".join(parts[:many]) for many in range(len(parts), 0, -1)]


async def hybrid(
    objects: Objects,
    text: str,
    vector: Floats,
    *,
    among: FilterReturn,
    named: str,
    limit: int,
) -> list[Hit]:
    """Rank by BM25 and by the vector, fuse the ranks; give properties and cosine.

    Fusion and its weight are said outright, for their defaults differ between
    versions of the server. There is no greatest distance: it would drop what only
    the keywords found.
    """
    reply = await objects.query.hybrid(
        text,
        vector=vector.tolist(),
        target_vector=named,
        alpha=_EVENLY,
        fusion_type=HybridFusion.RANKED,
        query_properties=_SEARCHED,
        filters=among,
        limit=limit,
        include_vector=[named],
    )
    return [
        (each.properties, _cosine(vector, each.vector.get(named)))
        for each in reply.objects
    ]


def checked(kept: Mapping[str, Any], cosine: float) -> Found:
    """Read a passage, and refuse one that is not what was loaded.

    Raises:
        RetrievalUnavailableError: its content does not match its hash.

    """
    try:
        passage = read(kept)
    except ValueError:
        passage = None
    if passage is None or content_hash(passage) != passage.sha256:
        raise RetrievalUnavailableError(
            "A passage in Weaviate does not match its hash. Delete the tenant there: it"
            " is filled again."
        )
    return Found(passage, cosine)


def may_be_shown(passage: Passage, query: Query) -> bool:
    """Say again, without trust in the server's filters, whether it may be shown."""
    today = query.today.isoformat()
    return (
        passage.effective <= today
        and (not passage.expires or today <= passage.expires)
        and (not query.population or bool({*passage.population} & {*query.population}))
        and (not query.kinds or passage.kind in query.kinds)
        and _holds_in(passage.jurisdiction, query.jurisdiction)
    )


def _holds_in(region: str, asked: str) -> bool:
    return not asked or not region or region in _covering(asked)


def _cosine(vector: Floats, other: Any) -> float:  # noqa: ANN401 (of several shapes)
    kept = np.asarray(other if other is not None else (), np.float32)
    if kept.shape != vector.shape:
        raise ValueError("The vector has another width.")
    length = float(np.linalg.norm(vector) * np.linalg.norm(kept))
    return float(vector @ kept) / length if length else 0.0
