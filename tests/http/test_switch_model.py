"""POST /fhir/$switch-model and `triage-gateway model`: an operator's switch."""

import asyncio
import json

import pytest
from click.testing import CliRunner

from gateway.cli.model import model
from tests.callers import AUDITOR, FEED, NURSE, OPERATOR, WITH_OPERATOR, token
from tests.gateway_inside import gateway_inside

WHO = ["--by", "Dr Jo Doe", "--reason", "strange answers"]


def parameters(**given):
    known = {"to": "off", "by": "Dr Jo Doe", "reason": "strange answers", **given}
    listed = [{"name": name, "valueString": said} for name, said in known.items()]
    return {"resourceType": "Parameters", "parameter": listed}


def run(*arguments):
    return CliRunner().invoke(model, list(map(str, arguments)))


@pytest.fixture
async def gateway(tmp_path):
    async with gateway_inside(tmp_path / "data", clients=WITH_OPERATOR) as one:
        yield one


async def asked(gateway, content, name=OPERATOR):
    called = gateway.called(name)
    return await called.request("POST", "/fhir/$switch-model", content)


async def test_only_an_operator_switches_the_model(gateway):
    for name in (FEED, NURSE, AUDITOR):
        assert (await asked(gateway, parameters(), name)).status == 403


@pytest.mark.parametrize("wrong", [{"by": ""}, {"reason": ""}, {"to": "down"}])
async def test_whoever_switches_says_where_to_who_and_why(gateway, wrong):
    assert (await asked(gateway, parameters(**wrong))).status == 422


async def test_a_body_that_is_no_parameters_is_refused(gateway):
    assert (await asked(gateway, {"resourceType": "Patient"})).status == 400


async def test_the_command_switches_a_running_gateway(gateway, monkeypatch, tmp_path):
    monkeypatch.setenv("TRIAGE_GATEWAY_TOKEN", token(OPERATOR))
    where = ["--url", f"{gateway._base}/fhir"]

    off = await asyncio.to_thread(run, "suspend", *where, *WHO)
    again = await asyncio.to_thread(run, "suspend", *where, *WHO)
    shown = await asyncio.to_thread(run, "status", "--data", tmp_path / "data")
    nobody = await asyncio.to_thread(run, "resume", *where, "--by", "x" * 101, *WHO[2:])
    on = await asyncio.to_thread(run, "resume", *where, *WHO)

    assert (off.exit_code, again.exit_code, on.exit_code) == (0, 0, 0)
    assert "no model has passed its self-test" in shown.output
    assert "by Dr Jo Doe, strange answers" in shown.output
    assert nobody.exit_code == 1
    assert "HTTP 422: Say who switches" in nobody.output


async def test_the_command_switches_a_stopped_gateway(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data, clients=WITH_OPERATOR):
        pass

    off = await asyncio.to_thread(run, "suspend", "--data", data, *WHO)
    shown = await asyncio.to_thread(run, "status", "--data", data, "--json")

    assert off.exit_code == 0, off.output
    assert json.loads(shown.output)["suspended"]["by"] == "Dr Jo Doe"


def test_a_gateway_that_does_not_answer_is_said_so():
    found = run("suspend", "--url", "http://127.0.0.1:9/fhir", *WHO)

    assert found.exit_code == 1
    assert "does not answer" in found.output


def test_one_log_is_meant(tmp_path):
    assert run("suspend", *WHO).exit_code == 2
    both = ("--data", tmp_path, "--url", "http://127.0.0.1:9/fhir")
    assert run("suspend", *both, *WHO).exit_code == 2


def test_a_folder_without_a_log_has_no_status(tmp_path):
    found = run("status", "--data", tmp_path)

    assert found.exit_code == 1
