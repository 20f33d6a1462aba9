"""Two records of one person (Patient.link): what is known of one counts for both."""

import pytest

from tests.patients import MRN, complaint, patient, statement, transaction
from tests.worklist import acuity, open_task, until

OLD, NEW, THIRD = "Patient/old", "Patient/new", "Patient/third"
INJURY = "hit my head on a door"
ORDINARY, EMERGENT = 3, 2


def record(whom, *links, **more):
    """A Patient's record with its links, each as (type, other)."""
    stated = [{"type": kind, "other": {"reference": other}} for kind, other in links]
    name = whom.partition("/")[2]
    return {**patient(name), "id": name, **({"link": stated} if links else {}), **more}


def warfarin(whom):
    return {**statement(whom, "warfarin 5 mg"), "id": "blood-thinner"}


async def floors(caller, whom):
    """The last acuity of each of the patient's cases, and the versions it stands on."""
    task = await open_task(caller, whom)
    risk = task["focus"]["reference"].replace("ClinicalImpression", "RiskAssessment")
    basis = (await caller.read(risk))["basis"]
    return acuity(task), {each["reference"] for each in basis}


async def until_acuity(caller, whom, wanted):
    async def look():
        found = await floors(caller, whom)
        return found if found[0] == wanted else None

    return await until(look)


@pytest.fixture
async def injured(caller):
    """A head injury, told to the new record; the old one knows of warfarin."""
    await caller.put(record(OLD))
    await caller.put(record(NEW))
    await caller.put(warfarin(OLD))
    await caller.create(complaint(NEW, INJURY))
    await until_acuity(caller, NEW, ORDINARY)
    return caller


@pytest.mark.parametrize("kind", ["replaced-by", "replaces", "refer", "seealso"])
async def test_a_medicine_on_the_old_record_counts_for_the_new_one(injured, kind):
    await injured.put(record(OLD, (kind, NEW)))

    _, basis = await until_acuity(injured, NEW, EMERGENT)

    assert {"MedicationStatement/blood-thinner/_history/1"} < basis
    assert {f"{OLD}/_history/2", f"{NEW}/_history/1"} < basis


async def test_the_survivor_may_say_it_as_well(injured):
    await injured.put(record(NEW, ("replaces", OLD)))

    _, basis = await until_acuity(injured, NEW, EMERGENT)
    assert "MedicationStatement/blood-thinner/_history/1" in basis


async def test_a_complaint_to_the_old_record_meets_what_the_new_one_knows(caller):
    await caller.put(record(OLD, ("replaced-by", NEW), active=False))
    await caller.put(record(NEW))
    await caller.put(warfarin(NEW))

    await caller.create(complaint(OLD, INJURY))

    await until_acuity(caller, OLD, EMERGENT)
    assert await caller.search(f"Task?patient={NEW}") == []


async def test_what_comes_later_to_the_other_record_is_news(caller):
    await caller.push(transaction(record(OLD, ("replaced-by", NEW)), record(NEW)))
    await caller.create(complaint(NEW, INJURY))
    await until_acuity(caller, NEW, ORDINARY)

    await caller.put(warfarin(OLD))

    _, basis = await until_acuity(caller, NEW, EMERGENT)
    assert "MedicationStatement/blood-thinner/_history/1" in basis


async def test_a_chain_and_a_circle_of_links_is_one_person(injured):
    await injured.put(record(THIRD, ("seealso", NEW), ("replaces", THIRD)))
    await injured.put(record(OLD, ("replaced-by", THIRD)))
    await injured.put(record(NEW, ("seealso", OLD)))

    _, basis = await until_acuity(injured, NEW, EMERGENT)
    assert "MedicationStatement/blood-thinner/_history/1" in basis


async def test_a_merge_that_was_wrong_is_taken_back(injured):
    await injured.put(record(OLD, ("replaced-by", NEW)))
    await until_acuity(injured, NEW, EMERGENT)

    await injured.put(record(OLD))

    _, basis = await until_acuity(injured, NEW, ORDINARY)
    assert not any(each.startswith(OLD) for each in basis)


async def test_a_deleted_record_links_nobody(injured):
    await injured.put(record(OLD, ("replaced-by", NEW)))
    await until_acuity(injured, NEW, EMERGENT)

    await injured.delete(OLD)

    _, basis = await until_acuity(injured, NEW, ORDINARY)
    assert "MedicationStatement/blood-thinner/_history/1" not in basis


async def test_the_survivor_keeps_the_data_of_a_record_that_it_replaced(injured):
    await injured.put(record(NEW, ("replaces", OLD)))

    await injured.delete(OLD)

    _, basis = await until_acuity(injured, NEW, EMERGENT)
    assert "MedicationStatement/blood-thinner/_history/1" in basis


async def test_a_link_within_one_transaction_leads_to_its_entry(caller):
    await caller.put(record(NEW))
    await caller.create(complaint(NEW, INJURY))
    identified = f"Patient?identifier={MRN}|new"

    await caller.push(
        transaction(record(OLD, ("replaced-by", identified)), warfarin(OLD))
    )

    _, basis = await until_acuity(caller, NEW, EMERGENT)
    assert any(each.startswith("MedicationStatement/") for each in basis)


async def test_what_one_record_does_not_say_the_other_does(caller):
    nameless = {"resourceType": "Patient", "id": "new"}
    await caller.put(record(OLD, ("replaced-by", NEW), birthDate="1950-01-01"))
    await caller.put(nameless)

    await caller.create(complaint(NEW, INJURY))

    _, basis = await floors(caller, NEW)
    assert f"{OLD}/_history/1" in basis


async def test_links_to_anything_else_than_a_patient_of_ours_mean_nothing(caller):
    await caller.put(
        record(
            NEW,
            ("seealso", "RelatedPerson/7"),
            ("seealso", "http://elsewhere.example/fhir/Patient/7"),
            ("seealso", "urn:oid:1.2.3"),
        )
    )

    await caller.create(complaint(NEW, INJURY))

    assert acuity(await open_task(caller, NEW)) == ORDINARY


async def test_the_same_record_again_is_no_news(injured):
    await injured.put(record(OLD, ("replaced-by", NEW)))
    await until_acuity(injured, NEW, EMERGENT)
    before = await open_task(injured, NEW)

    again = await injured.put(record(OLD, ("replaced-by", NEW)))

    assert again.etag == 'W/"2"'
    assert await open_task(injured, NEW) == before


async def test_links_at_random_do_not_gather_a_whole_hospital(caller, monkeypatch):
    for module in ("gateway.intake.kinship", "gateway.projections.persons"):
        monkeypatch.setattr(f"{module}._MOST", 2)
    await caller.put(record(NEW, ("seealso", THIRD)))
    await caller.put(record(THIRD, ("seealso", OLD)))
    await caller.put(record(OLD))
    await caller.put(warfarin(OLD))

    await caller.create(complaint(NEW, INJURY))

    found, basis = await floors(caller, NEW)
    assert found == ORDINARY
    assert {f"{NEW}/_history/1", f"{THIRD}/_history/1"} <= basis
