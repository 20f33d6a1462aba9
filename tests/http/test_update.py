import pytest

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

    assert answer.status == 422
    assert answer.places == ["Patient.id"]


async def test_a_put_without_an_id_is_refused(caller):
    answer = await caller.request("PUT", "/fhir/Patient/adam", patient("5"))

    assert answer.status == 422
    assert answer.places == ["Patient.id"]


async def test_the_type_in_the_body_must_be_that_of_the_url(caller):
    answer = await caller.request("PUT", "/fhir/Observation/eve", named("eve"))

    assert answer.status == 422
