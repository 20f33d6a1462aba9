"""A database server that loses power keeps what it said was done, if it syncs."""

from types import SimpleNamespace

import psycopg
import pytest

from tests.crash.server import WatchedServer
from tests.crash.victim import end_at_once
from tests.postgres import running

pytestmark = pytest.mark.usefixtures("compiler")
WORST = SimpleNamespace(
    choice=lambda among: among[0], randint=min, randrange=int, randbytes=bytes
)
"""What loses all that was not synced, of every file."""


def _after_a_loss(server):
    """Write, lose the power at once, and return what is there then."""
    with server.connection() as connection:
        connection.execute("CREATE TABLE kept (n bigint, said text)")
        for number in range(50):
            statement = "INSERT INTO kept VALUES (%s, repeat('x', 900))"
            connection.execute(statement, (number,))
    end_at_once([server.process])
    server.syncs.lose_power(WORST)
    (server.data / "postmaster.pid").unlink()  # where it is torn, nothing starts
    server.start()
    with server.connection() as connection:
        return connection.execute("SELECT count(*), max(n) FROM kept").fetchone()


def test_what_the_server_synced_is_there_after_a_power_loss():
    with running(fsync=True, kind=WatchedServer) as server:
        assert _after_a_loss(server) == (50, 49)


def test_a_server_that_syncs_nothing_is_caught():
    with (
        running(fsync=False, kind=WatchedServer) as server,
        pytest.raises(psycopg.errors.UndefinedTable),
    ):
        _after_a_loss(server)
