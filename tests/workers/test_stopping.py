import asyncio
import threading

from gateway.projections.threads import in_thread
from gateway.workers.cases import all_ended


async def test_a_worker_that_is_stopped_waits_for_every_thread_of_its_cases():
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def slow():
        begun.set()
        may_end.wait(60)
        ended.set()

    async def quick():
        await asyncio.Event().wait()

    working = asyncio.create_task(all_ended([in_thread(slow), quick()]))
    await asyncio.to_thread(begun.wait, 60)
    for _ in range(2):  # an impatient service cancels twice
        working.cancel()
        await asyncio.sleep(0.01)

    assert not working.done()
    may_end.set()
    await asyncio.wait([working], timeout=60)
    assert working.cancelled()
    assert ended.is_set()
