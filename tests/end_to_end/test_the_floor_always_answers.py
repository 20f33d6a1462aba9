"""Promise 3: the rules answer at once, whatever becomes of the model."""

import time
from contextlib import asynccontextmanager

import pytest

from tests.gateway_inside import gateway_inside
from tests.knowledge import some_knowledge
from tests.model_server import NAME, SENTENCE, model_server
from tests.patients import fresh_record, visit, vital
from tests.released import DECLARED, activate
from tests.worklist import (
    acuity,
    arrived,
    assessed,
    case_of,
    completed,
    floor,
    open_task,
    said,
    until,
    value,
)

GRAVE = ("59408-5", 80)  # an oxygen saturation that the rules call an emergency
CALM = ("8867-4", 75)
AT_ONCE_S = 1.0  # the promise
PATIENCE_S = 60  # a loaded machine's


@asynccontextmanager
async def gateway_with_model(folder, **settings):
    counting = not settings.get("model_shadow", True)
    if counting:
        activate(folder / "data")
    async with model_server() as (model, url):
        known = {
            **(DECLARED if counting else {}),
            "model_url": url,
            "model_name": NAME,
            "model_timeout_seconds": 1,
            "knowledge": some_knowledge(folder),
        }
        data = folder / "data"
        async with gateway_inside(data, dev=True, **{**known, **settings}) as caller:
            yield model, caller


async def first_task(caller, whom):
    """Return the Task as soon as there is one, and how long that took."""
    began = time.monotonic()

    async def look():
        return await caller.search(f"Task?patient={whom}")

    (task,) = await until(look, PATIENCE_S)
    return task, time.monotonic() - began


async def impression_of(caller, task):
    return await caller.read(f"ClinicalImpression/{case_of(task)}")


async def test_the_floor_s_task_stands_at_once_with_every_rule_named(caller):
    whom = await arrived(caller, GRAVE)

    task, seconds = await first_task(caller, whom)

    assert seconds < PATIENCE_S
    assert (acuity(task), floor(task)) == (2, 2)
    impression = await impression_of(caller, task)
    assert impression["status"] == "in-progress"
    rules = [each["itemCodeableConcept"]["text"] for each in impression["finding"]]
    assert rules
    assert all(each.endswith("]") and "[" in each for each in rules)


async def test_the_floor_s_delay_is_measured(caller):
    for _ in range(5):
        await first_task(caller, await arrived(caller, GRAVE))

    text = (await caller.get("/metrics")).body.decode()

    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[:1] != "#")
    name = "triage_gateway_floor_delay_seconds_bucket"
    assert float(lines[f'{name}{{le="{AT_ONCE_S}"}}']) >= 5


async def test_a_patient_of_whom_nothing_else_is_known_gets_a_task(caller):
    whom = f"Patient/{fresh_record()}"

    answer = await caller.create(vital(whom, *CALM))

    assert answer.status == 201
    task, _ = await first_task(caller, whom)
    assert acuity(task) <= 4
    assert "incomplete" in said(task)


GARBAGE = {
    "no JSON": {"body": "<html>busy</html>"},
    "another JSON": {"body": "[]"},
    "no content": {"body": '{"choices":[]}'},
    "prose": {"content": "I think she is fine, send her home."},
    "open object": {"content": '{"acuity": 5'},
    "another contract": {"content": '{"acuity": 5, "reasons": []}'},
    "unfounded": {
        "content": '{"reasons":[],"red_flags":[],"questions":[],"suggested_actions":[],'
        '"missing_data":[],"confidence":"high","acuity":5}'
    },
    "failing": {"status": 500},
    "refusing": {"status": 400},
    "endless": {"body": "x" * (2 << 20)},
    "silent": {"delay": 1.5},
}


@pytest.mark.parametrize("shadow", [True, False], ids=["shadow", "counting"])
async def test_a_useless_model_leaves_the_floor_and_says_why(tmp_path, shadow):
    for trouble in GARBAGE.values():
        async with gateway_with_model(
            tmp_path, model_shadow=shadow, model_concurrency=4
        ) as (model, caller):
            for name, value in trouble.items():
                setattr(model, name, value)
            whom = await arrived(caller, GRAVE)
            task, seconds = await first_task(caller, whom)
            assert seconds < PATIENCE_S
            assert acuity(task) == 2

            (told,) = await assessed(caller, whom)

            impression = await impression_of(caller, told)
            assert (acuity(told), floor(told)) == (2, 2)
            for shown in (said(told), impression["summary"]):
                assert "No model answer is shown (" in shown
                assert "look at the patient yourself" in shown
            assert impression["status"] == "in-progress"
            assert "fine" not in str(impression)


async def test_a_model_that_is_not_there_leaves_the_floor(tmp_path):
    nowhere = {"model_url": "http://127.0.0.1:9/v1", "model_name": NAME}
    knowledge = some_knowledge(tmp_path)
    async with gateway_inside(
        tmp_path / "data", dev=True, knowledge=knowledge, **nowhere
    ) as caller:
        whom = await arrived(caller, GRAVE)

        (task,) = await assessed(caller, whom)

        assert acuity(task) == 2
        assert "cannot be reached" in said(task)


async def test_a_hostile_model_cannot_lower_the_floor(tmp_path):
    async with gateway_with_model(tmp_path, model_shadow=False) as (model, caller):
        model.acuity = 5

        (task,) = await assessed(caller, await arrived(caller, GRAVE))

        assert (acuity(task), floor(task), value(task, "model")) == (2, 2, 5)
        assert task["priority"] == "stat"  # so far from the rules, it comes first
        impression = await impression_of(caller, task)
        assert "acuity 2 of 5" in impression["summary"]
        assert "may only raise" in impression["summary"]


async def test_a_model_that_counts_may_raise(tmp_path):
    async with gateway_with_model(tmp_path, model_shadow=False) as (model, caller):
        model.acuity = 1

        (task,) = await assessed(caller, await arrived(caller, CALM))

        assert floor(task) > 1
        assert (acuity(task), task["priority"]) == (1, "stat")
        assert task["requester"]["reference"].startswith("Device/gateway-model-")
        case = case_of(task)
        risk = await caller.read(f"RiskAssessment/{case}")
        assert risk["performer"] == task["requester"]
        model_device = await caller.read(task["requester"]["reference"])
        assert NAME in str(model_device)
        found = await caller.search(f"Provenance?target=ClinicalImpression/{case}")
        assert any(task["requester"]["reference"] in str(each) for each in found)
        done = await completed(caller, task, decision="accepted", acuity=1)
        assert done["status"] == "completed"


async def test_a_model_in_shadow_is_shown_and_does_not_count(tmp_path):
    async with gateway_with_model(tmp_path, model_shadow=True) as (model, caller):
        model.acuity = 1

        (task,) = await assessed(caller, await arrived(caller, CALM))

        assert acuity(task) == floor(task) > 1
        assert task["requester"]["reference"].startswith("Device/gateway-rules-")
        impression = await impression_of(caller, task)
        assert "in shadow, so this does not count" in impression["summary"]
        words = [
            each["text"] for each in impression["note"] if SENTENCE in each["text"]
        ]
        assert words
        assert all("Model in shadow" in each for each in words)


async def test_the_model_sees_no_name_and_no_identifier(tmp_path):
    async with gateway_with_model(tmp_path) as (model, caller):
        record = "record-of-a-secret-person"
        bundle = visit(record, "chest pain", GRAVE)
        bundle["entry"][0]["resource"]["name"] = [{"family": "Abernathy"}]
        answer = await caller.push(bundle)
        whom = answer.locations[0].partition("/_history")[0]

        await assessed(caller, whom)

        assert any("chest pain" in str(prompt) for prompt in model.prompts)
        prompt = model.prompts
        for secret in (record, "Abernathy", whom.partition("/")[2]):
            assert secret not in str(prompt)


async def test_the_model_s_answer_is_the_next_version_of_the_floor_s(tmp_path):
    async with gateway_with_model(tmp_path) as (model, caller):
        model.delay = 0.4
        whom = await arrived(caller, GRAVE)
        early, _ = await first_task(caller, whom)
        assert "not answered yet" in said(early)

        late = await open_task(caller, whom)

        assert late["id"] == early["id"]
        assert int(late["meta"]["versionId"]) == int(early["meta"]["versionId"]) + 1
        versions = await caller.get(
            f"/fhir/ClinicalImpression/{case_of(late)}/_history"
        )
        assert versions.json["total"] == 2
