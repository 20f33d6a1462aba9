"""One event that nobody can read any more keeps nobody else waiting."""

import asyncio

import pytest

from tests.gateway_inside import gateway_inside
from tests.patients import patient, transaction, visit
from tests.store.samples import attack
from tests.worklist import assessed

SPOIL = "UPDATE stored_events SET state = CAST(substr(state, 1, 60) AS BLOB)"


def whom(pushed):
    return pushed.locations[0].partition("/_history")[0]


@pytest.fixture
async def old(tmp_path):
    """A folder whose first events a start does not read again, but readers do."""
    async with gateway_inside(tmp_path, dev=True) as caller:
        await assessed(caller, whom(await caller.push(visit("1", "chest pain"))))
        many = (patient(f"many-{n}") for n in range(150))
        await caller.push(transaction(*many))
    for name in ("projections.sqlite", "audit.sqlite"):
        (tmp_path / name).unlink()
    return tmp_path


def spoil(folder, topic):
    first = f"(SELECT MIN(position) FROM stored_events WHERE topic = '{topic}')"
    attack(folder, f"{SPOIL} WHERE position = {first}")


@pytest.mark.parametrize("topic", ["record.accepted.v1", "case.opened.v1"])
async def test_a_spoilt_event_is_passed_over_and_others_get_their_task(old, topic):
    spoil(old, topic)

    async with gateway_inside(old, dev=True) as caller:
        async with asyncio.timeout(60):
            other = whom(await caller.push(visit("2", "chest pain")))
            (task,) = await assessed(caller, other)
        ready = await caller.get("/health/ready")

    assert task["status"] == "requested"
    assert ready.status == 503
    assert "could not be projected" in ready.body.decode()
