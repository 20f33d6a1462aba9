import json

import pytest

from gateway.intake.amendment import LARGEST
from tests.patients import patient


def named(identity, **more):
    return {**patient("5"), "id": identity, **more}


async def test_a_put_to_a_new_address_creates_there(caller):
    answer = await caller.put(named("eve"))

    assert answer.status == 201
    assert answer.headers["Location"].endswith("/fhir/Patient/eve/_history/1")


async def test_a_put_makes_a_new_version(caller):
    await caller.put(named("eve"))

    answer = await caller.put(named("eve", gender="male"))

    assert answer.status == 200
    assert answer.etag == 'W/"2"'
    assert answer.json["gender"] == "male"


async def test_a_put_of_the_same_content_changes_nothing(caller):
    await caller.put(named("eve"))

    answer = await caller.put(named("eve"))

    assert answer.status == 200
    assert answer.etag == 'W/"1"'


async def test_a_put_that_knows_the_current_version_is_kept(caller):
    await caller.put(named("eve"))

    answer = await caller.put(named("eve", gender="male"), If_Match='W/"1"')

    assert answer.status == 200


@pytest.mark.parametrize(
    "etag", ['W/"2"', 'W/"0"', '"7"', "*", "W/", "x", 'W/"1", W/"2"', 'W/"-1"', ""]
)
async def test_a_put_that_believes_in_another_version_is_refused(caller, etag):
    await caller.put(named("eve"))

    answer = await caller.put(named("eve", gender="male"), If_Match=etag)

    assert answer.status == 412
    assert answer.codes == ["conflict"]
    assert (await caller.read("Patient/eve"))["gender"] == "female"


async def test_a_put_with_if_match_where_nothing_is_is_refused(caller):
    answer = await caller.put(named("nobody"), If_Match='W/"1"')

    assert answer.status == 412


async def test_a_put_after_a_deletion_brings_the_resource_back(caller):
    await caller.put(named("eve"))
    await caller.delete("Patient/eve")

    answer = await caller.put(named("eve"))

    assert (answer.status, answer.etag) == (201, 'W/"3"')
    assert (await caller.read("Patient/eve"))["id"] == "eve"


async def test_the_id_in_the_body_must_be_that_of_the_url(caller):
    answer = await caller.request("PUT", "/fhir/Patient/adam", named("eve"))

    assert answer.status == 400
    assert answer.places == ["Patient.id"]


async def test_a_put_without_an_id_is_refused(caller):
    answer = await caller.request("PUT", "/fhir/Patient/adam", patient("5"))

    assert answer.status == 400
    assert answer.places == ["Patient.id"]


async def test_the_type_in_the_body_must_be_that_of_the_url(caller):
    answer = await caller.request("PUT", "/fhir/Observation/eve", named("eve"))

    assert answer.status == 400


async def test_a_put_may_be_answered_with_an_outcome(caller):
    first = await caller.put(named("eve"), Prefer="return=OperationOutcome")
    again = await caller.put(named("eve"), Prefer='return="OperationOutcome"')

    assert (first.status, again.status) == (201, 200)
    assert first.json["resourceType"] == "OperationOutcome"
    assert "created" in first.said
    assert first.etag == again.etag == 'W/"1"'


async def test_an_outcome_tells_what_is_odd_about_the_content(caller):
    odd = named("eve", name=[{"text": "Eve "}])

    answer = await caller.put(odd, Prefer="return=OperationOutcome")

    assert answer.status == 201
    assert [each["severity"] for each in answer.json["issue"]] == [
        "information",
        "warning",
    ]
    assert answer.places == ["Patient.name[0].text"]


async def test_what_is_read_and_put_back_is_no_new_version(caller):
    body = b"""{"resourceType": "Observation", "id": "sign", "status": "final",
        "code": {"text": "x"}, "subject": {"reference": "Patient?identifier=urn:m|1"},
        "valueQuantity": {"value": 72.50}, "note": [{"text": "1"}]}"""
    known = patient("1")
    known["identifier"][0]["system"] = "urn:m"
    await caller.create(known)
    await caller.request("PUT", "/fhir/Observation/sign", body)
    stands = (await caller.get("/fhir/Observation/sign")).body

    same = await caller.request("PUT", "/fhir/Observation/sign", stands)
    checked = await caller.request(
        "PUT", "/fhir/Observation/sign", stands, If_Match='W/"1"'
    )
    stale = await caller.request(
        "PUT", "/fhir/Observation/sign", stands, If_Match='W/"2"'
    )

    assert (same.status, same.etag) == (200, 'W/"1"')
    assert (checked.status, checked.etag) == (200, 'W/"1"')
    assert stale.status == 412


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"72.50", b"72.5"),
        (b'"final"', b'"amended"'),
        (b'{"text":"x"}', b'{"text":"x","id":"i"}'),
        (b'"unit":"a"', b'"unit":"b"'),
    ],
)
async def test_what_is_read_changed_and_put_back_is_a_new_version(caller, old, new):
    body = b"""{"resourceType": "Observation", "id": "sign", "status": "final",
        "code": {"text": "x"}, "valueQuantity": {"value": 72.50, "unit": "a"},
        "note": [{"text": "1"}]}"""
    await caller.request("PUT", "/fhir/Observation/sign", body)
    stands = (await caller.get("/fhir/Observation/sign")).body
    assert old in stands

    answer = await caller.request(
        "PUT", "/fhir/Observation/sign", stands.replace(old, new)
    )

    assert (answer.status, answer.etag) == (200, 'W/"2"')


async def test_what_was_deleted_and_is_put_back_as_it_was_read_lives_again(caller):
    await caller.put(named("eve"))
    stands = await caller.read("Patient/eve")
    await caller.delete("Patient/eve")

    answer = await caller.put(stands)

    assert (answer.status, answer.etag) == (201, 'W/"3"')


async def test_what_was_posted_and_is_put_with_its_id_changes_nothing(caller):
    posted = await caller.create(patient("6"))

    answer = await caller.put({**patient("6"), "id": posted.json["id"]})

    assert (answer.status, answer.etag) == (200, 'W/"1"')


async def test_another_order_of_names_and_other_white_space_change_nothing(caller):
    await caller.put(named("eve", active=True))
    turned = dict(reversed(named("eve", active=True).items()))

    answer = await caller.request(
        "PUT", "/fhir/Patient/eve", json.dumps(turned, indent=2).encode()
    )

    assert (answer.status, answer.etag) == (200, 'W/"1"')


async def test_what_is_very_large_is_not_compared_and_is_a_new_version(caller):
    await caller.put(named("eve", name=[{"text": "x" * LARGEST}]))
    stands = await caller.read("Patient/eve")

    answer = await caller.put(stands)

    assert (answer.status, answer.etag) == (200, 'W/"2"')
