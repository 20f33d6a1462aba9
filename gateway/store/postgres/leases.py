"""Claims to works, so that several gateways share them and none is done twice.

A claim only saves work: what a work leads to is decided in the log, where a repetition
changes nothing. So it may be lost with the server (the table is not logged).

Each process holds a lock of its own for as long as its session lasts. Where it is gone,
others take the claims two seconds after they were made; those of a process that only
stands still end after 30 seconds.
"""

import secrets
from collections.abc import Collection
from typing import Final

from gateway.store.postgres.connecting import Connection, Connections

_CLAIM: Final = """
    INSERT INTO work_leases
    SELECT name, %s, clock_timestamp() + interval '30 seconds'
    FROM unnest(%s::text[]) AS name ORDER BY name
    ON CONFLICT (name) DO UPDATE
        SET holder = excluded.holder, until = excluded.until
        WHERE work_leases.until < clock_timestamp()
            OR work_leases.holder = excluded.holder
            OR work_leases.until < clock_timestamp() + interval '28 seconds'
            AND work_leases.holder NOT IN (
                SELECT classid::bigint << 32 | objid::bigint FROM pg_locks
                WHERE locktype = 'advisory' AND objsubid = 1 AND granted)
    RETURNING name"""
_SHOW: Final = "SELECT pg_try_advisory_lock(%s::bigint)"
_RENEW: Final = """
    UPDATE work_leases SET until = clock_timestamp() + interval '30 seconds'
    WHERE holder = %s"""


class Leases:
    """The claims of one process; they end with it, or some seconds later."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._holder = secrets.randbits(62)
        self._shown = False  # that this process lives, by the follower's session

    def claim(self, names: Collection[str]) -> Collection[str]:
        """Return which of some works are ours now."""
        if not names:
            return ()
        with self._connections.lent() as connection:
            rows = connection.execute(_CLAIM, (self._holder, list(names))).fetchall()
            return frozenset(row[0] for row in rows)

    def release(self, names: Collection[str]) -> None:
        """Give claims back."""
        with self._connections.lent() as connection:
            connection.execute(
                "DELETE FROM work_leases WHERE holder = %s AND name = ANY(%s)",
                (self._holder, list(names)),
            )

    def release_all(self) -> None:
        """Give every claim back."""
        with self._connections.lent() as connection:
            connection.execute(
                "DELETE FROM work_leases WHERE holder = %s", (self._holder,)
            )

    def live(self, connection: Connection) -> None:
        """Let a session show that this process lives.

        Not yet, where the server still holds an older session for open: see `renew`.
        """
        rows = connection.execute(_SHOW, (self._holder,))
        self._shown = rows.fetchone() == (True,)

    def renew(self, connection: Connection) -> None:
        """Give a sign of life."""
        if not self._shown:
            self.live(connection)
        connection.execute(_RENEW, (self._holder,))
