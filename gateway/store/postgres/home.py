"""A log's schema in a server: found, founded, read as it was at one moment."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg
from psycopg.sql import SQL, Identifier

from gateway.store.database import LogDatabase, Statements
from gateway.store.errors import LogMissingError
from gateway.store.postgres.connecting import beginning, connect
from gateway.store.postgres.database import PostgresLog
from gateway.store.postgres.dialect import Spoken, SpokenAtLength, tables
from gateway.store.postgres.guards import require_guarded
from gateway.store.server import Server


class PostgresHome:
    """Where one log is, or will be."""

    def __init__(self, server: Server) -> None:
        self._server = server

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let gateways that start together look and found one after the other."""
        with beginning(self._server), closing(connect(self._server)) as connection:
            # Free at the end of the session, however that ends.
            connection.execute(
                "SELECT pg_advisory_lock(hashtextextended(%s, 0))",
                (f"triage-gateway {self._server.schema}",),
            )
            yield

    def is_there(self) -> bool:
        """Tell whether the schema holds a log."""
        with beginning(self._server), closing(connect(self._server)) as connection:
            found = connection.execute("SELECT to_regclass('log_head') IS NOT NULL")
            return bool((found.fetchone() or (False,))[0])

    @contextmanager
    def snapshot(self) -> Iterator[Statements]:
        """Open the log as it is now, read-only, while gateways write it.

        Raises:
            LogMissingError: if the schema holds no log.
            LogUnavailableError: if the server refuses or cannot be reached.

        """
        if not self.is_there():
            raise LogMissingError(
                f"There is no log in the {self._server}. Name the schema of a log."
            )
        with (
            beginning(self._server),
            closing(connect(self._server, patient=True)) as connection,
        ):
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield SpokenAtLength(connection)

    def require_guarded(self, log: Statements) -> None:
        """Refuse a log whose triggers were removed, changed or switched off."""
        require_guarded(log)

    def found(self, write: Callable[[Statements], None]) -> None:
        """Create the tables and what the log is founded on, in one transaction."""
        with (
            beginning(self._server),
            closing(connect(self._server)) as connection,
            connection.transaction(),
        ):
            self._make_schema(connection)
            for statement in tables():
                connection.execute(statement)
            write(Spoken(connection))

    def database(self) -> LogDatabase:
        """Return what reads and writes the log."""
        return PostgresLog(self._server)

    def _make_schema(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        # Asked first: IF NOT EXISTS asks for the right to create one all the same.
        schema = self._server.schema
        found = connection.execute("SELECT to_regnamespace(%s)", (f'"{schema}"',))
        if found.fetchone() == (None,):
            connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
