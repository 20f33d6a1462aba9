"""POST /fhir/$sign-rules: an operator records what a clinician signed."""

import asyncio

import pytest
from click.testing import CliRunner

from domain.floor.digest import of_catalogue
from domain.ruled import NO_SITE_RULES, SiteRules
from gateway.cli.rules import rules
from tests.callers import AUDITOR, FEED, NURSE, OPERATOR, WITH_OPERATOR, token
from tests.gateway_inside import gateway_inside
from tests.patients import visit
from tests.worklist import open_task

HASH = of_catalogue(NO_SITE_RULES)


def parameters(**given):
    known = {"by": "Dr Jo Doe", "role": "ED consultant", "catalogue": HASH, **given}
    listed = [{"name": name, "valueString": said} for name, said in known.items()]
    return {"resourceType": "Parameters", "parameter": listed}


async def assessment(gateway, number):
    """Return the nurse's Task and what it is about, of a patient who just came."""
    sent = await gateway.called(FEED).push(visit(str(number)))
    whose = sent.locations[0].partition("/_history")[0]
    nurse = gateway.called(NURSE)
    task = await open_task(nurse, whose)
    impression = await nurse.read(task["focus"]["reference"])
    (risk,) = await nurse.search(f"RiskAssessment?patient={whose}")
    return task, impression, risk


@pytest.fixture
async def gateway(tmp_path):
    async with gateway_inside(tmp_path / "data", clients=WITH_OPERATOR) as one:
        yield one


async def test_every_assessment_says_who_signed_its_rules(gateway):
    before = await assessment(gateway, 1)

    signed = await gateway.called(OPERATOR).request(
        "POST", "/fhir/$sign-rules", parameters(registration="7012345")
    )
    after = await assessment(gateway, 2)

    assert signed.status == 200, signed.body
    for task, impression, risk in (before, after):
        said = (
            task["description"],
            impression["description"],
            risk["method"]["text"],
        )
        name = "Dr Jo Doe (ED consultant, 7012345)"
        assert all(
            ("not signed by a clinician" in each) == (task is before[0])
            for each in said
        )
        assert all((name in each) == (task is after[0]) for each in said)
    assert HASH in after[2]["method"]["text"]


async def test_only_an_operator_records_a_signature(gateway):
    for name in (FEED, NURSE, AUDITOR):
        answer = await gateway.called(name).request(
            "POST", "/fhir/$sign-rules", parameters()
        )

        assert answer.status == 403


async def test_other_rules_than_those_in_force_are_not_signed(gateway):
    answer = await gateway.called(OPERATOR).request(
        "POST", "/fhir/$sign-rules", parameters(catalogue="0" * 64)
    )

    assert answer.status == 422
    assert HASH in answer.said


async def test_a_body_that_is_no_parameters_is_refused(gateway):
    answer = await gateway.called(OPERATOR).request(
        "POST", "/fhir/$sign-rules", {"resourceType": "Patient"}
    )

    assert answer.status == 400


async def test_the_command_signs_through_a_running_gateway(gateway, monkeypatch):
    monkeypatch.setenv("TRIAGE_GATEWAY_TOKEN", token(OPERATOR))
    where = ["sign", "--url", f"{gateway._base}/fhir"]
    who = ["--by", "Dr Jo Doe", "--role", "ED consultant", "--hash"]

    def run(catalogue):
        return CliRunner().invoke(rules, [*where, *who, catalogue])

    done = await asyncio.to_thread(run, HASH)
    refused = await asyncio.to_thread(run, "0" * 64)

    assert done.exit_code == 0
    assert done.output.endswith(f"signed: catalogue {HASH}\n")
    assert refused.exit_code == 1
    assert "HTTP 422: Other rules are in force" in refused.output


async def test_a_signature_does_not_count_when_the_rules_change(tmp_path):
    async with gateway_inside(tmp_path / "data", clients=WITH_OPERATOR) as one:
        done = await one.called(OPERATOR).request(
            "POST", "/fhir/$sign-rules", parameters()
        )
        assert done.status == 200
    stricter = {"minutes": (0, 5, 20, 45, 90), "scale": "MTS"}
    async with gateway_inside(
        tmp_path / "data", clients=WITH_OPERATOR, site_rules=stricter
    ) as one:
        task, impression, risk = await assessment(one, 1)

    said = impression["description"]
    assert "not signed by a clinician: they changed since Dr Jo Doe" in said
    catalogue = of_catalogue(SiteRules(minutes=(0, 5, 20, 45, 90), scale="MTS"))
    assert f"{catalogue}, with the site's own." in risk["method"]["text"]
    assert "[MTS 2 Orange, mapped]" in task["description"]
    codes = risk["prediction"][0]["qualitativeRisk"]["coding"]
    assert {each["code"].split("-")[0] for each in codes[1:]} == {
        *("ESI", "CTAS", "MTS", "ATS", "KTAS", "word")
    }
