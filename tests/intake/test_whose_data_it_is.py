"""Data are judged for the right patient, or refused; never silently for nobody."""

import pytest

from tests.patients import (
    MRN,
    complaint,
    encounter,
    fresh_record,
    patient,
    statement,
    transaction,
    visit,
    vital,
)
from tests.worklist import assessed, open_task, until

SATURATION = "59408-5"


def named(**more):
    return {**patient(fresh_record()), "id": fresh_record(), **more}


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "https://elsewhere.example/fhir/Patient/p1"},
        {"identifier": {"system": MRN, "value": "nobody"}},
    ],
)
async def test_a_vital_sign_of_somebody_who_cannot_be_found_is_refused(caller, subject):
    deadly = {**vital("Patient/x", SATURATION, 60), "subject": subject}

    answer = await caller.create(deadly)

    assert answer.status == 422
    assert "Patient/id" in answer.said


async def test_a_relative_reference_means_the_neighbour_on_the_senders_server(caller):
    bundle = visit(fresh_record())
    bundle["entry"][0]["fullUrl"] = "https://ehr.example/fhir/Patient/77"
    bundle["entry"][1]["resource"]["subject"] = {"reference": "Patient/77"}

    answer = await caller.push(bundle)
    whom = answer.locations[0].partition("/_history")[0]

    assert (await open_task(caller, whom))["for"]["reference"] == whom


@pytest.mark.parametrize("condition", [f"{MRN}|", "|5", "|", f"{MRN}| "])
async def test_half_an_identifier_makes_nobody_the_same_person(caller, condition):
    answer = await caller.create(patient("1"), If_None_Exist=f"identifier={condition}")

    assert answer.status == 400


async def test_a_person_deleted_and_created_in_one_transaction_is_a_new_one(caller):
    old = named()
    await caller.put(old)
    record = old["identifier"][0]["value"]
    bundle = transaction(patient(record))
    bundle["entry"][0]["request"]["ifNoneExist"] = f"identifier={MRN}|{record}"
    gone = {"request": {"method": "DELETE", "url": f"Patient/{old['id']}"}}
    bundle["entry"].append(gone)

    answer = await caller.push(bundle)

    location = answer.json["entry"][0]["response"]["location"]
    assert old["id"] not in location
    assert (await caller.read(location.partition("/_history")[0]))["id"]


async def test_a_named_batch_that_deletes_something_else_is_another_request(caller):
    first, second = named(), named()
    await caller.push(transaction(first, second))

    def deleting(identity):
        entry = {"request": {"method": "DELETE", "url": f"Patient/{identity}"}}
        return {"resourceType": "Bundle", "type": "batch", "entry": [entry]}

    key = fresh_record()
    await caller.push(deleting(first["id"]), Idempotency_Key=key)
    again = await caller.push(deleting(second["id"]), Idempotency_Key=key)

    assert again.json["entry"][0]["response"]["status"].startswith("422")


async def test_a_versioned_reference_to_a_medicine_leaves_the_rules_on(caller):
    someone = named()
    whom = f"Patient/{someone['id']}"
    medicine = statement(whom, "")
    del medicine["medicationCodeableConcept"]
    medicine["medicationReference"] = {"reference": "Medication/7/_history/v2"}

    await caller.push(transaction(someone, medicine, complaint(whom, "cardiac arrest")))
    (task,) = await assessed(caller, whom)

    assert task["priority"] == "stat"


async def test_a_bundle_for_one_visit_tells_the_other_open_case_of_its_medicine(caller):
    someone = named()
    whom = f"Patient/{someone['id']}"
    fall = {**encounter(whom, "fell and hit his head"), "id": fresh_record()}
    await caller.push(transaction(someone, fall))
    await open_task(caller, whom)
    throat = {**encounter(whom, "sore throat"), "id": fresh_record()}

    await caller.push(transaction(throat, statement(whom, "warfarin")))

    async def told():
        tasks = await caller.search(
            f"Task?encounter=Encounter/{fall['id']}&status=requested"
        )
        return tasks if tasks and "MedicationStatement" in str(tasks) else None

    (task,) = await until(told)
    assert task["priority"] == "asap"
