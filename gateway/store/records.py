"""What goes into the log and what comes out of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

import msgspec


class Event(Protocol):
    """A fact: a frozen dataclass that carries its name on the wire."""

    topic: ClassVar[str]


def _unheard(events: Sequence[Event]) -> None:
    """Tell nobody."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """When, by whom, from where and in which request something was recorded.

    `note` is told, in the writer's thread, what a unit of work is about to append; it
    is not kept, should the unit fail later.
    """

    at: datetime
    actor: str
    request: str
    address: str = ""  # of the network, as the connection says
    note: Callable[[Sequence[Event]], None] = field(
        default=_unheard, compare=False, repr=False
    )


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event as the log holds it: a struct, since a replay makes one for each row."""

    position: int
    stream: str
    version: int
    topic: str
    at: datetime
    actor: str
    request: str
    event: Event
    address: str = ""


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of an event whose subject's key was destroyed: its place."""

    position: int
    version: int
    topic: str


class Passed(Erased, frozen=True, kw_only=True):
    """The place of an event that the reader did not ask for, so nobody opened it."""


class Unreadable(Erased, frozen=True, kw_only=True):
    """The place of an event that cannot be read, and the class of the error."""

    error: str


def is_heavy(state: object) -> bool:
    """Say whether a state calls itself too large to be one of thousands in memory."""
    return bool(getattr(state, "heavy", False))
