import pytest

from tests.patients import fresh_record, patient, visit
from tests.worklist import open_task, until


@pytest.fixture
async def eve(caller):
    await caller.put({**patient("5"), "id": "eve"})
    return "Patient/eve"


async def test_what_was_deleted_is_gone_and_its_history_stays(caller, eve):
    answer = await caller.delete(eve)

    assert answer.status == 204
    gone = await caller.get(f"/fhir/{eve}")
    assert (gone.status, gone.codes) == (410, ["deleted"])
    assert (await caller.get(f"/fhir/{eve}/_history/1")).status == 200
    assert (await caller.get(f"/fhir/{eve}/_history/2")).status == 410


async def test_what_was_deleted_is_found_by_no_search(caller, eve):
    assert len(await caller.search("Patient")) == 1

    await caller.delete(eve)

    assert await caller.search("Patient") == []


async def test_a_second_deletion_changes_nothing(caller, eve):
    await caller.delete(eve)

    answer = await caller.delete(eve)

    assert answer.status == 204
    assert (await caller.get(f"/fhir/{eve}/_history")).json["total"] == 2


async def test_a_deletion_of_nothing_is_no_error(caller):
    assert (await caller.delete("Patient/nobody")).status == 204


async def test_a_deletion_that_believes_in_another_version_is_refused(caller, eve):
    answer = await caller.delete(eve, If_Match='W/"9"')

    assert answer.status == 412
    assert (await caller.get(f"/fhir/{eve}")).status == 200


async def test_a_deleted_vital_sign_is_assessed_no_more(caller):
    bundle = visit(fresh_record(), "", ("8867-4", 180))
    whom = (await caller.push(bundle)).locations[0].partition("/_history")[0]
    task = await open_task(caller, whom)
    impression = task["focus"]["reference"]
    assert "180" in str((await caller.read(impression))["finding"])
    (observation,) = await caller.search(f"Observation?patient={whom}")

    await caller.delete(f"Observation/{observation['id']}")

    async def without_it():
        return "180" not in str((await caller.read(impression)).get("finding"))

    assert await until(without_it)
    assert (await open_task(caller, whom))["id"] == task["id"]


async def test_a_deletion_may_be_answered_with_an_outcome(caller, eve):
    answer = await caller.delete(eve, Prefer="return=OperationOutcome")

    assert (answer.status, answer.codes) == (200, ["informational"])
    assert answer.etag == 'W/"2"'
