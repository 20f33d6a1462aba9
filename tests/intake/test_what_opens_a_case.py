"""A case opens on a current complaint or vital sign, once, and on nothing else."""

import asyncio

import pytest

from tests.patients import (
    ago,
    complaint,
    encounter,
    fresh_record,
    patient,
    statement,
    transaction,
    urn,
    vital,
)
from tests.worklist import assessed, case_of, open_task

SOON_S = 0.15  # long enough for a floor to have answered
DIAGNOSIS = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/condition-category",
            "code": "encounter-diagnosis",
        }
    ]
}
PROBLEM = {"coding": [{**DIAGNOSIS["coding"][0], "code": "problem-list-item"}]}
PROVISIONAL = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
            "code": "provisional",
        }
    ]
}
ACTIVE = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
            "code": "active",
        }
    ]
}


def condition(whom, **more):
    return {
        "resourceType": "Condition",
        "clinicalStatus": ACTIVE,
        "category": [DIAGNOSIS],
        "code": {"text": "chest pain"},
        "subject": {"reference": whom},
        "recordedDate": ago(hours=1),
        **more,
    }


def questionnaire_answer(whom, link="why", **more):
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "subject": {"reference": whom},
        "authored": ago(hours=1),
        "item": [{"linkId": link, "answer": [{"valueString": "chest pain"}]}],
        **more,
    }


OPENING = {
    "an encounter's reason": lambda who: encounter(who, "chest pain"),
    "a chief complaint": lambda who: complaint(who, "chest pain"),
    "an encounter diagnosis": condition,
    "an encounter that refers to its reason": lambda who: encounter(
        who, reasonReference=[{"display": "chest pain"}]
    ),
    "a suspected problem": lambda who: condition(
        who, category=[PROBLEM], verificationStatus=PROVISIONAL
    ),
    "a configured answer": questionnaire_answer,
    "a vital sign that nobody can read": lambda who: vital(
        who, valueQuantity={"value": 98.6}
    ),
    "a part of the coma scale": lambda who: {
        **complaint(who, "1"),
        "code": {"coding": [{"system": "http://loinc.org", "code": "9267-6"}]},
    },
    "a vital sign": vital,
    "a vital sign of yesterday": lambda who: vital(who, at=ago(hours=23)),
    "a vital sign without a time": lambda who: {
        name: each for name, each in vital(who).items() if name != "effectiveDateTime"
    },
}
NOT_OPENING = {
    "an encounter without a reason": encounter,
    "an encounter that ended": lambda who: encounter(who, "chest pain", "finished"),
    "an encounter that is planned": lambda who: encounter(who, "chest pain", "planned"),
    "an encounter of long ago": lambda who: encounter(
        who, "chest pain", period={"start": ago(days=400)}
    ),
    "a complaint of last week": lambda who: {
        **complaint(who, "chest pain"),
        "effectiveDateTime": ago(days=7),
    },
    "a vital sign of the day before": lambda who: vital(who, at=ago(hours=26)),
    "a cancelled vital sign": lambda who: vital(who, status="cancelled"),
    "a vital sign entered in error": lambda who: vital(who, status="entered-in-error"),
    "a condition of the problem list": lambda who: {
        name: each for name, each in condition(who).items() if name != "category"
    },
    "an old diagnosis": lambda who: condition(who, recordedDate=ago(days=3)),
    "an answer to another question": lambda who: questionnaire_answer(who, "colour"),
    "a weight": lambda who: {
        **vital(who, valueQuantity={"value": 70, "unit": "kg"}),
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
    },
    "an order": lambda who: {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "reasonCode": [{"text": "chest pain"}],
        "subject": {"reference": who},
    },
    "a procedure": lambda who: {
        "resourceType": "Procedure",
        "status": "completed",
        "code": {"text": "splenectomy"},
        "subject": {"reference": who},
    },
    "a medication": lambda who: statement(who, "warfarin"),
    "a laboratory value": lambda who: {
        **complaint(who, "negative"),
        "code": {"coding": [{"system": "http://loinc.org", "code": "94500-6"}]},
    },
}


@pytest.mark.parametrize("what", OPENING)
async def test_what_asks_for_triage_opens_a_case(caller, what):
    answer = await caller.push(transaction(patient("1"), OPENING[what](urn(0))))

    whom = answer.locations[0].partition("/_history")[0]

    assert await open_task(caller, whom)


async def test_what_does_not_ask_for_triage_is_kept_and_opens_none(caller):
    for build in NOT_OPENING.values():
        await caller.push(transaction(patient(fresh_record()), build(urn(0))))
    await asyncio.sleep(SOON_S)

    assert await caller.search("Task") == []


async def test_a_lifetime_of_encounters_opens_no_case(caller):
    old = [
        encounter(urn(0), "cough", "finished", period={"start": ago(days=n)})
        for n in range(100, 4000, 100)
    ]
    values = [vital(urn(0), at=ago(days=n)) for n in range(100, 4000, 100)]

    await caller.push(transaction(patient("1"), *old, *values))
    await asyncio.sleep(SOON_S)

    assert await caller.search("Task") == []


async def test_one_transaction_of_one_visit_opens_one_case(caller):
    visit = encounter(urn(0), "chest pain")
    signs = [
        vital(urn(0), "8867-4", 90 + n, encounter={"reference": urn(1)})
        for n in range(5)
    ]

    answer = await caller.push(transaction(patient("1"), visit, *signs))

    whom, where = (each.partition("/_history")[0] for each in answer.locations[:2])
    task = await open_task(caller, whom)
    assert task["encounter"]["reference"] == where
    assert len(await caller.search("Task")) == 1


async def test_two_visits_of_one_patient_are_two_cases(caller):
    answer = await caller.push(
        transaction(patient("1"), encounter(urn(0), "cough"), encounter(urn(0), "fall"))
    )

    whom = answer.locations[0].partition("/_history")[0]
    tasks = await assessed(caller, whom, number=2)

    assert len({case_of(each) for each in tasks}) == 2
    assert len({each["encounter"]["reference"] for each in tasks}) == 2


async def test_a_case_that_opened_without_an_encounter_learns_of_it(caller):
    answer = await caller.push(transaction(patient("1"), vital(urn(0))))
    whom = answer.locations[0].partition("/_history")[0]
    before = await open_task(caller, whom)
    assert "encounter" not in before

    where = (await caller.create(encounter(whom, "cough"))).json["id"]

    while "encounter" not in (after := await open_task(caller, whom)):
        await asyncio.sleep(0.01)
    assert after["encounter"]["reference"] == f"Encounter/{where}"
    assert case_of(after) == case_of(before)


async def test_context_that_arrives_later_is_in_the_next_version(caller):
    answer = await caller.push(
        transaction(patient("1"), complaint(urn(0), "fell and hit my head"))
    )
    whom = answer.locations[0].partition("/_history")[0]
    before = await open_task(caller, whom)

    taken = (await caller.create(statement(whom, "warfarin"))).json["id"]

    while f"MedicationStatement/{taken}" not in str(
        after := await open_task(caller, whom)
    ):
        await asyncio.sleep(0.01)
    assert after["id"] == before["id"]


async def test_a_reason_a_medicine_and_a_form_are_read_where_they_are_stored(caller):
    form = {
        "resourceType": "Questionnaire",
        "status": "active",
        "url": "https://example.org/why",
        "item": [
            {
                "linkId": "x",
                "type": "string",
                "code": [{"system": "http://loinc.org", "code": "8661-1"}],
            }
        ],
    }
    medicine = {"resourceType": "Medication", "code": {"text": "warfarin"}}
    known = condition(urn(0), category=[PROBLEM], recordedDate=ago(days=900))
    sent = [
        patient("1"),
        form,
        medicine,
        known,
        encounter(urn(0), reasonReference=[{"reference": urn(3)}]),
        questionnaire_answer(
            urn(0), "x", questionnaire="https://example.org/why", status="completed"
        ),
        statement(
            urn(0),
            "",
            medicationCodeableConcept=None,
            medicationReference={"reference": urn(2)},
        ),
    ]
    del sent[-1]["medicationCodeableConcept"]

    answer = await caller.push(transaction(*sent))

    whom, *rest = (each.partition("/_history")[0] for each in answer.locations)
    task = str(await open_task(caller, whom))
    assert [each for each in rest if each not in task] == []


async def test_a_conditional_reference_to_the_patient_opens_her_case(caller):
    known = await caller.create(patient("77"))

    await caller.create(vital("Patient?identifier=urn:example:mrn|77"))

    assert await open_task(caller, f"Patient/{known.json['id']}")


async def test_data_of_nobody_open_nothing(caller):
    nobody = {name: each for name, each in vital("").items() if name != "subject"}

    assert (await caller.create(nobody)).status == 201
    await asyncio.sleep(SOON_S)

    assert await caller.search("Task") == []


async def test_two_patients_of_one_transaction_have_a_case_each(caller):
    answer = await caller.push(
        transaction(patient("1"), patient("2"), vital(urn(0)), vital(urn(1)))
    )

    for location in answer.locations[:2]:
        assert await open_task(caller, location.partition("/_history")[0])
    assert len(await caller.search("Task")) == 2


async def test_a_vital_sign_corrected_to_another_patient_leaves_the_first(caller):
    people = [{**patient(name), "id": name} for name in ("right", "wrong")]
    sign = {**vital("Patient/wrong", "8867-4", 180), "id": "sign"}
    await caller.push(transaction(*people, sign))
    assert "Observation/sign" in str(await open_task(caller, "Patient/wrong"))

    await caller.put({**sign, "subject": {"reference": "Patient/right"}})
    await open_task(caller, "Patient/right")
    await asyncio.sleep(SOON_S)

    assert "Observation/sign" not in str(await open_task(caller, "Patient/wrong"))
