"""An erasure while an audit or a backup reads the log: what is left, and is said."""

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from gateway.store.erasures import FOLDER
from gateway.store.errors import LogUnavailableError
from gateway.store.reading import snapshot
from gateway.store.schema import SELECT_KEYS
from gateway.store.server import Server
from gateway.store.sqlite import SqliteLog
from tests.callers import FEED
from tests.erasure.command import erase
from tests.erasure.stories import Marked
from tests.gateway_inside import gateway_inside

EVE = Marked("evevev", "eve-chosen-1")


async def known_to(folder, **settings):
    async with gateway_inside(folder, **settings) as one:
        await one.called(FEED).push(EVE.bundle)


@pytest.fixture
def shared(server, tmp_path):
    """Settings of gateways that share a log."""
    return {
        "database_url": server.url,
        "database_schema": server.schema,
        "key_file": tmp_path / "kek",
    }


def reading(log):
    """Take what an audit and a backup take, too."""
    assert log.execute(SELECT_KEYS).fetchall()


def proofs(folder):
    return list((folder / FOLDER).glob("*.json"))


def table_of_keys(server: Server):
    """Return the name of the file that holds it."""
    with psycopg.connect(server.url) as connection:
        connection.execute(
            SQL("SET search_path TO {}").format(Identifier(server.schema))
        )
        return connection.execute("SELECT pg_relation_filenode('data_keys')").fetchone()


async def test_what_a_reader_keeps_is_said_and_goes_with_the_next_command(tmp_path):
    data = tmp_path / "data"
    await known_to(data)

    with snapshot(data) as log:
        reading(log)
        done = await erase(data, EVE.id)
    left = proofs(data)
    again = await erase(data, EVE.id)

    assert (done.exit_code, left) == (1, [])
    assert "proof: none yet" in done.output
    assert "still in the log's files, because another process reads it" in done.output
    assert again.exit_code == 0, again.output
    assert "an erasure that was cut off is complete" in again.output
    assert len(proofs(data)) == 1


async def test_what_its_reader_lets_go_while_the_command_runs_is_proven_by_it(
    tmp_path, monkeypatch
):
    data, plain = tmp_path / "data", SqliteLog.shed
    readers = [LogUnavailableError("A reader, at the first attempt.")]

    def shed(log):
        if readers:
            raise readers.pop()
        plain(log)

    await known_to(data)
    monkeypatch.setattr(SqliteLog, "shed", shed)
    done = await erase(data, EVE.id)

    (proof,) = proofs(data)
    assert (done.exit_code, readers) == (0, [])
    assert "proof: none yet" in done.output
    assert f"proof: {proof}\n" in done.output


async def test_a_gateway_starts_beside_a_reader_and_the_next_start_does_the_rest(
    tmp_path,
):
    data = tmp_path / "data"
    await known_to(data)
    with snapshot(data) as log:
        reading(log)
        await erase(data, EVE.id)
        async with gateway_inside(data) as one:
            gone = await one.called(FEED).get(f"/fhir/{EVE.name}")
        left = proofs(data)

    async with gateway_inside(data):
        made = proofs(data)

    assert (gone.status, left, len(made)) == (410, [], 1)


async def test_a_start_leaves_the_tables_that_others_use_as_they_are(
    tmp_path, server, shared
):
    """Nobody erased in its folder; it has no proof of what others erased."""
    here, new = tmp_path / "here", tmp_path / "new"
    await known_to(here, **shared)
    erased = await erase(here, EVE.id, "--key-file", shared["key_file"])
    before = table_of_keys(server)

    with snapshot(here) as log:
        reading(log)
        async with gateway_inside(new, **shared):
            made = proofs(new)

    assert erased.exit_code == 0, erased.output
    assert (table_of_keys(server), len(made)) == (before, 1)


async def test_in_a_server_it_is_said_what_to_do_and_a_repetition_does_it(
    tmp_path, server, shared
):
    data, key = tmp_path / "data", ("--key-file", shared["key_file"])
    await known_to(data, **shared)
    before = table_of_keys(server)

    with snapshot(data) as log:
        reading(log)
        done = await erase(data, EVE.id, *key)
    beside = table_of_keys(server)
    again = await erase(data, EVE.id, *key)

    assert (done.exit_code, beside, len(proofs(data))) == (1, before, 1)
    assert "VACUUM FULL data_keys" in done.output
    assert again.exit_code == 0, again.output
    assert table_of_keys(server) != before
