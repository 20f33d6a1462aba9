import asyncio
import sqlite3
from contextlib import closing

import pytest

from domain.errors import RuleError
from domain.values import Acuity
from gateway.store.errors import CiphertextError
from gateway.workers import floor, passed_over, supervision
from gateway.workers.cases import CaseStates
from tests.gateway_inside import gateway_inside
from tests.patients import encounter, patient
from tests.worklist import arrived, assessed, until


def spoil_read_models(folder, kind):
    """Damage the bodies of a type, as a disk may."""
    with closing(sqlite3.connect(folder / "projections.sqlite", timeout=30)) as file:
        file.execute(
            "UPDATE resource SET body = CAST(substr(body, 2) AS BLOB) WHERE type = ?",
            (kind,),
        )
        file.commit()


def broken(_case):
    raise ValueError("a rule that nobody tested")


async def test_a_case_that_the_rules_cannot_judge_is_urgent_and_says_so(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(floor, "assess", broken)
    whom = "urn:uuid:6a0a2c2e-3a53-4c55-9a9b-5a3c0a4b0c02"
    entries = [
        {
            "fullUrl": whom,
            "resource": patient(),
            "request": {"method": "POST", "url": "Patient"},
        },
        {
            "resource": encounter(whom, "runny nose"),
            "request": {"method": "POST", "url": "Encounter"},
        },
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}

    async with gateway_inside(tmp_path, dev=True) as caller:
        await caller.push(bundle)
        (task,) = await until(lambda: caller.search("Task?status=requested"))
        (impression,) = await caller.search("ClinicalImpression")

    assert task["priority"] == "asap"
    assert "floor.failed" in str(impression["finding"])
    assert "nobody tested" not in str(impression)


def test_the_floor_of_a_failure_is_never_less_than_emergent():
    failed = floor.failed("ValueError")

    assert failed.acuity is Acuity.EMERGENT
    assert not failed.complete


@pytest.fixture
def unforgiving(monkeypatch):
    """Let a worker that stops stay away for longer than any test waits."""
    monkeypatch.setattr(supervision, "_FIRST_PAUSE_S", 3600)


@pytest.mark.usefixtures("unforgiving")
async def test_a_case_with_damaged_data_is_urgent_and_delays_nobody(tmp_path):
    async with gateway_inside(tmp_path, dev=True) as caller:
        whom = await arrived(caller)
        await assessed(caller, whom)
        spoil_read_models(tmp_path, "Patient")
        (visit,) = await caller.search("Encounter")
        changed = {**visit, "priority": {"text": "again"}}
        assert (await caller.put(changed)).status == 200

        await until(lambda: failed_safe(caller, whom))
        other = await arrived(caller)
        await assessed(caller, other)
        assert not await failed_safe(caller, other)


async def failed_safe(caller, whom):
    found = await caller.search(f"ClinicalImpression?patient={whom}")
    return "floor.failed" in str(found)


@pytest.mark.usefixtures("unforgiving")
async def test_a_case_with_damaged_events_delays_nobody(tmp_path, monkeypatch):
    damaged = []
    monkeypatch.setattr(
        floor, "CaseStates", lambda ledger: FirstDamaged(ledger, damaged)
    )
    async with gateway_inside(tmp_path, dev=True) as caller:
        first = await arrived(caller)
        await until(lambda: asyncio.sleep(0, damaged))
        (task,) = await assessed(caller, await arrived(caller))
        assert await caller.search(f"Task?patient={first}") == []

    assert task["status"] == "requested"


class FirstDamaged(CaseStates):
    """The states of cases, the first of which has an event that cannot be read."""

    def __init__(self, ledger, damaged):
        super().__init__(ledger)
        self._damaged = damaged
        self.asked = 0

    def mend(self):
        self._damaged[:] = ["none"]

    def of(self, case_id):
        self._damaged or self._damaged.append(case_id)
        if case_id in self._damaged:
            self.asked += 1
            raise CiphertextError("A row was changed.")
        return super().of(case_id)


@pytest.fixture
def states(monkeypatch):
    """Give the floor's states of cases, the first of which is damaged until mended."""
    made = []

    def damaged(ledger):
        made.append(FirstDamaged(ledger, []))
        return made[-1]

    monkeypatch.setattr(floor, "CaseStates", damaged)
    return made


@pytest.mark.usefixtures("unforgiving")
async def test_a_case_with_damaged_events_is_not_read_at_each_turn(
    tmp_path, states, monkeypatch
):
    monkeypatch.setattr(passed_over, "_REST_S", 3600)
    async with gateway_inside(tmp_path, dev=True) as caller:
        await arrived(caller)
        await until(lambda: asyncio.sleep(0, states[0].asked))
        for _ in range(2):
            await assessed(caller, await arrived(caller))

    assert states[0].asked == 1


@pytest.mark.usefixtures("unforgiving")
async def test_a_case_whose_events_are_mended_gets_its_floor_without_news(
    tmp_path, states, monkeypatch
):
    monkeypatch.setattr(passed_over, "_REST_S", 0)
    async with gateway_inside(tmp_path, dev=True) as caller:
        first = await arrived(caller)
        await until(lambda: asyncio.sleep(0, states[0].asked > 3))
        states[0].mend()

        (task,) = await assessed(caller, first)

    assert task["status"] == "requested"


@pytest.mark.usefixtures("unforgiving")
async def test_a_verdict_that_the_log_cannot_take_becomes_the_fail_safe_one(
    tmp_path, monkeypatch
):
    hand_in = floor.handed_in

    async def refusing(ledger, unit):
        if unit.command.floor.fired[:1] != floor.failed("RuleError").fired:
            raise RuleError("Not in this way.")
        return await hand_in(ledger, unit)

    monkeypatch.setattr(floor, "handed_in", refusing)
    async with gateway_inside(tmp_path, dev=True) as caller:
        (task,) = await assessed(caller, await arrived(caller))

    assert task["priority"] == "asap"


async def test_want_of_memory_passes_and_is_no_verdict(tmp_path, monkeypatch):
    monkeypatch.setattr(supervision, "_FIRST_PAUSE_S", 0.01)
    judge, wanting = floor.assess, []

    def wanting_once(*given):
        if not wanting:
            wanting.append(given)
            raise MemoryError
        return judge(*given)

    monkeypatch.setattr(floor, "assess", wanting_once)
    async with gateway_inside(tmp_path, dev=True) as caller:
        await assessed(caller, await arrived(caller))
        impressions = await caller.search("ClinicalImpression")

    assert wanting
    assert "floor.failed" not in str(impressions)
