"""What goes into the log and what comes out of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol


class Event(Protocol):
    """A fact: a frozen dataclass that carries its name on the wire."""

    topic: ClassVar[str]


@dataclass(frozen=True, kw_only=True)
class Context:
    """When, by whom and in which request something was recorded."""

    at: datetime
    actor: str
    request: str


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """An event as the log holds it."""

    position: int
    stream: str
    version: int
    topic: str
    at: datetime
    actor: str
    request: str
    event: Event


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What is left of an event whose subject's key was destroyed: its place."""

    position: int
    version: int
    topic: str
