"""Four gateways share one log in PostgreSQL, and two of them are killed under load."""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from functools import partial

import aiohttp
import pytest
import pytest_asyncio

from domain.events import REGISTRY
from gateway.audit.replay import replay
from gateway.store.server import URL
from gateway.store.transcript import transcript
from gateway.store.verification import verify
from tests.callers import Caller, caller_session
from tests.gateway_process import GatewayProcess
from tests.knowledge import some_knowledge
from tests.model_server import NAME, model_server
from tests.patients import conditional_visit, visit
from tests.worklist import assessed, until

GATEWAYS = 4
CASES = 24
CLIENTS = 6
PULSE = ("8867-4", 128)
PAUSE_S, PATIENCE_S = 0.05, 180

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Load:
    """Clients that send each visit to two gateways until both have acknowledged it."""

    def __init__(self, session, gateways):
        self._callers = [Caller(session, each.base) for each in gateways]
        self._chance = random.Random(20261122)
        self.acknowledged = {}
        self.different = []
        self.interrupted = 0

    async def run(self):
        records = [f"case-{number}" for number in range(CASES)]
        await asyncio.gather(*(self._client(records) for _ in range(CLIENTS)))

    async def _client(self, records):
        while records:
            record = records.pop()
            make = self._chance.choice((visit, conditional_visit))
            bundle = make(record, "chest pain", PULSE)
            answers = [
                await self._sent(caller, bundle)
                for caller in self._chance.sample(self._callers, 2)
            ]
            self.acknowledged[record] = answers[0][0].partition("/_history")[0]
            if answers[0] != answers[1]:
                self.different.append(record)

    async def _sent(self, caller, bundle):
        while True:
            with suppress(aiohttp.ClientError, TimeoutError, ConnectionError):
                answer = await caller.push_anything(bundle)
                if answer.status == 200:
                    return answer.locations
                assert answer.status == 503, answer.body
            self.interrupted += 1
            await asyncio.sleep(PAUSE_S)


def gateway(folder, number, **settings):
    own = folder / str(number)
    own.mkdir()
    return GatewayProcess(own, dev=True, key_file=folder / "kek", **settings)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def aftermath(tmp_path_factory, postgres):
    """What clients, model and gateways know once every case is told of."""
    folder = tmp_path_factory.mktemp("several")
    async with model_server() as (model, url), caller_session() as session:
        stored = {
            "database_url": postgres.url,
            "database_schema": postgres.fresh().schema,
            "knowledge": some_knowledge(folder),
            "model": "embedded",
            "model_url": url,
            "model_name": NAME,
        }
        gateways = [
            gateway(folder, number, read_models_apart=not number, **stored)
            for number in range(GATEWAYS)
        ]
        for each in gateways:
            each.spawn()
        for each in gateways:
            await asyncio.to_thread(each.wait_ready)
        load = Load(session, gateways)
        loading = asyncio.create_task(load.run())
        for each, wanted in zip(gateways, (CASES // 6, CASES // 3), strict=False):
            await until(partial(_told, load, wanted), patience=PATIENCE_S)
            each.kill()
            each.spawn()
        await loading
        for each in gateways:
            await asyncio.to_thread(each.wait_ready)
        yield load, model, gateways, session
        for each in gateways:
            each.stop()


async def _told(load, wanted):
    return len(load.acknowledged) >= wanted


async def test_every_case_has_one_assessment_and_one_task_everywhere(aftermath):
    load, _, gateways, session = aftermath
    seen = set()
    for each in gateways:
        caller = Caller(session, each.base)
        for whom in sorted(load.acknowledged.values()):
            (task,) = await assessed(caller, whom)
            (impression,) = await caller.search(f"ClinicalImpression?patient={whom}")
            seen.add((whom, task["id"], impression["id"]))

    assert len(load.acknowledged) == CASES
    assert len(seen) == CASES


async def test_two_gateways_answer_the_same_to_the_same_request(aftermath):
    load, *_ = aftermath

    assert load.different == []
    assert load.interrupted > 0


async def test_the_model_was_asked_once_about_a_case_or_again_after_a_kill(aftermath):
    load, model, *_ = aftermath

    assert len(model.prompts) >= CASES
    assert len(model.prompts) <= CASES + load.interrupted + GATEWAYS


async def test_the_log_is_whole_and_every_fact_stands_in_it_once(
    aftermath, postgres, monkeypatch
):
    _, _, gateways, _ = aftermath
    monkeypatch.setenv(URL, postgres.url)
    where = {
        "folder": gateways[1].data,
        "kek_file": gateways[1].data.parents[1] / "kek",
    }

    verdict = verify(**where)
    replayed = replay(**where, progress=lambda *_: None)
    with transcript(registry=REGISTRY, **where) as log:
        topics = Counter(each.topic for each in log.events())

    assert verdict.problems == ()
    assert replayed.findings == ()
    assert topics["case.opened.v1"] == topics["assessment.floored.v1"] == CASES
    answered = topics["assessment.proposed.v1"] + topics["assessment.withheld.v1"]
    assert answered == CASES
