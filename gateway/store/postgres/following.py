"""Learns what other gateways append, by listening, and by looking now and then."""

import select
import socket
from collections.abc import Callable, Collection
from contextlib import closing
from threading import Event, Thread
from time import monotonic
from typing import Final

import psycopg
import structlog
from psycopg.sql import SQL, Identifier

from gateway.store.database import Told
from gateway.store.postgres.connecting import Connection, connect
from gateway.store.server import Server

_LOOK_SECONDS: Final = 1.0
_RENEW_SECONDS: Final = 5.0
_AGAIN_SECONDS: Final = 1.0
_SILENT_SECONDS: Final = 5.0
_GROWN: Final = """
    SELECT max(position), max(position) FILTER (WHERE NOT topic = ANY(%s))
    FROM stored_events WHERE position > %s"""
_LOG = structlog.get_logger()


class Follower:
    """A thread with a connection of its own; it outlives a restart of the server.

    `told` gets the head and the last event that is not `quiet`. As signs that this
    process lives, `live` is called for each session, and `renew` every few seconds.
    """

    def __init__(
        self,
        server: Server,
        *,
        told: Told,
        quiet: Collection[str],
        after: int,
        live: Callable[[Connection], None],
        renew: Callable[[Connection], None],
    ) -> None:
        self._server = server
        self._told = told
        self._quiet = list(quiet)
        self._live = live
        self._renew = renew
        self._seen = after
        self._renewed = 0.0
        self._heard = monotonic()  # when the server answered last
        self._ended = Event()
        self._end, self._woken = socket.socketpair()
        self._thread = Thread(target=self._run, name="log-follower", daemon=True)
        self._thread.start()

    @property
    def hears(self) -> bool:
        """Say whether the server answered of late, and has not failed since."""
        return monotonic() - self._heard < _SILENT_SECONDS

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        self._end.close()
        self._thread.join()
        self._woken.close()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                with closing(connect(self._server)) as connection:
                    self._listen(connection)
            except Exception as error:  # noqa: BLE001 (only this thread hears others)
                self._heard = float("-inf")
                reason = type(error).__name__
                _LOG.warning("log.follower.paused", reason=reason)
                self._ended.wait(_AGAIN_SECONDS)

    def _listen(self, connection: Connection) -> None:
        self._live(connection)
        connection.add_notify_handler(_unread)
        connection.execute(SQL("LISTEN {}").format(Identifier(self._server.schema)))
        heard = select.poll()  # takes descriptors of any number, and needs none itself
        heard.register(connection.fileno(), select.POLLIN)
        heard.register(self._woken.fileno(), select.POLLIN)
        while not self._ended.is_set():
            self._look(connection)
            if monotonic() - self._renewed > _RENEW_SECONDS:
                self._renew(connection)
                self._renewed = monotonic()
            heard.poll(1000 * _LOOK_SECONDS)

    def _look(self, connection: Connection) -> None:
        rows = connection.execute(_GROWN, (self._quiet, self._seen))
        head, shown = rows.fetchone() or (None, None)
        self._heard = monotonic()
        if head is not None:
            self._told(head, shown or 0)
            self._seen = head  # only now: who could not be told is told again


def _unread(_notify: psycopg.Notify) -> None:
    """Take the word for what it is: a reason to look."""
