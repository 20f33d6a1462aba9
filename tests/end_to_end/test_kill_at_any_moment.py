"""Promise 1, the hard way: the process is killed over and over under load."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
import pytest
import pytest_asyncio

from tests.callers import Caller, caller_session
from tests.gateway_process import GatewayProcess
from tests.patients import (
    conditional_visit,
    put_visit,
    statement,
    transaction,
    visit,
    vital,
)
from tests.worklist import assessed

KILLS = 52
CLIENTS = 4
LONGEST_LIFE_S = 1.5  # of a process once it is up; it may be killed before that, too
PAUSE_S = 0.02
PULSE = ("8867-4", 128)


def visits(record):
    """Return the Bundle that brings a patient, in one of three manners."""
    manner = (
        lambda: visit(record, "chest pain", PULSE),
        lambda: conditional_visit(record, "chest pain", PULSE),
        lambda: put_visit(record, "chest pain", PULSE),
    )
    return manner[int(record.rpartition("-")[2]) % 3]()


@dataclass
class Sent:
    """A Bundle and every answer that it got."""

    bundle: dict
    answers: set = field(default_factory=set)


@dataclass
class Load:
    """Clients that send Bundles, and send each again until it is acknowledged."""

    base: str
    seed: int
    stopping: bool = False
    sent: list = field(default_factory=list)
    interrupted: int = 0

    async def run(self):
        async with caller_session() as session:
            one = Caller(session, self.base)
            await asyncio.gather(*(self._client(one, n) for n in range(CLIENTS)))

    async def _client(self, caller, number):
        chance = random.Random(f"{self.seed}/{number}")
        count = 0
        while not self.stopping:
            record = f"client-{number}-{count}"
            first = await self._send(caller, Sent(visits(record)))
            whom = first[0].partition("/_history")[0]
            more = transaction(
                statement(whom, "warfarin"), vital(whom, "9279-1", 15 + count % 3)
            )
            await self._send(caller, Sent(more))
            if chance.random() < 0.3:
                await self._send(caller, chance.choice(self.sent))
            count += 1

    async def _send(self, caller, sent):
        if sent not in self.sent:
            self.sent.append(sent)
        while True:
            with suppress(aiohttp.ClientError, TimeoutError, ConnectionError):
                answer = await caller.push_anything(sent.bundle)
                if answer.status == 200:
                    sent.answers.add(tuple(answer.locations))
                    return answer.locations
                assert answer.status == 503, answer.body
            self.interrupted += 1
            await asyncio.sleep(PAUSE_S)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def aftermath(tmp_path_factory):
    """What the clients know, and the gateway after the last kill."""
    gateway = GatewayProcess(tmp_path_factory.mktemp("killed"), dev=True).start()
    load = Load(gateway.base, seed=20260301)
    loading = asyncio.create_task(load.run())
    chance = random.Random(load.seed)
    longest = LONGEST_LIFE_S + gateway.start_seconds[0]
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0, longest))
        gateway.kill()
        assert not loading.done(), loading.exception()
        gateway.spawn()
    await asyncio.to_thread(gateway.wait_ready)
    load.stopping = True
    await loading
    yield load, gateway
    gateway.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def caller(aftermath):
    _, gateway = aftermath
    async with caller_session() as session:
        yield Caller(session, gateway.base)


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_load_was_real(aftermath):
    load, _ = aftermath

    assert load.interrupted > KILLS
    assert len(load.sent) > KILLS
    assert all(each.answers for each in load.sent)


async def test_every_repetition_got_the_same_answer(aftermath):
    load, _ = aftermath

    assert [each for each in load.sent if len(each.answers) != 1] == []


async def test_everything_acknowledged_is_there_with_its_content(aftermath, caller):
    load, _ = aftermath

    for sent in load.sent:
        (locations,) = sent.answers
        whom = locations[0].partition("/_history")[0]
        for entry, location in zip(sent.bundle["entry"], locations, strict=True):
            stored = await caller.read(location)
            wanted = dict(entry["resource"])
            if "subject" in wanted:
                subject = wanted["subject"]["reference"]
                known = whom if subject.startswith("urn:") else subject
                wanted["subject"] = {"reference": known}
            assert {**wanted, "id": stored["id"], "meta": stored["meta"]} == stored


async def test_nothing_is_there_twice(aftermath, caller):
    load, _ = aftermath
    entries = [
        entry["resource"]["resourceType"]
        for sent in load.sent
        for entry in sent.bundle["entry"]
    ]

    for kind in ("Patient", "Encounter", "Observation", "MedicationStatement"):
        counted = await caller.get(f"/fhir/{kind}?_summary=count")
        assert counted.json["total"] == entries.count(kind)


async def test_every_patient_has_one_case_and_one_open_task(aftermath, caller):
    load, _ = aftermath
    patients = {
        location.partition("/_history")[0]
        for sent in load.sent
        for locations in sent.answers
        for location in locations
        if location.startswith("Patient/")
    }

    for whom in sorted(patients):
        (task,) = await assessed(caller, whom)
        assert task["status"] == "requested"
        assert len(await caller.search(f"ClinicalImpression?patient={whom}")) == 1
        assert len(await caller.search(f"RiskAssessment?patient={whom}")) == 1


async def test_every_version_of_an_output_is_there(aftermath, caller):
    assert aftermath
    for kind in ("ClinicalImpression", "Task"):
        for each in await caller.search(f"{kind}?_count=1000"):
            history = await caller.get(f"/fhir/{kind}/{each['id']}/_history")
            versions = [
                int(one["meta"]["versionId"]) for one in reversed(history.resources)
            ]
            assert versions == list(range(1, len(versions) + 1))


async def test_the_log_verifies_and_a_rebuild_is_the_same(aftermath, audit):
    load, gateway = aftermath
    assert load

    assert "verified head" in audit("verify", gateway.data)
    assert audit("replay", gateway.data).rstrip().endswith("same")


async def test_the_gateway_started_quickly_every_time(aftermath):
    _, gateway = aftermath

    assert gateway.start_seconds
    assert max(gateway.start_seconds) < 20
