"""Reading an open index: who may see what, the vectors, and a passage."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from inference.minilm import Floats
from inference.schema import Passage, Query, SourceKind

# What may be shown: in effect, not expired, of a kind that is wanted, meant for one
# of the populations, and valid where the site is (what holds in GB holds in GB-SCT,
# not the reverse). What was not asked for is not known, and excludes nothing.
_SHOWN = """
SELECT number FROM facet
WHERE effective <= :today AND (expires = '' OR expires >= :today)
  AND (:jurisdiction = '' OR jurisdiction IN ('', :jurisdiction)
      OR substr(:jurisdiction, 1, length(jurisdiction) + 1) = jurisdiction || '-')
  AND (:kinds = '[]' OR kind IN (SELECT value FROM json_each(:kinds)))
  AND (:populations = '[]' OR EXISTS (
      SELECT 1 FROM json_each(facet.population) AS own
      JOIN json_each(:populations) AS wanted ON own.value = wanted.value))
"""
_PASSAGE = """
SELECT id, text, heading, source, kind, date, population, licence, sha256,
    publisher, version, effective, expires, jurisdiction, reviewer
FROM passage JOIN facet ON facet.number = passage.facet
WHERE passage.number = ?
"""


@dataclass(frozen=True, kw_only=True)
class Audience:
    """For whom, where, and on which day passages of which kinds are wanted."""

    population: tuple[str, ...]
    today: date
    jurisdiction: str = ""
    kinds: tuple[SourceKind, ...] = ()

    @classmethod
    def of(cls, query: Query) -> "Audience":
        """Return the audience of a query."""
        return cls(
            population=query.population,
            today=query.today,
            jurisdiction=query.jurisdiction,
            kinds=query.kinds,
        )


@dataclass(frozen=True, kw_only=True)
class Vectors:
    """What is kept in memory of an index; row `i` is of passage number `i + 1`."""

    version: str
    embedder: str
    rows: Floats  # a unit vector each
    facets: NDArray[np.int32]  # what a filter asks about: a number of table `facet`


def read_vectors(index: sqlite3.Connection) -> Vectors:
    """Read every vector into memory: 1.5 kB a passage at a width of 384.

    Raises:
        ValueError: passages are missing, or a vector has another width.

    """
    version, embedder = index.execute("SELECT version, embedder FROM about").fetchone()
    rows = index.execute(
        "SELECT number, facet, vector FROM passage ORDER BY number"
    ).fetchall()
    if [number for number, *_ in rows] != list(range(1, len(rows) + 1)):
        raise ValueError("The index lacks passages.")
    facets = np.array([facet for _, facet, _ in rows], np.int32)
    known = [number for (number,) in index.execute("SELECT number FROM facet")]
    if not np.isin(facets, known).all():
        raise ValueError("The index lacks facets.")
    vectors = np.frombuffer(b"".join(vector for *_, vector in rows), np.float32)
    return Vectors(
        version=version,
        embedder=embedder,
        rows=vectors.reshape(len(rows), -1) if rows else np.empty((0, 0), np.float32),
        facets=facets,
    )


def shown(
    index: sqlite3.Connection, vectors: Vectors, audience: Audience
) -> NDArray[np.bool_]:
    """Say of each passage whether the audience may be shown it.

    Few facets stand for many passages, so that SQL reads a small table.
    """
    values = {
        "today": audience.today.isoformat(),
        "jurisdiction": audience.jurisdiction,
        "kinds": json.dumps(audience.kinds),
        "populations": json.dumps(audience.population),
    }
    allowed = [number for (number,) in index.execute(_SHOWN, values)]
    return np.isin(vectors.facets, np.array(allowed, np.int32))


def read_passage(index: sqlite3.Connection, number: int) -> Passage:
    """Read a passage, without a score.

    Raises:
        ValueError: the row does not hold a passage.

    """
    row = index.execute(_PASSAGE, (number,)).fetchone()
    identifier, text, heading, source, kind, day, population, *rest = row
    licence, sha256, publisher, edition, effective, expires, region, reviewer = rest
    return Passage(
        id=identifier,
        text=text,
        heading=heading,
        source=source,
        kind=SourceKind(kind),
        date=day,
        population=tuple(json.loads(population)),
        licence=licence,
        sha256=sha256,
        publisher=publisher,
        version=edition,
        effective=effective,
        expires=expires,
        jurisdiction=region,
        reviewer=reviewer,
    )
