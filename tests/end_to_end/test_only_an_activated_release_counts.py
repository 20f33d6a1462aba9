"""A model raises nobody before a person has activated its release, and none after."""

import asyncio
import json

from click.testing import CliRunner

from gateway.audit.case import case_story
from gateway.audit.replay import replay
from gateway.cli.model import model as command
from tests.end_to_end.test_the_floor_always_answers import CALM
from tests.gateway_inside import gateway_inside
from tests.knowledge import some_knowledge
from tests.model_server import NAME, model_server
from tests.released import BASE_SHA256, GATE, KEY, folder_of
from tests.worklist import acuity, arrived, assessed, case_of, floor, said

WHO = {"by": "Dr Jo Doe", "reason": "measured on the ward"}


async def decided(caller, to, **given):
    known = {"to": to, **WHO, **given}
    listed = [{"name": name, "valueString": text} for name, text in known.items()]
    content = {"resourceType": "Parameters", "parameter": listed}
    answer = await caller.request("POST", "/fhir/$release-model", content)
    assert answer.status == 200, answer.body
    return answer.json


async def registered(caller, folder):
    names = {
        "manifest": "release.json",
        "signature": "release.sig",
        "evaluation": "evaluation.json",
    }
    texts = {name: (folder / file).read_text() for name, file in names.items()}
    return await decided(caller, "registered", key=str(KEY.public), **texts)


def counting(folder, url, sha256):
    """Return settings that would let the model with the adapter count."""
    return {
        "dev": True,
        "model_url": url,
        "model_name": f"{NAME}:ward",
        "model_shadow": False,
        "model_weights": f"sha256:{BASE_SHA256}",
        "model_adapter_sha256": sha256,
        "model_checks": {"cases": 1},
        "knowledge": some_knowledge(folder),
    }


def site(folder, *given, **changed):
    return gateway_inside(folder / "data", **{**counting(folder, *given), **changed})


async def judged(caller):
    """Let a calm patient come whom the model calls an emergency; return the Task."""
    (task,) = await assessed(caller, await arrived(caller, CALM))
    return task


async def status(folder):
    shown = await asyncio.to_thread(
        CliRunner().invoke, command, ["status", "--data", str(folder / "data")]
    )
    return shown.output


def same(folder):
    return replay(folder / "data", progress=lambda *_: None)


async def test_a_model_counts_from_its_activation_to_its_rollback_and_replay_agrees(
    tmp_path,
):
    sha256 = folder_of(tmp_path / "ward")
    async with model_server() as (model, url):
        model.adapters, model.acuity = ("ward",), 1
        async with site(tmp_path, url, sha256) as caller:
            task = await judged(caller)
            assert acuity(task) == floor(task) > 1
            assert "no release of a model is active" in said(task)
            assert "in shadow: no release" in await status(tmp_path)

            assert "parameter" not in await registered(caller, tmp_path / "ward")
            task = await judged(caller)
            assert acuity(task) == floor(task) > 1

            told = await decided(caller, "active", release="ward@1", gate=GATE)
            assert told["parameter"] == [{"name": "active", "valueString": "ward@1"}]
            counted = await judged(caller)
            assert acuity(counted) == 1 < floor(counted)
            assert "may only raise" in said(counted)
        async with site(tmp_path, url, sha256) as caller:
            shown = await status(tmp_path)
            assert f"model: {NAME} with adapter ward, counting" in shown
            assert "release: ward@1" in shown
            assert acuity(await judged(caller)) == 1

            told = await decided(caller, "previous", release="ward@1")
            assert "parameter" not in told
            task = await judged(caller)
            assert acuity(task) == floor(task) > 1
        async with site(tmp_path, url, "0" * 64) as caller:
            await decided(caller, "active", release="ward@1", gate=GATE)
            task = await judged(caller)
            assert acuity(task) == floor(task) > 1
            assert "adapter's files are not declared" in said(task)

    found = await asyncio.to_thread(same, tmp_path)
    assert found.same, found.findings
    assert found.answers == 6
    told = await asyncio.to_thread(
        case_story, tmp_path / "data", case_of(counted), progress=lambda *_: None
    )
    assert "ward@1" in str(told)


async def test_the_settings_keep_an_active_release_in_shadow(tmp_path):
    sha256 = folder_of(tmp_path / "ward")
    async with model_server() as (model, url):
        model.adapters, model.acuity = ("ward",), 1
        async with site(tmp_path, url, sha256, model_shadow=True) as caller:
            await registered(caller, tmp_path / "ward")
            await decided(caller, "active", release="ward@1", gate=GATE)

            task = await judged(caller)

            assert acuity(task) == floor(task) > 1
            assert "the settings keep it there" in said(task)
    shown = await asyncio.to_thread(
        CliRunner().invoke,
        command,
        ["status", "--data", str(tmp_path / "data"), "--json"],
    )
    assert json.loads(shown.output)["shadow_why"] == "the settings keep it there"
