"""What comes along with matches: `_include` and `_revinclude`.

It passes the same question as a match: whether the caller may see it.
(https://hl7.org/fhir/R4/search.html#include)
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

from fhir_profiles.lexical import parse
from fhir_profiles.search_parameters import parameters
from gateway.http.services import Services
from gateway.projections import resources
from gateway.projections.asking import TooCostlySearchError
from gateway.projections.controls import Include
from gateway.projections.database import Database
from gateway.projections.indexing import values
from gateway.projections.parameters import numbers, stored
from gateway.projections.resources import LARGEST_PAGE, Version

Visible = Callable[[Version], bool]
Resource = dict[str, Any]

MOST_INCLUDED: Final = 1000
"""Resources that come along with one page."""

MOST_READ: Final = 20_000
"""Resources that are read for it, also those that are there already or not shown."""
_MOST_ROUNDS: Final = 5


@dataclass(kw_only=True)
class _Room:
    """How much may still come along with a page: resources, reads of them, bytes."""

    resources: int
    reads: int
    bytes: int

    def look(self) -> None:
        """Count a resource that was read."""
        self.reads -= 1
        self._require_some()

    def take(self, one: Version) -> None:
        """Count a resource that comes along."""
        self.resources -= 1
        self.bytes -= len(one.body)
        self._require_some()

    def _require_some(self) -> None:
        if min(self.resources, self.reads, self.bytes) < 0:
            raise TooCostlySearchError(
                "_include",
                f"More than {MOST_INCLUDED} resources, or very large ones, would come "
                "along: send a smaller _count, or search for them by themselves.",
            )


class Shelves:
    """The read models of each type, opened when they are first asked for."""

    def __init__(self, services: Services, held: ExitStack) -> None:
        self._services = services
        self._held = held
        self._opened: dict[int, sqlite3.Connection] = {}

    def of(self, kind: str) -> tuple[Database, sqlite3.Connection]:
        """Return where resources of a type are, all in the state of one moment."""
        database = self._services.holding(kind).database
        if id(database) not in self._opened:
            connection = self._held.enter_context(database.reader())
            self._opened[id(database)] = connection
        return database, self._opened[id(database)]


def included(
    shelves: Shelves,
    includes: Sequence[Include],
    matches: Sequence[Version],
    *,
    base: str,
    visible: Visible,
) -> list[Version]:
    """Return what comes along with matches, each resource once.

    Raises:
        TooCostlySearchError: it is more than a page may bring.

    """
    known = {str(each.reference.unversioned()) for each in matches}
    found: list[Version] = []
    room = _Room(resources=MOST_INCLUDED, reads=MOST_READ, bytes=LARGEST_PAGE)
    fresh, round_ = list(matches), 0
    while fresh and round_ < _MOST_ROUNDS:
        active = [each for each in includes if each.iterate or round_ == 0]
        coming = _round(shelves, active, fresh, base)
        fresh = list(_new(coming, known, visible, room))
        found += fresh
        round_ += 1
    return found


def _new(
    coming: Iterable[Version], known: set[str], visible: Visible, room: _Room
) -> Iterator[Version]:
    for each in coming:
        room.look()
        address = str(each.reference.unversioned())
        if address in known or not visible(each):
            continue
        known.add(address)
        room.take(each)
        yield each


def _round(
    shelves: Shelves, includes: Sequence[Include], fresh: Sequence[Version], base: str
) -> Iterator[Version]:
    for include in includes:
        for version in fresh:
            if include.reverse:
                yield from _referring(shelves, include, version)
            elif version.reference.type == include.type:
                yield from _referred(shelves, include, version, base)


def _referred(
    shelves: Shelves, include: Include, version: Version, base: str
) -> Iterator[Version]:
    """Give what a resource refers to."""
    kind, targets = include.type, _targets(include)
    content = parse(version.body)
    for each in stored(kind, parameters(kind)[include.parameter]):
        for value in values(content, each):
            text = value.get("reference", "") if isinstance(value, dict) else value
            local = str(text).removeprefix(f"{base}/").partition("/_history/")[0]
            aim = local.partition("/")[0]
            if "/" in local and (not targets or aim in targets):
                yield from _current(shelves, aim, local)


def _targets(include: Include) -> tuple[str, ...]:
    known = parameters(include.type)[include.parameter].targets
    return (include.target,) if include.target else known


def _current(shelves: Shelves, kind: str, address: str) -> Iterator[Version]:
    database, connection = shelves.of(kind)
    row = connection.execute(
        "SELECT serial FROM latest WHERE address = ?", (database.digests.word(address),)
    ).fetchone()
    found = resources.numbered(database, connection, row[0]) if row else None
    if found is not None:
        yield found


def _referring(
    shelves: Shelves, include: Include, version: Version
) -> Iterator[Version]:
    """Give what refers to a resource, the newest first."""
    known = parameters(include.type)[include.parameter].targets
    kind = version.reference.type
    if (known and kind not in known) or include.target not in ("", kind):
        return
    database, connection = shelves.of(include.type)
    address = database.address(version.reference)
    for number in numbers(include.type, include.parameter):
        rows = connection.execute(
            "SELECT serial FROM term INDEXED BY term_filed WHERE param = ? "
            "AND digest = ? ORDER BY serial DESC LIMIT ?",
            (number, address, MOST_READ + 1),
        )
        for (serial,) in rows:
            found = resources.numbered(database, connection, serial)
            if found is not None:
                yield found
