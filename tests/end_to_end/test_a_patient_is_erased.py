"""An erasure through the processes that do it, killed at each step: all or nothing."""

import shutil

import pytest
import pytest_asyncio

from tests.callers import FEED, NURSE, Caller, caller_session
from tests.end_to_end.test_nothing_readable_on_disk import holding
from tests.erasure.command import audited, erase, killed_at
from tests.erasure.stories import Marked, live
from tests.gateway_inside import gateway_inside
from tests.gateway_process import GatewayProcess

STEPS = {
    "gateway.audit.erasure:ErasureUnit.__call__": False,
    "gateway.store.session:Session.destroy": False,
    "gateway.store.recorder:SealedRecorder.insert_events": True,
    "gateway.store.sqlite:SqliteLog.shed": True,
    "gateway.intake.erasures:keep": True,
    "gateway.store.spool:Spool.shed": True,
    "gateway.projections.projection:purge": True,
    "gateway.projections.database:Database.shed": True,
}
"""Where an erasure is killed, and whether it is done once the step is over."""
RULES = {"rules": {"binding": "quarantine"}}
EVE = Marked("evevev", "eve-1-chosen")
ADAM = Marked("adamam", "adam-2-chosen")
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lived(tmp_path_factory):
    """The folder of a gateway that has seen both, stopped."""
    data = tmp_path_factory.mktemp("lived") / "data"
    async with gateway_inside(data, **RULES) as one:
        for each in (EVE, ADAM):
            await live(one, each)
    return data


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_an_erasure_that_is_killed_is_completed_or_had_no_effect(
    lived, tmp_path, step, when
):
    data = tmp_path / "data"
    shutil.copytree(lived, data)
    not_yet = step.endswith("insert_events") and when == "before"
    done = STEPS[step] and not not_yet

    killed_at(data, EVE.id, step=step, when=when)

    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        assert (await feed.get(f"/fhir/{EVE.name}")).status == (410 if done else 200)
        assert len(await feed.search(f"Patient?family={EVE.family}")) == (not done)
        assert (await feed.get(f"/fhir/{ADAM.name}")).status == 200
    assert holding(data, EVE.values) == set()
    again = await erase(data, EVE.id)
    assert again.exit_code == 0, again.output
    assert "same" in await audited(data)


async def test_she_is_erased_between_two_runs_of_a_real_gateway(lived, tmp_path):
    shutil.copytree(lived, tmp_path / "data")
    process = GatewayProcess(tmp_path, **RULES).start()
    before = await everything(process, ADAM)
    assert (await everything(process, EVE)).status == 200
    assert process.stop() == 0

    done = await erase(process.data, EVE.id)

    assert done.exit_code == 0, done.output
    process.start()
    after = await everything(process, ADAM)
    assert of_patients(after) == of_patients(before)
    assert (await everything(process, EVE)).status == 410
    assert process.stop() == 0
    assert holding(process.data, EVE.values) == set()
    assert not any(value in process.output for value in EVE.values)
    assert "same" in await audited(process.data)


def of_patients(answer):
    """Return what is shown; a Device is nobody's, and told from its next mention on."""
    return [each for each in answer.resources if each["resourceType"] != "Device"]


async def everything(process, who):
    async with caller_session() as session:
        nurse = Caller(session, process.base).called(NURSE)
        return await nurse.get(f"/fhir/{who.name}/$everything")
