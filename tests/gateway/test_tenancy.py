import asyncio

import pytest

from gateway.tenancy import Shared


class Part:
    """Counts how often it is started, and notes whether it was stopped."""

    def __init__(self, *, failures=0):
        self.failures = failures
        self.started = 0
        self.stopped = False

    async def start(self, held):
        self.started += 1
        await asyncio.sleep(0)
        if self.started <= self.failures:
            raise OSError("The part cannot be started.")
        held.callback(self.stop)
        return self

    def stop(self):
        self.stopped = True


async def test_what_tenants_share_is_started_once_however_many_ask():
    part = Part()
    shared = Shared(part.start)

    found = await asyncio.gather(*(shared.get() for _ in range(5)))

    assert found == [part] * 5
    assert part.started == 1


async def test_what_could_not_be_started_is_tried_again():
    part = Part(failures=1)
    shared = Shared(part.start)
    with pytest.raises(OSError, match="cannot"):
        await shared.get()

    assert await shared.get() is part
    assert part.started == 2


async def test_a_tenant_that_gives_up_does_not_stop_what_others_wait_for():
    part = Part()
    shared = Shared(part.start)
    waiting = asyncio.create_task(shared.get())
    await asyncio.sleep(0)
    waiting.cancel()

    assert await shared.get() is part
    assert part.started == 1


async def test_what_tenants_share_is_stopped_at_the_end():
    part = Part()
    shared = Shared(part.start)
    await shared.get()

    await shared.close()

    assert part.stopped


async def test_what_nobody_asked_for_is_neither_started_nor_stopped():
    part = Part()

    await Shared(part.start).close()

    assert (part.started, part.stopped) == (0, False)


async def test_an_end_while_it_is_still_starting_stops_the_start():
    forever = asyncio.Event()

    async def start(_held):
        await forever.wait()

    shared = Shared(start)
    waiting = asyncio.create_task(shared.get())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    await shared.close()

    with pytest.raises(asyncio.CancelledError):
        await waiting
