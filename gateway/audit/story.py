"""The life of one case, ready to be told: the same for a terminal and for a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Teller(StrEnum):
    """Who did what an entry tells of."""

    SENDER = "sender"
    GATEWAY = "gateway"
    RULES = "rules"
    MODEL = "model"
    NURSE = "nurse"
    READER = "reader"
    ERASED = "erased"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Labels and what they say."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Sentences under a heading."""

    title: str
    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under a heading; each row has a cell for every column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Fold:
    """A long text that is shown when it is asked for, character by character."""

    title: str
    text: str


Block = Facts | Listing | Table | Fold


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened. Of what was erased only position and name are left."""

    position: int
    at: datetime | None
    teller: Teller
    who: str
    title: str
    blocks: tuple[Block, ...] = ()
    also: tuple[int, ...] = ()  # further positions: one entry may tell of many rows

    @property
    def positions(self) -> tuple[int, ...]:
        """Return where the log proves it: every row that the entry tells of."""
        return self.position, *self.also


@dataclass(frozen=True, kw_only=True)
class Story:
    """Everything the log knows of a case, up to the position `head`."""

    case_id: str
    tenant: str
    head: int
    outcome: Facts
    durations: Table
    entries: tuple[Entry, ...]
    reads: Table
    versions: Facts
    erased: int


def in_order(told: Iterable[Entry], reads: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return entries in the order of the log, and each read at its time among them.

    Reads gather before they are written down: in the log they stand a little later
    than they happened.
    """
    ordered = sorted(told, key=lambda entry: entry.position)
    placed = [(entry.position, 0, entry) for entry in ordered]
    for place, read in enumerate(sorted(reads, key=_when), 1):
        before = [
            entry.position
            for entry in ordered
            if entry.position < read.position and _is_before(entry, read)
        ]
        placed.append((before[-1] if before else 0, place, read))
    return tuple(entry for *_, entry in sorted(placed, key=lambda each: each[:2]))


def _when(read: Entry) -> tuple[bool, float, int]:
    """Order reads by time; those that tell none come last, as they were written."""
    at = None if read.at is None else read.at.timestamp()
    return at is None, at or 0.0, read.position


def _is_before(entry: Entry, read: Entry) -> bool:
    return entry.at is None or read.at is None or entry.at <= read.at


def pauses(entries: tuple[Entry, ...]) -> tuple[timedelta | None, ...]:
    """Return how long after the one before it each entry happened, where known."""
    found: list[timedelta | None] = []
    before: datetime | None = None
    for entry in entries:
        found.append(entry.at - before if entry.at and before else None)
        before = entry.at or before
    return tuple(found)
