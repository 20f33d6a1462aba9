"""A log in PostgreSQL: one transaction at a time may append, in any process.

Whoever locks the head first writes first. So positions have no gaps and are visible in
their order, and what a group reads under the lock stays true until it is committed.
"""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from threading import RLock, get_ident
from typing import Final

import psycopg

from gateway.store.cipher import kek_id_of
from gateway.store.database import News, Statements, Told
from gateway.store.errors import LogUnavailableError, LogUncertainError
from gateway.store.log_secrets import SELECT_WRAPPED
from gateway.store.postgres.connecting import Connection, Connections, connect, serving
from gateway.store.postgres.dialect import Spoken
from gateway.store.postgres.following import Follower
from gateway.store.postgres.leases import Leases
from gateway.store.server import Server

_PATIENCE_SECONDS: Final = 15.0
_AGAIN_SECONDS: Final = 0.2
_MOST_NEWS: Final = 20_000
_LOCK: Final = "SELECT 1 FROM log_head FOR UPDATE"
_SHED: Final = "VACUUM FULL data_keys, log_secrets"
# Whoever waits for a table keeps all waiting who come after, readers, too.
_SOON: Final = "SET lock_timeout TO '2s'"
_HEAD: Final = (  # of our own words
    f"SELECT size, n, ({SELECT_WRAPPED}) FROM log_head, key_changes"  # noqa: S608
)


class PostgresLog:
    """The log's tables in one schema of a server."""

    shared = True

    def __init__(self, server: Server) -> None:
        self._server = server
        self._turn = RLock()
        self._connection: Connection | None = None  # which locks the head
        self._holder = 0  # the thread that holds the head
        self._known = (0, 0)  # size and changes of keys, as of the last group
        self._readers = Connections(server)
        self._leases = Leases(self._readers)
        self._follower: Follower | None = None

    @contextmanager
    def reading(self) -> Iterator[Statements]:
        """Read by a connection of its own, or in the group of this very thread."""
        with serving():
            held = self._held()
            if held is not None:
                yield Spoken(held)
                return
            with self._readers.lent() as connection:
                yield Spoken(connection)

    @contextmanager
    def group(self) -> Iterator[News]:
        """Hold the head until the group is written or left."""
        with self._turn, serving():
            try:
                yield self._news(self._begun())
            finally:
                self._leave()

    @contextmanager
    def writing(self) -> Iterator[Statements]:
        """Write in the group's transaction, or in one that holds the head likewise."""
        with self._turn, serving():
            held = self._held()
            try:
                connection = held or self._begun()
                yield Spoken(connection)
                self._commit(connection, grouped=held is not None)
            finally:
                self._leave()

    def settled(self, check: Callable[[Statements], bool]) -> bool:
        """Look once the head can be locked: no commit of ours is under way then."""
        until = time.monotonic() + _PATIENCE_SECONDS
        with self._turn:
            self._forget()
            while True:
                try:
                    return self._checked(check)
                except LogUnavailableError as error:
                    if time.monotonic() > until:
                        raise _uncertain() from error
                time.sleep(_AGAIN_SECONDS)

    @property
    def reachable(self) -> bool:
        """Say whether the server answers whoever follows the log."""
        return self._follower is None or self._follower.hears

    def follow(self, told: Told, quiet: Collection[str], *, after: int) -> None:
        """Listen to the others, and poll, should a word be lost."""
        self._follower = Follower(
            self._server,
            told=told,
            quiet=quiet,
            after=after,
            live=self._leases.live,
            renew=self._leases.renew,
        )

    def claim(self, names: Collection[str]) -> Collection[str]:
        """Return which works nobody else has a claim to."""
        with serving():
            return self._leases.claim(names)

    def release(self, names: Collection[str]) -> None:
        """Give claims back."""
        with serving():
            self._leases.release(names)

    def shed(self) -> None:
        """Write the tables of keys anew, without what was overwritten in them.

        The server's own log and its backups keep their copies (docs/postgresql.md); a
        role that does not own the tables leaves this to their owner.

        Raises:
            LogUnavailableError: if others read them for too long, or the server fails.

        """
        try:
            with closing(connect(self._server)) as connection:
                connection.execute(_SOON)
                connection.execute(_SHED)
        except psycopg.Error as error:
            raise LogUnavailableError(
                "What was overwritten is still in the database's files "
                f"({type(error).__name__}): another process reads the log, such as an "
                "audit or a backup, or the server failed. Once that has ended, run "
                f"{_SHED} in the log's schema."
            ) from error

    def close(self) -> None:
        """Close every connection."""
        if self._follower is not None:
            self._follower.close()
        with suppress(LogUnavailableError), serving():
            self._leases.release_all()
        with self._turn:
            self._forget()
        self._readers.close()

    def _held(self) -> Connection | None:
        return self._connection if self._holder == get_ident() else None

    def _begun(self) -> Connection:
        """Begin a transaction that holds the head, on a new connection if need be."""
        if self._connection is not None:
            try:
                return self._locked(self._connection)
            except psycopg.OperationalError:
                if not self._connection.closed:
                    raise
                # The server was started anew, or has ended an idle session.
                self._forget()
        return self._locked(connect(self._server))

    def _locked(self, connection: Connection) -> Connection:
        self._connection = connection
        with connection.pipeline():
            connection.execute("BEGIN")
            connection.execute(_LOCK)
        self._holder = get_ident()
        return connection

    def _news(self, connection: Connection) -> News:
        """Return what happened since the group before."""
        before, (now, kek_id) = self._known, _head(connection)
        if now[0] < before[0]:
            raise LogUnavailableError(
                "The log in the database is shorter than it was: another one was put "
                "in its place. Stop the gateway, run `triage-gateway rebuild`, start."
            )
        streams = _grown(connection, before[0], now[0])
        self._known = now  # only now: nothing may fail between this and the news
        keys = streams is None or now[1] != before[1]
        return News(streams=streams, keys=keys, kek_id=kek_id)

    def _commit(self, connection: Connection, *, grouped: bool) -> None:
        now, _ = _head(connection)
        connection.execute("COMMIT")
        if grouped:
            self._known = now
        with suppress(psycopg.Error):  # the others would find out by polling
            connection.execute("SELECT pg_notify(%s, '')", (self._server.schema,))

    def _checked(self, check: Callable[[Statements], bool]) -> bool:
        with serving():
            try:
                return check(Spoken(self._begun()))
            finally:
                self._leave()

    def _leave(self) -> None:
        """End what was begun and not committed."""
        self._holder = 0
        connection = self._connection
        if connection is not None and connection.info.transaction_status:
            try:
                connection.execute("ROLLBACK")
            except psycopg.Error:
                self._forget()

    def _forget(self) -> None:
        """Let go of a connection on which nobody can rely."""
        self._holder = 0
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _head(connection: Connection) -> tuple[tuple[int, int], bytes]:
    """Return the size with the changes of keys, and which key wraps the secrets."""
    size, changes, wrapped = connection.execute(_HEAD).fetchone() or (0, 0, None)
    return (size, changes), kek_id_of(wrapped or b"")


def _grown(connection: Connection, before: int, now: int) -> list[str] | None:
    """Return the streams that have rows beyond a position, None if these are many."""
    if now == before:
        return []
    if now - before > _MOST_NEWS:
        return None
    rows = connection.execute(
        "SELECT DISTINCT originator_id FROM stored_events WHERE position > %s",
        (before,),
    )
    return [row[0] for row in rows]


def _uncertain() -> LogUncertainError:
    return LogUncertainError(
        "The log's database went away while the request was committed, and it is not "
        "known whether it was kept. Send it again: what was kept is not done twice."
    )
