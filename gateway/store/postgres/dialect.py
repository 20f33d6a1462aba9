"""The log's SQL as PostgreSQL says it.

The tables are SQLite's, with PostgreSQL's names of the types. Positions come from the
locked head and never from a sequence, which would leave gaps where a transaction fails.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

from gateway.store.database import Rows
from gateway.store.postgres.connecting import Connection
from gateway.store.schema import (
    NO_LIMIT,
    SCHEMA,
    SELECT_KEYS,
    SELECT_KEYS_OF_MEMBERS,
    SELECT_NOTIFICATIONS,
)

_PAGE: Final = 1000
_COLUMN: Final = re.compile(r"[(,]\s*[a-z_]+ (BIGINT|TEXT|BYTEA)\b")
_ARRAYS: Final = MappingProxyType({str: "text[]", bytes: "bytea[]", int: "bigint[]"})
_TYPES: Final = (
    ("INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT PRIMARY KEY"),
    ("INTEGER", "BIGINT"),
    ("BLOB", "BYTEA"),
    ("WITHOUT ROWID", ""),
)

# A trigger's argument is its sentence. Whoever owns the tables can drop it: against
# that there is the seal, and roles that own nothing (docs/postgresql.md). Its words are
# in the order in which the server gives them back, so that a start can compare them.
_REFUSALS: Final = (
    """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
        SET search_path FROM CURRENT AS
        $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$""",
    """CREATE TRIGGER stored_events_are_never_changed
        BEFORE DELETE OR UPDATE OR TRUNCATE ON stored_events
        EXECUTE FUNCTION refuse('The log is append-only.')""",
    """CREATE TRIGGER data_keys_are_never_removed
        BEFORE DELETE OR TRUNCATE ON data_keys
        EXECUTE FUNCTION refuse('A key is erased, its row is kept.')""",
    """CREATE TRIGGER data_keys_stay_whose_they_are
        BEFORE UPDATE OF key_id, subject_tag, generation, members ON data_keys
        EXECUTE FUNCTION refuse('A key stays whose it is.')""",
    """CREATE TRIGGER log_secrets_are_never_removed
        BEFORE DELETE OR UPDATE OF name OR TRUNCATE ON log_secrets
        EXECUTE FUNCTION refuse('A secret is wrapped anew, its row is kept.')""",
)
# Every gateway keeps open keys in memory; a change of one is counted, so that all let
# go of theirs. A ciphertext cannot be compressed, so it is not tried: that also lets
# the id of its key be cut out without reading the whole.
_SHARED: Final = (
    """CREATE TABLE key_changes (id BIGINT PRIMARY KEY CHECK (id = 1),
        n BIGINT NOT NULL)""",
    "INSERT INTO key_changes VALUES (1, 0)",
    """CREATE FUNCTION count_key_change() RETURNS trigger LANGUAGE plpgsql
        SET search_path FROM CURRENT AS
        $$ BEGIN UPDATE key_changes SET n = n + 1; RETURN NULL; END $$""",
    """CREATE TRIGGER key_changes_are_counted AFTER UPDATE ON data_keys
        EXECUTE FUNCTION count_key_change()""",
    "ALTER TABLE stored_events ALTER COLUMN state SET STORAGE EXTERNAL",
    """CREATE UNLOGGED TABLE work_leases (name TEXT PRIMARY KEY, holder BIGINT NOT NULL,
        until TIMESTAMPTZ NOT NULL)""",
    """CREATE TABLE used_assertions (digest BYTEA PRIMARY KEY, client TEXT NOT NULL,
        expires DOUBLE PRECISION NOT NULL)""",
    "CREATE INDEX used_until ON used_assertions (expires)",
    "CREATE INDEX used_by ON used_assertions (client)",
)
_OTHERWISE: Final = MappingProxyType(
    {
        "SELECT 1 FROM sqlite_master WHERE name = 'log_info'": (
            "SELECT 1 WHERE to_regclass('log_info') IS NOT NULL"
        ),
        "INSERT OR REPLACE INTO log_head VALUES (1, ?, ?, ?)": (
            "INSERT INTO log_head VALUES (1, %s, %s, %s) ON CONFLICT (id) DO UPDATE "
            "SET size = excluded.size, edge = excluded.edge, note = excluded.note"
        ),
        SELECT_KEYS_OF_MEMBERS: SELECT_KEYS_OF_MEMBERS.replace(
            "instr(members, ?)", "position(%s IN members)"
        ).replace("?", "%s"),
        SELECT_NOTIFICATIONS: """
            SELECT originator_id, originator_version, topic, state, position
            FROM stored_events, (SELECT %s::bigint AS low, %s::bigint AS high,
                %s::jsonb AS topics) AS chosen
            WHERE position > low AND (high IS NULL OR position <= high)
            AND (topics = '[]' OR topics @> to_jsonb(topic))
            ORDER BY position LIMIT %s""",
    }
)


def tables() -> list[str]:
    """Return the statements that make an empty log."""
    own = [each for each in SCHEMA if not each.startswith("CREATE TRIGGER")]
    return [*map(_typed, own), *_REFUSALS, *_SHARED]


@lru_cache(1024)
def spoken(statement: str) -> str:
    """Return a statement of the log in PostgreSQL's words."""
    otherwise = _OTHERWISE.get(statement)
    return otherwise or statement.replace("%", "%%").replace("?", "%s")


@lru_cache(64)
def _by_columns(into: str) -> str:
    """Return a statement that takes an array for each column of a table."""
    name = into.removeprefix("INSERT INTO ")
    (table,) = (each for each in SCHEMA if each.startswith(f"CREATE TABLE {name} ("))
    arrays = (f"%b::{kind}[]" for kind in _COLUMN.findall(_typed(table)))
    columns = ", ".join(arrays)
    return f"{into} SELECT * FROM unnest({columns})"  # noqa: S608 (our own words)


def _typed(table: str) -> str:
    for theirs, ours in _TYPES:
        table = table.replace(theirs, ours)
    return table


class Spoken:
    """A connection that takes the log's own SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Run one statement."""
        return self._connection.execute(spoken(statement), parameters)

    def insert(self, into: str, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows of equal length, at least one, column by column."""
        columns = [list(column) for column in zip(*rows, strict=True)]
        self._connection.execute(_by_columns(into), columns)

    def select(
        self, statement: str, wanted: Collection[str | bytes | int]
    ) -> list[tuple[Any, ...]]:
        """Return the rows of many values; `{}` stands for them in the statement."""
        if not wanted:
            return []
        values = list(wanted)
        chosen = statement.format(f"SELECT unnest(%b::{_ARRAYS[type(values[0])]})")
        return self._connection.execute(chosen, (values,)).fetchall()


class SpokenAtLength(Spoken):
    """In a transaction: what may be the whole log comes page by page."""

    def execute(self, statement: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Run one statement."""
        if statement == SELECT_KEYS or NO_LIMIT in parameters:
            return _Pages(self._connection, spoken(statement), parameters)
        return super().execute(statement, parameters)


class _Pages:
    """Rows that the server keeps until they are asked for."""

    def __init__(
        self, connection: Connection, statement: str, parameters: Sequence[Any]
    ) -> None:
        self._connection = connection
        self._statement = statement
        self._parameters = parameters

    def __iter__(self) -> Iterator[Any]:
        with self._connection.cursor(name=uuid4().hex) as cursor:
            cursor.itersize = _PAGE
            cursor.execute(self._statement, self._parameters)
            yield from cursor

    def fetchone(self) -> Any:  # noqa: ANN401 (a row's values are of any type)
        return next(iter(self), None)

    def fetchall(self) -> list[Any]:
        return list(self)
