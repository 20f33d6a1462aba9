import asyncio

import pytest

from domain.answers import Decision
from tests.callers import FEED, NURSE, SECOND_NURSE
from tests.patients import fresh_record, visit, vital
from tests.worklist import (
    acuity,
    assessed,
    case_of,
    completed,
    floor,
    open_task,
    output,
    started,
    step,
    until,
    value,
    version_of,
    with_status,
)

GRAVE = ("59408-5", 80)  # an oxygen saturation that the rules call an emergency


async def arrived(caller, *measured):
    """Return a patient who came, and her open Task."""
    answer = await caller.push(visit(fresh_record(), "cough", *measured))
    whom = answer.locations[0].partition("/_history")[0]
    return whom, await open_task(caller, whom)


async def case_versions(caller, task):
    """Return ClinicalImpression and RiskAssessment of a Task's case."""
    case = case_of(task)
    return (
        await caller.read(f"ClinicalImpression/{case}"),
        await caller.read(f"RiskAssessment/{case}"),
    )


async def provenances(caller, task):
    found = await caller.search(f"Provenance?target=ClinicalImpression/{case_of(task)}")
    return [
        agent["type"]["coding"][0]["code"] for each in found for agent in each["agent"]
    ]


async def test_a_new_task_says_all_that_a_nurse_needs(caller):
    whom, task = await arrived(caller, GRAVE)

    assert task["status"] == "requested"
    assert task["for"]["reference"] == whom
    assert task["encounter"]["reference"].startswith("Encounter/")
    assert task["focus"]["reference"] == f"ClinicalImpression/{case_of(task)}"
    assert (acuity(task), floor(task)) == (2, 2)
    assert task["priority"] == "asap"
    assert task["restriction"]["period"]["end"] > task["authoredOn"]
    inputs = [
        each["valueReference"]["reference"]
        for each in task["input"]
        if "valueReference" in each
    ]
    assert all("/_history/1" in each for each in inputs)
    assert {each.partition("/")[0] for each in inputs} == {
        "Patient",
        "Encounter",
        "Observation",
    }


async def test_a_machine_s_assessment_is_never_final(caller):
    _, task = await arrived(caller, GRAVE)

    impression, risk = await case_versions(caller, task)

    assert impression["status"] == "in-progress"
    assert "assessor" not in impression
    assert impression["meta"]["security"][0]["code"] == "AIAST"
    assert risk["status"] == "preliminary"
    assert risk["performer"]["reference"].startswith("Device/")


async def test_an_accepted_assessment_is_completed_in_the_nurse_s_name(caller):
    _, task = await arrived(caller, GRAVE)

    done = await completed(caller, task, decision="accepted", acuity=2)

    impression, risk = await case_versions(caller, task)
    assert done["status"] == "completed"
    assert value(done, "decision", "output") == "accepted"
    assert value(done, "acuity", "output") == 2
    assert impression["status"] == "completed"
    assert impression["assessor"]["display"] == "Development Nurse"
    assert risk["status"] == "final"
    assert "verifier" in await provenances(caller, task)


async def test_an_overridden_assessment_gives_way_to_the_nurse_s(caller):
    _, task = await arrived(caller, GRAVE)

    done = await completed(
        caller, task, decision="overridden", acuity=3, reason="A cold finger."
    )

    machine, risk = await case_versions(caller, task)
    assert machine["status"] == "entered-in-error"
    assert "A cold finger." in machine["statusReason"]["text"]
    assert "assessor" not in machine
    assert risk["status"] == "entered-in-error"
    nurses = await caller.read(
        value(done, "resource", "output")["reference"].partition("/_history")[0]
    )
    assert nurses["status"] == "completed"
    assert nurses["assessor"]["display"] == "Development Nurse"
    assert nurses["previous"]["reference"].startswith(
        f"ClinicalImpression/{machine['id']}"
    )
    assert "security" not in nurses["meta"]
    assert "acuity 3" in nurses["summary"]
    assert value(done, "acuity", "output") == 3
    assert "verifier" in await provenances(caller, task)


async def test_a_corrected_assessment_holds_the_nurse_s_words(caller):
    _, task = await arrived(caller, GRAVE)

    done = await completed(
        caller,
        task,
        decision="corrected",
        acuity=2,
        correction="Known COPD, at her usual saturation.",
        notes="Called her doctor.",
    )

    machine, risk = await case_versions(caller, task)
    nurses = await caller.read(f"ClinicalImpression/{machine['id']}-review")
    assert (machine["status"], risk["status"]) == ("entered-in-error",) * 2
    assert "usual saturation" in nurses["summary"]
    assert {"text": "Called her doctor."} in nurses["note"]
    assert value(done, "correction", "output").startswith("Known COPD")
    assert value(done, "notes", "output") == "Called her doctor."


async def test_a_more_urgent_level_needs_no_reason(caller):
    _, task = await arrived(caller, GRAVE)

    done = await completed(caller, task, decision="overridden", acuity=1)

    assert value(done, "acuity", "output") == 1


@pytest.mark.parametrize("decision", ["overridden", "corrected"])
async def test_a_less_urgent_level_than_the_floor_s_needs_a_reason(caller, decision):
    _, task = await arrived(caller, GRAVE)
    begun = await started(caller, task)
    wanted = {"decision": decision, "acuity": 4, "correction": "Well."}
    if decision == "overridden":
        del wanted["correction"]

    answer = await step(caller, begun, "completed", **wanted)

    assert (answer.status, answer.codes) == (422, ["required"])
    assert "'reason'" in answer.said
    assert (await caller.read(f"Task/{task['id']}"))["status"] == "in-progress"
    again = await step(caller, begun, "completed", **wanted, reason="Probe was off.")
    assert again.status == 200


@pytest.mark.parametrize(
    "outputs",
    [
        {},
        {"decision": "accepted"},
        {"acuity": 2},
        {"decision": "accepted", "acuity": 3, "reason": "x"},
        {"decision": "accepted", "acuity": 1},
        {"decision": "overridden", "acuity": 2},
        {"decision": "corrected", "acuity": 2},
        {"decision": "corrected", "acuity": 2, "correction": " \t"},
        {"decision": "perhaps", "acuity": 2},
        {"decision": "accepted", "acuity": 0},
        {"decision": "accepted", "acuity": 6},
        {"decision": "accepted", "acuity": "2"},
        {"decision": "accepted", "acuity": 2, "mood": "good"},
    ],
)
async def test_a_review_that_is_incomplete_or_contradictory_is_refused(caller, outputs):
    _, task = await arrived(caller, GRAVE)
    begun = await started(caller, task)

    answer = await step(caller, begun, "completed", **outputs)

    assert answer.status == 422, answer.body
    impression, _ = await case_versions(caller, task)
    assert impression["status"] == "in-progress"
    assert (await caller.read(f"Task/{task['id']}")) == begun


async def test_an_output_that_is_given_twice_is_refused(caller):
    _, task = await arrived(caller, GRAVE)
    begun = await started(caller, task)
    twice = with_status(begun, "completed", decision="accepted", acuity=2)
    twice["output"].append(output("acuity", 1))

    answer = await caller.put(twice, If_Match=version_of(begun))

    assert answer.status == 422


STEPS = ("accepted", "in-progress", "requested", "rejected", "completed")
LEGAL = {
    "requested": {"accepted", "rejected"},
    "accepted": {"in-progress", "requested", "rejected"},
    "in-progress": {"completed", "requested"},
    "completed": set(),
    "rejected": set(),
}


async def brought_to(caller, task, status):
    match status:
        case "accepted" | "rejected":
            return (await step(caller, task, status)).json
        case "in-progress":
            return await started(caller, task)
        case "completed":
            return await completed(caller, task, decision="accepted", acuity=2)
        case _:
            return task


@pytest.mark.parametrize("status", LEGAL)
@pytest.mark.parametrize("wanted", STEPS)
async def test_a_task_takes_the_legal_steps_and_no_other(caller, status, wanted):
    _, task = await arrived(caller, GRAVE)
    stands = await brought_to(caller, task, status)
    assert stands["status"] == status
    outputs = {"decision": "accepted", "acuity": 2} if wanted == "completed" else {}

    answer = await step(caller, stands, wanted, **outputs)

    if wanted in LEGAL[status]:
        assert answer.status == 200, answer.body
        assert answer.json["status"] == wanted
    else:
        assert (answer.status, answer.codes) == (409, ["business-rule"]), answer.body
        assert await caller.read(f"Task/{task['id']}") == stands


@pytest.mark.parametrize(
    "status", ["draft", "ready", "cancelled", "on-hold", "failed", "entered-in-error"]
)
async def test_a_status_that_is_no_step_of_a_review_is_refused(caller, status):
    _, task = await arrived(caller, GRAVE)

    answer = await step(caller, task, status)

    assert answer.status == 422
    assert answer.places == ["Task.status"]


@pytest.mark.parametrize("etag", ['W/"1"', 'W/"99"', "*", "nonsense"])
async def test_a_nurse_who_read_another_version_is_refused(caller, etag):
    _, task = await arrived(caller, GRAVE)

    answer = await step(caller, task, "accepted", if_match=etag)

    assert (answer.status, answer.codes) == (412, ["conflict"])


async def test_a_nurse_who_says_no_version_is_refused(caller):
    _, task = await arrived(caller, GRAVE)

    answer = await caller.put(with_status(task, "accepted"))

    assert answer.status == 412
    assert "If-Match" in answer.said


async def test_of_two_nurses_at_once_one_gets_the_task(strangers):
    _, task = await arrived_at(strangers)

    answers = await asyncio.gather(
        *(
            step(strangers.called(who), task, "accepted")
            for who in (NURSE, SECOND_NURSE)
        )
    )

    assert sorted(each.status for each in answers) == [200, 412]


async def arrived_at(strangers):
    return await arrived(strangers.called(FEED), GRAVE)


async def test_a_released_task_may_be_taken_by_somebody_else(strangers):
    nurse, second = strangers.called(NURSE), strangers.called(SECOND_NURSE)
    _, task = await arrived_at(strangers)
    begun = await started(nurse, task)

    released = (await step(nurse, begun, "requested")).json

    assert released["status"] == "requested"
    assert "owner" not in released
    done = await completed(second, released, decision="accepted", acuity=2)
    assert done["owner"]["reference"] == f"Practitioner/{SECOND_NURSE}"


async def test_not_me_closes_the_task_and_asks_somebody_else(strangers):
    nurse, second = strangers.called(NURSE), strangers.called(SECOND_NURSE)
    whom, task = await arrived_at(strangers)

    declined = (await step(nurse, task, "rejected")).json

    assert (declined["status"], declined["id"]) == ("rejected", task["id"])
    fresh = await open_task(second, whom)
    assert fresh["id"] != task["id"]
    assert case_of(fresh) == case_of(task)
    assert acuity(fresh) == acuity(task)
    impression, _ = await case_versions(second, task)
    assert impression["status"] == "in-progress"
    await completed(second, fresh, decision="accepted", acuity=2)
    statuses = {each["status"] for each in await second.search(f"Task?patient={whom}")}
    assert statuses == {"rejected", "completed"}


@pytest.mark.parametrize(
    "changed",
    [
        {"priority": "routine"},
        {"focus": {"reference": "ClinicalImpression/other"}},
        {"for": {"reference": "Patient/other"}},
        {"input": []},
        {"intent": "plan"},
    ],
)
async def test_a_nurse_cannot_change_what_the_gateway_says(caller, changed):
    _, task = await arrived(caller, GRAVE)

    answer = await step(caller, {**task, **changed}, "accepted")

    assert answer.status == 422


async def test_a_nurse_may_leave_out_what_she_does_not_change(caller):
    _, task = await arrived(caller, GRAVE)
    short = {
        name: task[name] for name in ("resourceType", "id", "status", "intent", "meta")
    }

    answer = await step(caller, short, "accepted")

    assert answer.status == 200
    assert answer.json["priority"] == task["priority"]


async def test_new_data_before_the_review_supersede_the_assessment(caller):
    whom, task = await arrived(caller, ("8867-4", 75))
    before, _ = await case_versions(caller, task)

    await caller.create(
        vital(whom, *GRAVE, encounter={"reference": task["encounter"]["reference"]})
    )

    async def graver():
        now = await open_task(caller, whom)
        return now if acuity(now) == 2 else None

    now = await until(graver)
    after, _ = await case_versions(caller, now)
    assert now["id"] == task["id"]
    assert now["priority"] == "asap"
    assert after["id"] == before["id"]
    assert int(after["meta"]["versionId"]) > int(before["meta"]["versionId"])


async def test_a_nurse_who_holds_the_task_keeps_it_when_new_data_arrive(caller):
    whom, task = await arrived(caller, ("8867-4", 75))
    begun = await started(caller, task)

    await caller.create(vital(whom, *GRAVE))

    async def graver():
        now = await caller.read(f"Task/{task['id']}")
        return now if acuity(now) == 2 else None

    now = await until(graver)
    assert now["status"] == "in-progress"
    assert now["owner"] == begun["owner"]
    stale = await step(caller, begun, "completed", decision="accepted", acuity=3)
    assert stale.status == 412


async def test_new_data_after_the_review_open_a_case_that_points_back(caller):
    whom, task = await arrived(caller, ("8867-4", 75))
    await completed(caller, task, decision="accepted", acuity=acuity(task))

    await caller.create(
        vital(whom, *GRAVE, encounter={"reference": task["encounter"]["reference"]})
    )

    fresh = (await assessed(caller, whom, number=2))[-1]
    assert case_of(fresh) != case_of(task)
    later, _ = await case_versions(caller, fresh)
    assert later["previous"]["reference"] == f"ClinicalImpression/{case_of(task)}"
    assert (await caller.read(f"Task/{task['id']}"))["status"] == "completed"


async def test_a_completed_task_is_the_end_of_the_machine_s_part(caller):
    whom, task = await arrived(caller, GRAVE)
    done = await completed(caller, task, decision="accepted", acuity=2)
    await asyncio.sleep(0.2)

    assert await caller.read(f"Task/{done['id']}") == done
    assert len(await caller.search(f"Task?patient={whom}")) == 1


@pytest.mark.parametrize("decision", Decision)
async def test_every_decision_leaves_exactly_one_completed_impression(caller, decision):
    whom, task = await arrived(caller, GRAVE)
    outputs = {
        Decision.ACCEPTED: {"acuity": 2},
        Decision.OVERRIDDEN: {"acuity": 1},
        Decision.CORRECTED: {"acuity": 2, "correction": "Otherwise."},
    }[decision]

    await completed(caller, task, decision=decision.value, **outputs)

    found = await caller.search(f"ClinicalImpression?patient={whom}&status=completed")
    assert len(found) == 1
    assert found[0]["assessor"]
