"""Whatever becomes of the model, the rules answer, say why, and it is taken again.

Each row of docs/safety/failure-policy.md that is about the model. The rows for which a
server has to be slow, stopped or garbled are seen with a real SGLang server, too.
"""

import asyncio
from contextlib import asynccontextmanager

from click.testing import CliRunner

from domain.events import REGISTRY
from gateway.cli.model import model as model_command
from gateway.intake.serving import told
from gateway.intake.streams import SERVING
from gateway.store.transcript import transcript
from tests.end_to_end.test_the_floor_always_answers import (
    CALM,
    GRAVE,
    impression_of,
)
from tests.gateway_inside import gateway_inside
from tests.knowledge import some_knowledge
from tests.model_proxy import model_proxy
from tests.model_server import NAME, model_server
from tests.released import DECLARED, activate
from tests.sglang.server import BASE
from tests.worklist import acuity, arrived, floor, said, until, value

QUICK = {"cases": 1, "pause_seconds": 0.5, "window": 3, "least": 3}
ALONE = "the rules stand alone"
BY = "Dr Jo Doe"
PATIENCE_S = 120  # of a machine that has much else to do


@asynccontextmanager
async def gateway(folder, url, *, name=NAME, within=2, checks=None, **settings):
    known = {
        "model_url": url,
        "model_name": name,
        "model_timeout_seconds": within,
        "model_checks": {**QUICK, **(checks or {})},
        "knowledge": some_knowledge(folder),
    }
    async with gateway_inside(folder / "data", dev=True, **known, **settings) as one:
        yield one


def counting(folder):
    """Let the model count in a gateway's folder; return that."""
    activate(folder / "data")
    return folder


async def told_of(caller, *measured):
    """Return a fresh patient's Task and what it is about, once all is said of it."""
    whom = await arrived(caller, *measured)

    async def look():
        tasks = await caller.search(f"Task?patient={whom}")
        told = [each for each in tasks if "not answered yet" not in said(each)]
        return told[0] if told else None

    task = await until(look, PATIENCE_S)
    return task, await impression_of(caller, task)


async def answered(caller):
    """Wait until the model answers a case; each time another patient comes."""

    async def look():
        task, _ = await told_of(caller, GRAVE)
        return task if value(task, "model") else None

    return await until(look, PATIENCE_S)


async def alone(caller, *reasons):
    """Let a patient come, of whom the rules alone say something, and why."""
    task, impression = await told_of(caller, GRAVE)
    assert (acuity(task), floor(task), value(task, "model")) == (2, 2, None)
    for shown in (said(task), impression["summary"]):
        assert ALONE in shown
        assert any(each in shown for each in reasons), shown
    return task


async def switched(caller, to, by=BY, reason="strange answers"):
    given = {"to": to, "by": by, "reason": reason}
    listed = [{"name": name, "valueString": text} for name, text in given.items()]
    content = {"resourceType": "Parameters", "parameter": listed}
    return await caller.request("POST", "/fhir/$switch-model", content)


def registry(folder):
    with transcript(folder / "data", registry=REGISTRY) as log:
        events = [type(each.event).__name__ for each in log.stream(SERVING)]
        return events, told(log.stream)


async def metric(caller, name):
    text = (await caller.get("/metrics")).body.decode()
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[:1] != "#")
    return float(lines[f"triage_gateway_{name}"])


async def test_a_server_that_breaks_leaves_the_rules_and_is_taken_again(tmp_path):
    async with (
        model_server() as (model, url),
        model_proxy(url) as (proxy, through),
        gateway(tmp_path, through, within=1) as caller,
    ):
        assert value(await answered(caller), "model") == 3
        for trouble, reason in (
            ("garbage", "not with a chat completion"),
            ("cut", "broke off the connection"),
        ):
            proxy.trouble = trouble
            await alone(caller, reason)
        proxy.trouble = ""
        assert value(await answered(caller), "model") == 3
        proxy.trouble, proxy.delay = "slow", 1.5
        await alone(caller, "did not answer within 1 s")
        proxy.trouble = ""
        assert value(await answered(caller), "model") == 3
        model.content = "I think she is fine."
        await alone(caller, "does not keep the contract")
        model.content = None
        assert value(await answered(caller), "model") == 3

        within = await metric(caller, 'floor_delay_seconds_bucket{le="1.0"}')
        assert within == await metric(caller, "floor_delay_seconds_count")


async def test_a_server_that_comes_up_later_is_taken_without_a_restart(tmp_path):
    async with model_server() as (_, url), model_proxy(url) as (proxy, through):
        proxy.trouble = "away"
        async with gateway(tmp_path, through) as caller:
            await alone(caller, "cannot be reached")
            assert await metric(caller, "model_in_service") == 0
            proxy.trouble = ""

            await answered(caller)

            assert await metric(caller, "model_in_service") == 1
    assert registry(tmp_path)[0] == ["ModelServed"]


async def test_a_server_that_goes_away_is_tested_again_before_it_answers(tmp_path):
    async with (
        model_server() as (model, url),
        model_proxy(url) as (proxy, through),
        gateway(tmp_path, through) as caller,
    ):
        await answered(caller)
        proxy.trouble = "away"
        for _ in range(3):
            await alone(caller, "cannot be reached", "broke off", "failed")
        model.acuity = 1  # it comes back as another, under the same name
        proxy.trouble = ""

        async def refused():
            task, _ = await told_of(caller, GRAVE)
            return "failed its self-test" in said(task)

        await until(refused, PATIENCE_S)
    assert registry(tmp_path)[0] == ["ModelServed", "ModelRefused"]


async def test_a_model_of_another_name_is_refused_until_it_is_listed(tmp_path):
    async with model_server() as (model, url):
        model.listed = "another"
        async with gateway(tmp_path, url) as caller:
            await alone(caller, "the server does not list a model of that name")
            model.listed = NAME
            await answered(caller)
    events, now = registry(tmp_path)
    assert events == ["ModelRefused", "ModelServed"]
    assert (now.served.name, now.served.shadow) == (NAME, True)
    assert len(now.canaries) == 1


async def test_a_person_switches_the_model_off_and_that_survives_a_restart(tmp_path):
    async with model_server() as (_, url):
        async with gateway(tmp_path, url) as caller:
            await answered(caller)
            assert (await switched(caller, "sideways")).status == 422
            assert (await switched(caller, "off", by="")).status == 422
            done = await switched(caller, "off")
            assert done.json["parameter"] == [{"name": "to", "valueCode": "off"}]
            await alone(caller, "switched off by hand: strange answers")
            assert await metric(caller, "model_suspended") == 1
        status = ["status", "--data", str(tmp_path / "data")]
        shown = await asyncio.to_thread(CliRunner().invoke, model_command, status)
        assert f"by {BY}, strange answers" in shown.output
        async with gateway(tmp_path, url) as caller:
            await alone(caller, "switched off by hand: strange answers")
            assert (await switched(caller, "on")).status == 200
            await answered(caller)
    assert registry(tmp_path)[0] == ["ModelServed", "ModelSuspended", "ModelResumed"]


async def test_figures_switch_the_model_off_until_a_person_switches_it_on(tmp_path):
    async with model_server() as (model, url), gateway(tmp_path, url) as caller:
        await answered(caller)
        model.content = "{}"
        for _ in range(2):
            await alone(caller, "does not keep the contract")
        model.content = None

        await alone(caller, "share of answers that were withheld 0.667, limit 0.5")

        assert (await switched(caller, "on")).status == 200
        await answered(caller)
    events, now = registry(tmp_path)
    assert events == ["ModelServed", "ModelSuspended", "ModelResumed"]
    assert now.suspended is None


async def test_raises_beyond_the_budget_are_told_and_count_all_the_same(tmp_path):
    free = {"disagreement_share": 1.0}
    async with (
        model_server() as (model, url),
        gateway(counting(tmp_path), url, checks=free, **DECLARED) as caller,
    ):
        model.acuity = 2
        for _ in range(3):
            task, _ = await told_of(caller, GRAVE)
            assert "more urgent" not in said(task)
        model.acuity = 1
        for _ in range(2):
            await told_of(caller, GRAVE)

        task, impression = await told_of(caller, GRAVE)

        assert (acuity(task), task["priority"]) == (1, "stat")
        for shown in (said(task), impression["summary"]):
            assert "made 2 of the last 3 cases more urgent, more than 30%" in shown
        assert await metric(caller, "model_raise_share") > 0.3
        model.acuity = 2
        for _ in range(3):
            await told_of(caller, GRAVE)
        task, _ = await told_of(caller, GRAVE)
        assert "more urgent" not in said(task)
    events, _ = registry(tmp_path)
    assert events == ["ModelServed", "RaisesExceeded", "RaisesSubsided"]


async def test_rules_and_model_far_apart_are_shown_both_and_come_first(tmp_path):
    async with model_server() as (model, url):
        model.acuity = 5
        async with gateway(counting(tmp_path), url, **DECLARED) as caller:
            task, impression = await told_of(caller, GRAVE)

    assert (acuity(task), floor(task), value(task, "model")) == (2, 2, 5)
    assert task["priority"] == "stat"
    (coding,) = task["businessStatus"]["coding"]
    assert coding["code"] == "disagreement"
    for shown in (said(task), impression["summary"]):
        assert "disagree: 2 and 5 of 5. Please look here first." in shown


async def test_without_a_model_incomplete_data_are_at_least_urgent(tmp_path):
    async with gateway(tmp_path, "http://127.0.0.1:9/v1") as caller:
        task, _ = await told_of(caller, CALM)

    assert "incomplete" in said(task)
    assert task["priority"] in ("urgent", "asap", "stat")


async def test_a_real_server_that_hangs_or_is_garbled_leaves_the_rules(
    sglang, tmp_path
):
    checks = {"obedience": 0.0, "answers": "off", "window": 100, "least": 100}
    async with (
        model_proxy(sglang.url) as (proxy, through),
        gateway(tmp_path, through, name=BASE, within=20, checks=checks) as caller,
    ):
        await _reached(caller)
        for trouble, reason in (
            ("garbage", "not with a chat completion"),
            ("cut", "broke off the connection"),
        ):
            proxy.trouble = trouble
            await alone(caller, reason)
        proxy.trouble = ""
        await _reached(caller)
        sglang.pause()
        try:
            await alone(caller, "did not answer within 20 s", "cannot be reached")
        finally:
            sglang.resume()
        await _reached(caller)

        within = await metric(caller, 'floor_delay_seconds_bucket{le="1.0"}')
        assert within == await metric(caller, "floor_delay_seconds_count")
    assert registry(tmp_path)[0] == ["ModelServed"]


async def _reached(caller):
    """Wait until the server has answered a case, whatever a model of noise says."""
    unreached = ("cannot be reached", "did not answer", "failed repeatedly")

    async def look():
        task, _ = await told_of(caller, GRAVE)
        return not any(each in said(task) for each in unreached)

    await until(look, PATIENCE_S)
