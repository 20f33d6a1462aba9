"""Connections to the server, and its failures in the log's own words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
import structlog
from psycopg.sql import SQL, Identifier

from gateway.store.errors import LogClosedError, LogUnavailableError
from gateway.store.server import Server

Connection = psycopg.Connection[tuple[Any, ...]]
_LOG = structlog.get_logger()
_NAME: Final = "triage-gateway"
_CONNECT_SECONDS: Final = 5
# A gateway that stands still inside a transaction holds up all others: the server
# ends its session. Whoever waits for the head waits longer than that.
_IDLE: Final = "10s"
_LOCK: Final = "30s"
_STATEMENT: Final = "60s"
# A server that does not flush before it answers would make 2xx a lie. And a group has
# to see what others committed while it waited for the head.
_SESSION: Final = SQL(
    "SET search_path TO {}; "
    "SET idle_in_transaction_session_timeout TO {}; "
    "SET default_transaction_isolation TO 'read committed'; "
    "SET lock_timeout TO {}; "
    "SET statement_timeout TO {}; "
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') = 'off'"
)


def connect(server: Server, *, patient: bool = False) -> Connection:
    """Return a connection whose tables are those of the log; in autocommit.

    One that is `patient` may read for as long as it takes.

    Raises:
        psycopg.Error: if the server refuses or cannot be reached.

    """
    idle, statement = ("0", "0") if patient else (_IDLE, _STATEMENT)
    connection = psycopg.connect(
        server.url,
        autocommit=True,
        connect_timeout=_CONNECT_SECONDS,
        client_encoding="utf8",
        application_name=_NAME,
        tcp_user_timeout=15_000,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
    )
    try:
        connection.execute(
            _SESSION.format(Identifier(server.schema), idle, _LOCK, statement)
        )
    except psycopg.Error:
        connection.close()
        raise
    return connection


@contextmanager
def beginning(server: Server) -> Iterator[None]:
    """Say at a start what the server said; a password is never in that.

    Raises:
        LogUnavailableError: if the server refuses or cannot be reached.

    """
    try:
        yield
    except psycopg.Error as error:
        said = " ".join(str(error).split())
        raise LogUnavailableError(
            f"The log's {server} cannot be used: {said} Look at database_url, at the "
            "server, and at what its role may do (docs/postgresql.md)."
        ) from None


@contextmanager
def serving() -> Iterator[None]:
    """Say while requests are served only that the server failed; log how.

    Raises:
        LogUnavailableError: if it did.

    """
    try:
        yield
    except psycopg.Error as error:
        reason = type(error).__name__
        _LOG.warning("log.unavailable", reason=reason)
        raise LogUnavailableError(
            f"The log's database failed ({reason}). Nothing was kept: send the request "
            "again in some seconds."
        ) from error


class Connections:
    """Connections for reading; each thread borrows one and gives it back.

    A pool that tries again ever more rarely would be late when the server is back; here
    whoever needs a connection tries, and is told at once.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._idle: list[Connection] = []
        self._closed = False

    @contextmanager
    def lent(self) -> Iterator[Connection]:
        """Lend a connection that works.

        Raises:
            psycopg.Error: if the server refuses or cannot be reached.
            LogClosedError: if the log is closed.

        """
        connection = self._kept() or connect(self._server)
        try:
            yield connection
        finally:
            if self._closed or connection.info.transaction_status:
                connection.close()
            else:
                self._idle.append(connection)

    def close(self) -> None:
        """Close those that are not lent, and the others once they are back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _kept(self) -> Connection | None:
        while True:
            if self._closed:
                raise LogClosedError("The log is closed; start the gateway again.")
            # Asked, not looked up first: another thread may take the last one between.
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            try:
                connection.execute("SELECT 1")
            except psycopg.OperationalError:
                connection.close()
            else:
                return connection
