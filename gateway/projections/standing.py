"""The resources of a type as they stood at one moment of the log, in its order.

A moment is a serial number: no version beyond it counts. Every version is kept, so the
same moment can be read for as long as it is wanted, whatever is written meanwhile; what
was purged since, because a patient was erased, is not there any more. Nor is a version
before it, which may be about somebody else: nobody can say until when it stood.
"""

import sqlite3
from collections.abc import Iterator
from typing import Final, NamedTuple

from gateway.projections.rows import EACH

_STOOD: Final = (
    "FROM resource AS r WHERE type = ? AND serial > ? AND serial <= ? AND at >= ? "
    "AND deleted = ? AND IFNULL((SELECT later.version = r.version + 1 "
    "AND later.serial > ? FROM resource AS later WHERE later.type = r.type "
    "AND later.key = r.key AND later.version > r.version "
    "ORDER BY later.version LIMIT 1), 1) ORDER BY serial"
)
_SIZES: Final = f"SELECT serial, LENGTH(body) {_STOOD}"
_SERIALS: Final = f"SELECT serial {_STOOD}"


class Slice(NamedTuple):
    """What stood at a moment, beyond one serial number up to another."""

    kind: str
    after: int
    until: int
    moment: int
    since: int
    """Changed at this instant or later (microseconds since 1970)."""
    deleted: bool = False
    """What is gone, instead of what stands: its newest version says so."""


class Part(NamedTuple):
    """A part of what stood, small enough for one file; how many there are."""

    after: int
    until: int
    number: int


def moment_of(position: int) -> int:
    """Return the moment after an event of the log."""
    return (position + 1) * EACH - 1


def parts(
    connection: sqlite3.Connection, whole: Slice, *, most: int, size: int
) -> Iterator[Part]:
    """Divide a slice into parts of at most so many versions and bytes."""
    after, last, number, held = whole.after, whole.after, 0, 0
    for serial, length in connection.execute(_SIZES, _values(whole)):
        if number and (number == most or held + length > size):
            yield Part(after, last, number)
            after, number, held = last, 0, 0
        last, number, held = serial, number + 1, held + length
    if number:
        yield Part(after, last, number)


def serials(connection: sqlite3.Connection, of: Slice) -> list[int]:
    """Return the serial numbers of what stood."""
    return [serial for (serial,) in connection.execute(_SERIALS, _values(of))]


def _values(of: Slice) -> tuple[str | int, ...]:
    return (of.kind, of.after, of.until, of.since, of.deleted, of.moment)
