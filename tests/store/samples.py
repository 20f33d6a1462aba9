"""A small domain for the log's tests, and the ways in which a file is attacked."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import ClassVar, Literal

import psycopg
from psycopg.sql import SQL, Identifier

from gateway.store.ledger import Ledger
from gateway.store.postgres.dialect import spoken
from gateway.store.records import Context
from gateway.store.server import Server, remembered
from gateway.store.session import Session

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
CONTEXT = Context(at=AT, actor="Device/feed", request="req-1")


class Unit(StrEnum):
    CELSIUS = "Cel"
    PERCENT = "%"


class Level(IntEnum):
    HIGH = 1
    LOW = 5


@dataclass(frozen=True, kw_only=True)
class Value:
    number: Decimal
    unit: Unit | None = None


@dataclass(frozen=True, kw_only=True)
class Noted:
    """Somebody wrote something down."""

    topic: ClassVar[str] = "note.noted.v1"
    text: str
    received: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Something of every kind of value that an event may hold."""

    topic: ClassVar[str] = "vital.measured.v1"
    values: tuple[Value, ...]
    at: datetime
    level: Level
    side: Literal["left", "right"]
    received: bytes
    by_name: dict[str, int]
    best: Value | None = None
    exact: bool = True


REGISTRY: dict[str, type] = {kind.topic: kind for kind in (Noted, Measured)}


class Servers:
    """Where the logs of folders are; a fixture says so for each test."""

    of: Callable[[Path], Server | None] = staticmethod(lambda _folder: None)


def opened(folder: Path, **options) -> Ledger:
    where = {"server": Servers.of(folder), **options}
    return Ledger.open(folder, registry=REGISTRY, **where)


def note(stream: str, *texts: str, subject: str = ""):
    """Return a unit that appends notes and answers with the stream's version."""

    def work(session: Session) -> int:
        events = [Noted(text=text) for text in texts]
        session.append(stream, events, subject=subject, context=CONTEXT)
        return session.load(stream, longer, ())[1]

    return work


def longer(state: tuple[str, ...], event: Noted) -> tuple[str, ...]:
    return (*state, event.text)


def texts(ledger: Ledger, stream: str) -> list[str]:
    return [recorded.event.text for recorded in ledger.stream(stream)]


def attack(folder: Path, statement: str, *parameters: object) -> None:
    """Change the file as its owner could: without triggers and without us."""
    if server := remembered(folder):
        _attack_server(server, statement, parameters)
        return
    connection = sqlite3.connect(folder / "log.sqlite", isolation_level=None)
    try:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type='trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement, parameters)
        for _, made in triggers:  # whoever attacks leaves no trace that he can avoid
            connection.execute(made)
    finally:
        connection.close()


def _attack_server(server: Server, statement: str, parameters: tuple) -> None:
    """Change the tables as their owner could."""
    with psycopg.connect(server.url) as connection:
        connection.execute(
            SQL("SET search_path TO {}").format(Identifier(server.schema))
        )
        connection.execute("SET session_replication_role TO replica")
        connection.execute(spoken(statement), parameters)


def erase(folder: Path) -> None:
    """Destroy every data key, as an erasure of those subjects will."""
    attack(folder, "UPDATE data_keys SET wrapped = NULL")
