from domain.values import Acuity
from gateway.workers import floor
from tests.gateway_inside import gateway_inside
from tests.patients import encounter, patient
from tests.worklist import until


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
