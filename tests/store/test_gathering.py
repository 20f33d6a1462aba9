"""Who shares a commit with whom."""

import asyncio
import threading

import pytest

from gateway.store import writer
from tests.store.samples import note, opened


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Let the writer wait as long as a test may last."""
    monkeypatch.setattr(writer, "_QUIET_S", 60)
    monkeypatch.setattr(writer, "_LONGEST_GATHERING_S", 60)


pytestmark = pytest.mark.usefixtures("backend")


async def together(ledger, *names):
    await asyncio.gather(*(ledger.submit(note(name, "text")) for name in names))


async def until(holds):
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.001)


async def company(ledger, monkeypatch):
    """Let three share a commit, so that three are waited for."""
    monkeypatch.setattr(writer, "_QUIET_S", 0.001)
    entered, opened = threading.Event(), threading.Event()

    def hold(_session):
        entered.set()
        opened.wait(60)

    held = asyncio.ensure_future(ledger.submit(hold))
    await until(entered.is_set)
    others = asyncio.ensure_future(together(ledger, "a", "b", "c"))
    await until(lambda: ledger.stats.queue_depth == 3)
    opened.set()
    await asyncio.gather(held, others)
    monkeypatch.setattr(writer, "_QUIET_S", 60)


async def test_who_is_alone_is_never_kept_waiting(ledger):
    async with asyncio.timeout(60):
        for name in ("a", "b", "c"):
            await ledger.submit(note(name, "text"))

    assert ledger.stats.groups == 3


async def test_those_who_came_together_are_waited_for(ledger, monkeypatch):
    async with asyncio.timeout(60):
        await company(ledger, monkeypatch)
        before = ledger.stats.groups
        first = asyncio.ensure_future(ledger.submit(note("d", "text")))
        await until(lambda: ledger.stats.queue_depth == 1)
        second = asyncio.ensure_future(ledger.submit(note("e", "text")))
        await until(lambda: ledger.stats.queue_depth == 2)
        await asyncio.gather(first, second, ledger.submit(note("f", "text")))

    assert ledger.stats.groups == before + 1


async def test_who_does_not_come_back_is_not_waited_for_long(ledger, monkeypatch):
    async with asyncio.timeout(60):
        await company(ledger, monkeypatch)
        monkeypatch.setattr(writer, "_QUIET_S", 0.01)
        await ledger.submit(note("d", "text"))
        monkeypatch.setattr(writer, "_QUIET_S", 60)
        await ledger.submit(note("e", "text"))

    assert ledger.stats.queue_depth == 0


async def test_however_many_are_waited_for_the_longest_time_holds(ledger, monkeypatch):
    async with asyncio.timeout(60):
        await company(ledger, monkeypatch)
        monkeypatch.setattr(writer, "_LONGEST_GATHERING_S", 0.01)

        assert await ledger.submit(note("d", "text")) == 1


async def test_a_log_that_is_closed_waits_for_nobody(tmp_path, monkeypatch):
    ledger = opened(tmp_path)
    async with asyncio.timeout(60):
        await company(ledger, monkeypatch)
        last = asyncio.ensure_future(ledger.submit(note("d", "text")))
        await until(lambda: ledger.stats.queue_depth == 1)

        await asyncio.to_thread(ledger.close)

        assert await last == 1
