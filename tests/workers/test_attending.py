"""A model is known by what its answers depend on; another one is noticed and tested."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.answers import Draft, ModelIdentity, Sampling
from domain.assessment import Assessment
from domain.commands import ProposeImpression, RecordFloor, WithholdImpression
from domain.events import REGISTRY
from domain.registering import RollBackModel
from domain.switching import AdmitModel
from domain.values import Acuity
from gateway.intake.serving import told
from gateway.metrics import Metrics
from gateway.settings.model_checks import ModelChecks
from gateway.store.ledger import Ledger
from gateway.workers.admission import Candidate
from gateway.workers.attending import Attending
from inference.canary import CANARIES
from inference.pipeline import Pipeline
from inference.retrieve.absent import AbsentRetriever
from inference.schema import (
    Answer,
    GeneratorUnavailableError,
    Retrieval,
)
from tests.model_server import obedient
from tests.released import ADAPTER_SHA256, BASE_SHA256, activate_in, decide

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHEST = CANARIES[1]
STATE = Assessment(revision=1, floored=1, case=CHEST.case, floor=CHEST.floor)


class Scripted:
    """Answers level 2 as the model `self.model`; raises `self.fails` where given."""

    def __init__(self):
        self.model = ModelIdentity(name="base:first", weights="1", server="s")
        self.fails = None
        self.asked = 0

    async def generate(self, _messages, *, schema, **_):
        self.asked += 1
        if self.fails:
            raise self.fails
        return Answer(
            text=obedient(schema, 2),
            finish="stop",
            model=self.model,
            sampling=Sampling(temperature=0.0, seed=0, max_tokens=9),
            milliseconds=1,
        )


class Shelf:
    """Finds nothing, in an index of a version."""

    def __init__(self):
        self.index = "index-1"

    async def retrieve(self, _query):
        return Retrieval(passages=(), index=self.index)


async def _fine():
    return ()


@asynccontextmanager
async def attending(
    folder, model, shelf, *, shadow=True, adapter="", misnamed=_fine, **checks
):
    ledger = Ledger.open(folder, registry=REGISTRY, tenant="t")
    candidate = Candidate(
        pipeline=Pipeline(shelf, model, shadow=shadow),
        misnamed=misnamed,
        adapter_sha256=adapter,
        cases=1,
    )
    one = Attending(
        ledger=ledger,
        candidate=candidate,
        checks=ModelChecks(pause_seconds=0.01, **checks),
        metrics=Metrics(),
        clock=lambda: AT,
    )
    testing = asyncio.create_task(one.run())
    try:
        await one.settled()
        yield one, lambda: told(ledger.stream)
    finally:
        testing.cancel()
        await asyncio.gather(testing, return_exceptions=True)
        ledger.close()


async def asked(one):
    command = await one.ask(STATE)
    await one.note(command, STATE.floor.acuity, 0.1)
    return command


async def passed(one):
    async with asyncio.timeout(60):
        while await one.objection():
            await asyncio.sleep(0.01)


@pytest.fixture
def model():
    return Scripted()


@pytest.fixture
def shelf():
    return Shelf()


async def test_what_is_served_has_everything_that_answers_depend_on(
    tmp_path, model, shelf
):
    async with attending(tmp_path, model, shelf) as (one, registry):
        assert await one.objection() == ""
        served = registry().served

    assert (served.name, served.adapter, served.weights) == ("base", "first", "1")
    assert (served.index, served.server, served.shadow) == ("index-1", "s", True)
    assert served.prompt
    assert len(served.catalogue) == 64


async def test_a_newer_index_is_noted_without_another_test(tmp_path, model, shelf):
    async with attending(tmp_path, model, shelf) as (one, registry):
        shelf.index = "index-2"
        await asked(one)

        assert await one.objection() == ""
        assert registry().served.index == "index-2"


async def test_a_late_answer_from_a_newer_index_admits_no_refused_model(
    tmp_path, model, shelf
):
    async with attending(tmp_path, model, shelf) as (one, registry):
        command = await one.ask(STATE)
        known = registry()
        refusal = AdmitModel(
            served=known.served,
            canaries=known.canaries,
            faults=("it is another model",),
            obedience=0.0,
            tolerance=1.0,
            exact=False,
            at=AT,
        )
        await one._submit(refusal)
        late = replace(command, run=replace(command.run, index="index-2"))
        await one.note(late, STATE.floor.acuity, 0.1)

        assert registry().refused is not None
        assert registry().served.index == "index-1"


async def test_an_index_that_is_out_of_reach_is_no_change(tmp_path, model, shelf):
    away = AbsentRetriever("gone")
    async with attending(tmp_path, model, shelf) as (one, registry):
        one._candidate = replace(
            one._candidate, pipeline=replace(one._candidate.pipeline, retriever=away)
        )
        await asked(one)

        assert registry().served.index == "index-1"


async def test_without_knowledge_a_model_may_serve(tmp_path, model):
    async with attending(tmp_path, model, AbsentRetriever("gone")) as (one, registry):
        assert await one.objection() == ""
        assert registry().served.index == "unavailable"


async def test_other_weights_are_tested_before_they_answer_again(
    tmp_path, model, shelf
):
    async with attending(tmp_path, model, shelf) as (one, registry):
        model.model = replace(model.model, weights="2")
        await asked(one)
        assert "tested again" in await one.objection()

        await passed(one)

        assert registry().served.weights == "2"


class Listing:
    """What is wrong with what a server lists; `away` where nobody can ask it."""

    def __init__(self):
        self.faults = ()
        self.away = False
        self.looks = 0

    async def __call__(self):
        self.looks += 1
        if self.away:
            raise GeneratorUnavailableError("It is away.")
        return self.faults


async def test_what_a_server_lists_no_more_is_found_out_though_no_case_comes(
    tmp_path, model, shelf
):
    listing = Listing()
    async with attending(tmp_path, model, shelf, misnamed=listing) as (one, registry):
        assert await one.objection() == ""
        listing.faults = ("the server does not list an adapter of that name",)

        async with asyncio.timeout(60):
            while "failed its self-test" not in await one.objection():
                await asyncio.sleep(0.01)

        assert registry().refused.faults == listing.faults
        assert registry().refused.served.adapter == "first"
        assert model.asked == 1  # SGLang would load what it is asked for
        listing.faults = ()
        await passed(one)
        assert registry().refused is None


async def test_a_server_that_is_away_for_a_moment_is_not_doubted(
    tmp_path, model, shelf
):
    listing = Listing()
    async with attending(tmp_path, model, shelf, misnamed=listing) as (one, registry):
        listing.away = True
        until = listing.looks + 2
        async with asyncio.timeout(60):
            while listing.looks < until:
                await asyncio.sleep(0.01)

        assert await one.objection() == ""
        assert registry().refused is None


async def test_three_failures_in_a_row_are_a_reason_to_test(tmp_path, model, shelf):
    async with attending(tmp_path, model, shelf) as (one, _):
        model.fails = GeneratorUnavailableError("It is away.")
        for _ in range(2):
            await asked(one)
            assert await one.objection() == ""
        command = await asked(one)
        assert isinstance(command, WithholdImpression)
        assert "It is away." in await one.objection()
        model.fails = None

        await passed(one)

        assert (await asked(one)).run is not None


async def test_a_fault_of_ours_withholds_one_case(tmp_path, model, shelf):
    async with attending(tmp_path, model, shelf) as (one, _):
        model.fails = RuntimeError("a secret")
        command = await one.ask(STATE)
        without = await one.ask(Assessment(revision=1))

    assert command.reasons == ("the gateway failed while it asked the model",)
    assert without.reasons == ("there was no assessed case to ask about",)


async def test_what_the_rules_say_is_no_answer_of_the_model(tmp_path, model, shelf):
    async with attending(tmp_path, model, shelf, window=1, least=1) as (one, registry):
        floor = RecordFloor(revision=1, case=CHEST.case, floor=CHEST.floor)
        await one.note(floor, Acuity.EMERGENT, 500.0)

        assert registry().suspended is None


async def test_a_slow_model_is_switched_off_once(tmp_path, model, shelf):
    async with attending(tmp_path, model, shelf, window=1, least=1) as (one, registry):
        command = await one.ask(STATE)
        for _ in range(2):
            await one.note(command, STATE.floor.acuity, 500.0)

        assert "median seconds of an answer 500" in await one.objection()
        assert registry().suspended.by == ""


async def test_only_an_answer_that_counted_has_made_a_case_more_urgent(
    tmp_path, model, shelf
):
    model.model = replace(model.model, weights=BASE_SHA256)
    settings = {"shadow": False, "adapter": ADAPTER_SHA256, "window": 4, "least": 4}
    async with attending(tmp_path, model, shelf, **settings) as (one, registry):

        async def raised(times):
            run = (await one.ask(STATE)).run
            draft = Draft(acuity=Acuity.EMERGENT)
            answer = ProposeImpression(revision=1, run=run, draft=draft)
            for _ in range(times):
                await one.note(answer, Acuity.URGENT, 0.1)
            return registry().exceeded

        assert await raised(4) is None  # nothing was activated
        activate_in(one._ledger, adapter_sha256=ADAPTER_SHA256)
        assert await raised(1) is None

        exceeded = await raised(1)

        assert (exceeded.raises.raised, exceeded.raises.answered) == (2, 4)
        leave = RollBackModel(by="Dr Jo Doe", reason="it raises everybody", at=AT)
        decide(one._ledger, leave)
        assert await raised(4) is None
