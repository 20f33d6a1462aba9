import pytest

from tests.patients import MRN, fresh_record, patient, vital


async def test_a_created_resource_has_a_location_an_etag_and_its_content(caller):
    sent = patient(fresh_record())

    answer = await caller.create(sent)

    assert answer.status == 201
    assert answer.etag == 'W/"1"'
    identity = answer.json["id"]
    assert answer.headers["Location"].endswith(f"/fhir/Patient/{identity}/_history/1")
    assert answer.headers["Last-Modified"].endswith("GMT")
    assert answer.headers["Content-Type"].startswith("application/fhir+json")
    assert answer.json["identifier"] == sent["identifier"]
    assert answer.json["meta"]["versionId"] == "1"


async def test_the_gateway_gives_the_id_not_the_sender(caller):
    answer = await caller.create({**patient(fresh_record()), "id": "mine"})

    assert answer.status == 201
    assert answer.json["id"] != "mine"


async def test_a_create_with_return_minimal_has_no_body(caller):
    answer = await caller.create(patient(fresh_record()), Prefer="return=minimal")

    assert (answer.status, answer.body) == (201, b"")
    assert answer.etag == 'W/"1"'


async def test_the_same_create_twice_makes_two_resources(caller):
    sent = patient(fresh_record())

    first, second = await caller.create(sent), await caller.create(sent)

    assert first.json["id"] != second.json["id"]


async def test_the_same_idempotency_key_makes_one_resource(caller):
    sent = patient(fresh_record())

    first = await caller.create(sent, Idempotency_Key="k1")
    second = await caller.create(sent, Idempotency_Key="k1")

    assert first.json["id"] == second.json["id"]
    assert second.status == 201


async def test_an_idempotency_key_is_not_for_other_content(caller):
    await caller.create(patient("1"), Idempotency_Key="k2")

    answer = await caller.create(patient("2"), Idempotency_Key="k2")

    assert answer.status == 422
    assert answer.codes == ["duplicate"]
    assert "new key" in answer.said


async def test_a_conditional_create_finds_who_is_there(caller):
    known = await caller.create(patient("77"))

    answer = await caller.create(patient("77"), If_None_Exist=f"identifier={MRN}|77")

    assert answer.status == 200
    assert answer.json["id"] == known.json["id"]


async def test_a_conditional_create_of_somebody_new_creates(caller):
    answer = await caller.create(patient("78"), If_None_Exist=f"identifier={MRN}|78")

    assert answer.status == 201


async def test_a_conditional_create_that_names_several_is_refused(caller):
    await caller.create(patient("79"))
    await caller.create(patient("79"))

    answer = await caller.create(patient("79"), If_None_Exist=f"identifier={MRN}|79")

    assert answer.status == 412
    assert answer.codes == ["multiple-matches"]


async def test_a_conditional_create_does_not_find_the_deleted(caller):
    gone = await caller.create(patient("80"))
    await caller.delete(f"Patient/{gone.json['id']}")

    answer = await caller.create(patient("80"), If_None_Exist=f"identifier={MRN}|80")

    assert answer.status == 201
    assert answer.json["id"] != gone.json["id"]


async def test_a_conditional_create_does_not_find_an_identifier_given_up(caller):
    first = (await caller.create(patient("81"))).json
    changed = await caller.put({**patient("82"), "id": first["id"]})
    assert changed.status == 200

    old = await caller.create(patient("81"), If_None_Exist=f"identifier={MRN}|81")
    new = await caller.create(patient("82"), If_None_Exist=f"identifier={MRN}|82")

    assert old.status == 201
    assert new.json["id"] == first["id"]


@pytest.mark.parametrize(
    "condition",
    ["identifier=77", "name=Smith", "identifier=a|b&identifier=c|d", "_id=7", "", "?"],
)
async def test_another_condition_than_one_identifier_is_refused(caller, condition):
    answer = await caller.create(patient("77"), If_None_Exist=condition)

    assert answer.status == 400
    assert "identifier=system|value" in answer.said


async def test_a_resource_sent_to_another_type_is_refused(caller):
    answer = await caller.request("POST", "/fhir/Observation", patient())

    assert answer.status == 400
    assert answer.places == ["resourceType"]


async def test_a_conditional_reference_is_resolved(caller):
    known = await caller.create(patient("90"))

    answer = await caller.create(vital(f"Patient?identifier={MRN}|90"))

    assert answer.json["subject"] == {"reference": f"Patient/{known.json['id']}"}


async def test_a_conditional_reference_to_nobody_is_refused(caller):
    answer = await caller.create(vital(f"Patient?identifier={MRN}|nobody"))

    assert answer.status == 412
    assert "matches nothing" in answer.said
