"""A case that cannot be read keeps no other one from the model's part."""

import asyncio

import pytest

from gateway.store.errors import CiphertextError
from gateway.workers import model, supervision
from gateway.workers.cases import CaseStates
from tests.gateway_inside import gateway_inside
from tests.model_server import NAME, model_server
from tests.worklist import arrived, assessed, until


@pytest.fixture(autouse=True)
def unforgiving(monkeypatch):
    """Let a worker that stops stay away for longer than any test waits."""
    monkeypatch.setattr(supervision, "_FIRST_PAUSE_S", 3600)


@pytest.fixture
def damaged(monkeypatch):
    """Let nothing be known, or told, of the first case that the model's worker has."""
    damaged, hand_in, of = [], model.handed_in, CaseStates.of

    def require_sound(case_id):
        damaged or damaged.append(case_id)
        if case_id in damaged:
            raise CiphertextError("A row was changed.")

    class Damaged(CaseStates):
        def of(self, case_id):
            require_sound(case_id)
            return of(self, case_id)

    async def handing_in(ledger, unit):
        require_sound(unit.case_id)
        return await hand_in(ledger, unit)

    monkeypatch.setattr(model, "CaseStates", Damaged)
    monkeypatch.setattr(model, "handed_in", handing_in)
    return damaged


async def others_are_answered(caller, damaged):
    first = await arrived(caller)
    await until(lambda: asyncio.sleep(0, damaged))
    await assessed(caller, await arrived(caller))
    (task,) = await caller.search(f"Task?patient={first}")
    return "not answered yet" in task["description"]


async def test_without_a_model(tmp_path, damaged):
    async with gateway_inside(tmp_path, dev=True) as caller:
        assert await others_are_answered(caller, damaged)


async def test_with_a_model(tmp_path, damaged):
    async with model_server() as (_, url):
        known = {"model_url": url, "model_name": NAME}
        async with gateway_inside(tmp_path, dev=True, **known) as caller:
            assert await others_are_answered(caller, damaged)
