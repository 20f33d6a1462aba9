"""What is PostgreSQL's own: several writers, lost answers, a server that goes away."""

import asyncio
import os
import random
import resource
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from gateway.store.errors import (
    LogClosedError,
    LogUnavailableError,
    LogUncertainError,
)
from gateway.store.postgres import connecting, database
from gateway.store.postgres.connecting import Connections
from gateway.store.postgres.database import PostgresLog
from gateway.store.postgres.home import PostgresHome
from gateway.store.postgres.leases import Leases
from gateway.store.records import Erased
from gateway.store.rotation import rotate
from gateway.store.schema import NO_LIMIT, SELECT_KEYS, SELECT_ROWS_AFTER
from gateway.store.server import URL, Server
from gateway.store.transcript import transcript
from gateway.store.verification import verify
from tests.postgres import running
from tests.store.samples import REGISTRY, Noted, longer, note, opened, texts


@pytest.fixture
def gateways(tmp_path, server):
    """Open the same log as often as is asked for, each with a folder of its own."""
    ledgers = []

    def another(**options):
        where = {"server": server, "kek_file": tmp_path / "kek", **options}
        ledgers.append(opened(tmp_path / f"gateway-{len(ledgers)}", **where))
        return ledgers[-1]

    yield another
    for ledger in ledgers:
        ledger.close()


@pytest.fixture
def tables(server):
    """Give a connection of the tables' owner."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(
            SQL("SET search_path TO {}").format(Identifier(server.schema))
        )
        yield connection


def counted(stream):
    """Return a unit that appends how many events the stream had, as it sees it."""

    def work(session):
        state, version = session.load(stream, longer, ())
        assert len(state) == version
        return note(stream, str(version), subject=f"Patient/{stream}")(session)

    return work


def test_each_gateway_decides_on_what_the_others_appended(gateways):
    first, second = gateways(), gateways()

    versions = [each.submit_sync(counted("s")) for each in (first, second) * 3]

    assert versions == [1, 2, 3, 4, 5, 6]
    assert texts(first, "s") == texts(second, "s") == list("012345")


def test_gateways_that_write_at_once_leave_one_whole_order(gateways, tmp_path):
    ledgers = [gateways() for _ in range(3)]
    chance = random.Random(7)
    works = [(chance.choice(ledgers), chance.choice("abcd")) for _ in range(120)]

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(lambda each: each[0].submit_sync(counted(each[1])), works))

    for name in "abcd":
        seen = texts(ledgers[0], name)
        assert seen == [str(n) for n in range(len(seen))]
    assert [r.position for r in ledgers[2].read()] == list(range(1, 121))
    verdict = verify(tmp_path / "gateway-1", kek_file=tmp_path / "kek")
    assert (verdict.events, verdict.problems) == (120, ())


def test_a_reader_never_sees_a_position_before_an_earlier_one(gateways):
    ledgers = [gateways() for _ in range(2)]
    reader = gateways()
    ended = threading.Event()
    gaps = []

    def read():
        while not ended.is_set():
            positions = [r.position for r in reader.read()]
            if positions != list(range(1, len(positions) + 1)):
                gaps.append(positions)

    with ThreadPoolExecutor(9) as threads:
        reading = threads.submit(read)
        list(
            threads.map(
                lambda n: ledgers[n % 2].submit_sync(note(f"s{n}", "x", "y")), range(60)
            )
        )
        ended.set()
        reading.result()

    assert gaps == []


def test_what_was_overwritten_is_not_kept_in_the_table(gateways, tables):
    ledger = gateways()
    ledger.submit_sync(note("s", "x", subject="Patient/1"))
    files = """SELECT pg_relation_filenode('data_keys'),
        pg_relation_filenode('log_secrets')"""
    before = tables.execute(files).fetchone()

    ledger._log.recorder.database.shed()

    after = tables.execute(files).fetchone()
    assert (before[0] != after[0], before[1] != after[1]) == (True, True)


async def told_by_another(gateways):
    """Let a gateway wait until another one appends; return it, and what it learned."""
    writer, follower = gateways(), gateways()
    async with asyncio.timeout(60):
        waiting = asyncio.create_task(follower.wait_beyond(0))
        await writer.submit(note("s", "x"))
        return follower, await waiting


async def test_a_gateway_learns_that_another_one_appended(gateways):
    follower, head = await told_by_another(gateways)

    assert (head, follower.head, follower.shown) == (1, 1, 1)


@pytest.fixture
def many_open_files():
    """Leave only descriptors that `select` cannot take."""
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(2048, most), most))
    with ExitStack() as files:
        while files.enter_context(Path(os.devnull).open("rb")).fileno() < 1024:
            pass
        yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (usual, most))


@pytest.mark.usefixtures("many_open_files")
async def test_so_does_one_that_has_very_many_files_open(gateways):
    follower, head = await told_by_another(gateways)

    assert (head, follower.reachable) == (1, True)


def test_who_could_not_be_told_is_told_again(gateways, server, monkeypatch):
    monkeypatch.setattr("gateway.store.postgres.following._AGAIN_SECONDS", 0.0)
    heard = []

    def told(head, _shown):
        heard.append(head)
        if len(heard) == 1:
            raise ValueError("this once")

    log = PostgresLog(server)
    ledger = gateways()
    log.follow(told, (), after=0)
    try:
        ledger.submit_sync(note("s", "x"))
        await_that(lambda: len(heard) == 2)
    finally:
        log.close()

    assert heard == [1, 1]


def test_what_another_gateway_erased_is_not_encrypted_with_the_old_key(
    gateways, tables
):
    first, second = gateways(), gateways()
    first.submit_sync(note("s", "gone", subject="Patient/1"))
    second.submit_sync(note("s", "gone too", subject="Patient/1"))
    tables.execute("UPDATE data_keys SET wrapped = NULL")

    first.submit_sync(note("s", "new", subject="Patient/1"))
    second.submit_sync(note("s", "newer", subject="Patient/1"))

    events = first.stream("s")
    assert [type(each) for each in events[:2]] == [Erased, Erased]
    assert [each.event for each in events[2:]] == [
        Noted(text="new"),
        Noted(text="newer"),
    ]


def test_after_very_much_news_everything_is_read_again(gateways, monkeypatch):
    monkeypatch.setattr(database, "_MOST_NEWS", 2)
    first, second = gateways(), gateways()
    first.submit_sync(counted("s"))
    second.submit_sync(counted("s"))

    for _ in range(3):
        second.submit_sync(counted("s"))

    assert first.submit_sync(counted("s")) == 6


def test_a_log_that_became_shorter_is_not_continued(gateways, tables):
    ledger = gateways()
    ledger.submit_sync(note("s", "x"))
    tables.execute("UPDATE log_head SET size = 0")

    with pytest.raises(LogUnavailableError, match="shorter"):
        ledger.submit_sync(note("s", "y"))


def behind(proxy, server, tmp_path):
    where = Server(proxy.url, server.schema)
    return opened(tmp_path / "data", server=where, kek_file=tmp_path / "kek")


def test_a_commit_whose_answer_is_lost_counts_once(proxy, server, tmp_path):
    ledger = behind(proxy, server, tmp_path)
    ledger.submit_sync(counted("s"))

    proxy.cut = "after"
    versions = [ledger.submit_sync(counted("s")) for _ in range(3)]

    assert (versions, proxy.cuts) == ([2, 3, 4], 1)
    assert (ledger.head, texts(ledger, "s")) == (4, list("0123"))
    ledger.close()
    assert verify(tmp_path / "data", kek_file=tmp_path / "kek").problems == ()


def test_a_commit_that_is_lost_is_refused_and_can_be_sent_again(
    proxy, server, tmp_path
):
    ledger = behind(proxy, server, tmp_path)
    ledger.submit_sync(counted("s"))

    proxy.cut = "before"
    with pytest.raises(LogUnavailableError, match="Nothing was kept"):
        ledger.submit_sync(counted("s"))

    assert ledger.submit_sync(counted("s")) == 2
    assert texts(ledger, "s") == list("01")
    ledger.close()


def test_where_the_server_stays_away_it_is_said_that_nobody_knows(
    proxy, server, tmp_path, monkeypatch
):
    monkeypatch.setattr(database, "_PATIENCE_SECONDS", 0.3)
    ledger = behind(proxy, server, tmp_path)
    ledger.submit_sync(counted("s"))

    proxy.closed, proxy.cut = True, "after"
    with pytest.raises(LogUncertainError, match="Send it again"):
        ledger.submit_sync(counted("s"))

    proxy.closed = False
    assert ledger.submit_sync(counted("s")) == 3
    ledger.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_a_server_that_is_started_anew_is_used_again(how, tmp_path, monkeypatch):
    with running(fsync=True) as own:
        monkeypatch.setenv(URL, own.url)
        ledger = opened(tmp_path, server=own.fresh())
        assert ledger.submit_sync(counted("s")) == 1

        own.stop(how)
        with pytest.raises(LogUnavailableError) as refused:
            ledger.submit_sync(counted("s"))
        with pytest.raises(LogUnavailableError):
            ledger.read()
        own.start()

        assert "correct" not in str(refused.value)
        assert ledger.submit_sync(counted("s")) == 2
        assert texts(ledger, "s") == ["0", "1"]
        ledger.close()
        assert verify(tmp_path).problems == ()


def test_a_gateway_that_stands_still_does_not_hold_up_the_others(gateways, monkeypatch):
    monkeypatch.setattr(connecting, "_IDLE", "100ms")
    still, other = gateways(), gateways()
    still.submit_sync(counted("s"))
    monkeypatch.setattr(connecting, "_IDLE", "10s")
    entered = threading.Event()

    def stop(session):
        entered.set()
        time.sleep(0.5)
        return counted("s")(session)

    with ThreadPoolExecutor(1) as threads:
        stopped = threads.submit(still.submit_sync, stop)
        entered.wait(60)
        assert other.submit_sync(counted("s")) == 2
        with pytest.raises(LogUnavailableError):
            stopped.result()

    assert still.submit_sync(counted("s")) == 3


def test_who_waits_too_long_for_the_head_is_refused_and_may_ask_again(
    gateways, server, monkeypatch
):
    monkeypatch.setattr(connecting, "_LOCK", "100ms")
    ledger = gateways()
    ledger.submit_sync(counted("s"))

    with psycopg.connect(server.url) as other:
        other.execute(SQL("SET search_path TO {}").format(Identifier(server.schema)))
        other.execute("SELECT 1 FROM log_head FOR UPDATE")
        with pytest.raises(LogUnavailableError, match="LockNotAvailable"):
            ledger.submit_sync(counted("s"))

    assert ledger.submit_sync(counted("s")) == 2


@pytest.fixture
def repeatable(tables):
    """Let the role's transactions see what was there at their begin, by default."""
    role = SQL("ALTER ROLE {} ").format(Identifier(tables.info.user))
    tables.execute(role + SQL("SET default_transaction_isolation TO 'repeatable read'"))
    yield
    tables.execute(role + SQL("RESET default_transaction_isolation"))


@pytest.mark.usefixtures("repeatable")
def test_a_role_of_another_isolation_keeps_nobody_from_writing(gateways, tables):
    first, second = gateways(), gateways()
    entered, go = threading.Event(), threading.Event()

    def hold(session):
        entered.set()
        go.wait(60)
        return counted("s")(session)

    with ThreadPoolExecutor(2) as threads:
        holding = threads.submit(first.submit_sync, hold)
        entered.wait(60)
        waiting = threads.submit(second.submit_sync, counted("s"))
        await_that(lambda: _waits(tables))
        go.set()
        versions = [holding.result(), waiting.result()]

    assert versions == [1, 2]


def _waits(tables):
    return tables.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone()


def test_a_closed_log_lends_no_connection(gateways):
    ledger = gateways()
    ledger.close()

    with pytest.raises(LogClosedError):
        ledger.read()


def test_a_connection_that_is_lent_while_the_log_closes_is_closed_once_it_is_back(
    gateways,
):
    ledger = gateways()
    log = ledger._log.recorder.database

    with log.reading() as statements:
        ledger.close()
        found = statements.execute("SELECT 1").fetchone()

    assert found == (1,)
    assert log._readers._idle == []


def test_a_log_that_follows_nobody_closes(server):
    log = PostgresHome(server).database()

    log.close()

    assert log._readers._idle == []


def test_pages_can_be_taken_whole_or_one_by_one(gateways, server):
    gateways().submit_sync(note("s", "a", "b", "c"))

    with PostgresHome(server).snapshot() as log:
        rows = log.execute(SELECT_ROWS_AFTER, (0, NO_LIMIT))
        (key,) = log.execute(SELECT_KEYS)

        assert len(rows.fetchall()) == 3
        assert rows.fetchone()[0] == 1
        assert log.execute(SELECT_ROWS_AFTER, (3, NO_LIMIT)).fetchone() is None
        assert len(key[0]) == 16


def test_a_claim_is_one_gateways_until_it_gives_it_back(gateways):
    first, second = gateways(), gateways()

    assert set(first.claim(["a", "b"])) == {"a", "b"}
    assert set(second.claim(["b", "c"])) == {"c"}
    assert set(first.claim(["b"])) == {"b"}
    first.release(["b"])
    assert set(second.claim(["a", "b"])) == {"b"}
    assert first.claim([]) == ()


def test_a_claim_ends_with_the_gateway_that_held_it(gateways, tables):
    first, second = gateways(), gateways()
    first.claim(["a", "b"])
    tables.execute("UPDATE work_leases SET until = now() WHERE name = 'a'")

    assert set(second.claim(["a", "b"])) == {"a"}
    first.close()
    assert set(second.claim(["a", "b"])) == {"a", "b"}


async def test_the_claims_of_a_gateway_that_is_gone_are_taken_early(gateways, tables):
    first, second = gateways(), gateways()
    first.claim(["a", "b"])
    soon = "UPDATE work_leases SET until = now() + interval '27 seconds'"
    async with asyncio.timeout(60):
        while _alive(tables) < 2:
            await asyncio.sleep(0.02)

    tables.execute(soon)
    held = second.claim(["a"])
    tables.execute(f"{soon}, holder = 1 WHERE name = 'a'")
    taken = second.claim(["a", "b"])

    assert (set(held), set(taken)) == (set(), {"a"})


def test_a_gateway_shows_that_it_lives_once_its_lost_session_has_ended(
    gateways, server, tables
):
    gateways().close()
    leases = Leases(Connections(server))
    with closing(connecting.connect(server)) as found:
        with closing(connecting.connect(server)) as lost:
            leases.live(lost)  # and the network breaks: the server does not know it yet
            leases.live(found)
        await_that(lambda: not _sessions_of(leases, tables))

        leases.renew(found)

        assert _sessions_of(leases, tables) == 1


def _sessions_of(leases, tables):
    """Return how many sessions show that a gateway lives."""
    rows = tables.execute(
        "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND "
        "classid::bigint << 32 | objid::bigint = %s",
        (leases._holder,),
    )
    return rows.fetchone()[0]


def _alive(tables):
    """Return how many claims are of a gateway that shows that it lives."""
    rows = tables.execute(
        "SELECT COUNT(*) FROM pg_locks JOIN work_leases ON holder = "
        "classid::bigint << 32 | objid::bigint WHERE locktype = 'advisory'"
    )
    return rows.fetchone()[0]


async def test_a_gateway_that_lives_keeps_its_claims(gateways, tables, monkeypatch):
    monkeypatch.setattr("gateway.store.postgres.following._RENEW_SECONDS", 0.0)
    first, second = gateways(), gateways()
    first.claim(["a"])
    tables.execute("UPDATE work_leases SET until = now() + interval '1 second'")

    async with asyncio.timeout(60):
        while not _lasts(tables):
            await asyncio.sleep(0.02)
            await first.submit(note("s", "x"))

    assert set(second.claim(["a"])) == set()


def _lasts(tables):
    rows = tables.execute(
        "SELECT until - now() > interval '9 seconds' FROM work_leases"
    )
    return rows.fetchone()[0]


def test_a_long_log_is_read_page_by_page(gateways, tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.store.postgres.dialect._PAGE", 2)
    ledger = gateways()
    ledger.submit_sync(note("s", *"abcdefg", subject="Patient/1"))

    where = {"folder": tmp_path / "gateway-0", "kek_file": tmp_path / "kek"}
    with transcript(registry=REGISTRY, **where) as log:
        found = [each.event.text for each in log.events()]

    assert found == list("abcdefg")
    assert verify(**where).problems == ()


def test_a_gateway_that_ran_while_the_key_was_replaced_writes_no_more(
    gateways, tmp_path
):
    first, second = gateways(), gateways()
    second.submit_sync(note("s", "1", subject="Patient/1"))
    first.close()

    rotate(tmp_path / "gateway-0", source=tmp_path / "kek")

    for whom in ("Patient/1", "Patient/2", "Patient/1"):
        with pytest.raises(LogUnavailableError, match="with the new key"):
            second.submit_sync(note("s", "2", subject=whom))
    third = gateways()
    third.submit_sync(note("t", "1", subject="Patient/3"))
    with pytest.raises(LogUnavailableError, match="with the new key"):
        second.stream("t")
    assert third.submit_sync(note("s", "2", subject="Patient/2")) == 2
    assert texts(third, "s") == ["1", "2"]


def test_so_it_is_where_nobody_had_a_key_yet(gateways, tmp_path):
    first, second = gateways(), gateways()
    first.close()

    assert rotate(tmp_path / "gateway-0", source=tmp_path / "kek").keys == 0

    with pytest.raises(LogUnavailableError, match="with the new key"):
        second.submit_sync(note("s", "1", subject="Patient/1"))
    assert gateways().submit_sync(note("s", "1", subject="Patient/1")) == 1


def test_a_replaced_key_is_not_forgotten_when_a_look_at_the_news_fails(
    gateways, tables, tmp_path, monkeypatch
):
    monkeypatch.setattr(connecting, "_LOCK", "100ms")
    first, second = gateways(), gateways()
    second.submit_sync(note("s", "1", subject="Patient/1"))
    first.submit_sync(note("t", "1", subject="Patient/1"))
    first.close()
    rotate(tmp_path / "gateway-0", source=tmp_path / "kek")

    with tables.transaction():
        tables.execute("LOCK TABLE stored_events IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(LogUnavailableError):
            second.submit_sync(note("u", "1", subject="Patient/2"))

    with pytest.raises(LogUnavailableError, match="with the new key"):
        second.submit_sync(note("u", "1", subject="Patient/2"))


def test_what_others_appended_is_not_forgotten_when_a_look_at_it_fails(
    gateways, tables, monkeypatch
):
    monkeypatch.setattr(connecting, "_LOCK", "100ms")
    first, second = gateways(), gateways()
    second.submit_sync(counted("s"))
    first.submit_sync(counted("s"))

    with tables.transaction():
        tables.execute("LOCK TABLE stored_events IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(LogUnavailableError):
            second.submit_sync(counted("s"))

    assert second.submit_sync(counted("s")) == 3


def test_what_is_remembered_goes_with_a_key_that_another_gateway_destroyed(gateways):
    first, second = gateways(), gateways()
    second.submit_sync(note("s", "1", subject="Patient/1"))

    def destroy(session):
        keys = [each.key_id for each in session.keys_of(["Patient/1"])]
        note("erasures", "1")(session)
        session.destroy(keys)

    first.submit_sync(destroy)

    seen = second.submit_sync(lambda session: session.load("s", longer, ()))
    assert seen == ((), 1)


def test_a_log_is_out_of_reach_while_the_server_is_away(tmp_path):
    with running() as own:
        ledger = opened(tmp_path, server=own.fresh())
        try:
            assert ledger.reachable
            own.stop()
            await_that(lambda: not ledger.reachable)
            own.start()
            await_that(lambda: ledger.reachable)
        finally:
            ledger.close()


def await_that(happens):
    until = time.monotonic() + 20
    while not happens():
        assert time.monotonic() < until
        time.sleep(0.02)
