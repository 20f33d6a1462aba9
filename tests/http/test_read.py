import pytest

from tests.patients import patient


@pytest.fixture
async def known(caller):
    """A Patient in two versions."""
    first = (await caller.create(patient("1"))).json
    second = await caller.put({**patient("1"), "id": first["id"], "gender": "male"})
    assert second.status == 200
    return f"Patient/{first['id']}"


async def test_a_read_gives_the_newest_version(caller, known):
    answer = await caller.get(f"/fhir/{known}")

    assert answer.status == 200
    assert answer.etag == 'W/"2"'
    assert answer.json["gender"] == "male"
    assert answer.headers["Last-Modified"]


async def test_a_reader_who_has_it_already_gets_304(caller, known):
    answer = await caller.get(f"/fhir/{known}", If_None_Match='W/"2"')

    assert (answer.status, answer.body) == (304, b"")


async def test_head_gives_the_headers_alone(caller, known):
    answer = await caller.request("HEAD", f"/fhir/{known}")

    assert (answer.status, answer.body) == (200, b"")
    assert answer.etag == 'W/"2"'


@pytest.mark.parametrize(("version", "gender"), [(1, "female"), (2, "male")])
async def test_each_version_stays_readable(caller, known, version, gender):
    answer = await caller.get(f"/fhir/{known}/_history/{version}")

    assert answer.status == 200
    assert answer.json["gender"] == gender
    assert answer.etag == f'W/"{version}"'


@pytest.mark.parametrize(
    "version", ["3", "0", "-1", "x", "9" * 18, "9" * 40, "1.0", "%00", "²", "٣"]
)
async def test_a_version_that_never_was_is_not_found(caller, known, version):
    answer = await caller.get(f"/fhir/{known}/_history/{version}")

    assert answer.status == 404
    assert answer.codes == ["not-found"]


async def test_nobody_of_that_id_is_not_found(caller):
    answer = await caller.get("/fhir/Patient/nobody")

    assert answer.status == 404
    assert answer.codes == ["not-found"]


async def test_the_history_holds_every_version_newest_first(caller, known):
    answer = await caller.get(f"/fhir/{known}/_history")

    assert answer.status == 200
    bundle = answer.json
    assert (bundle["type"], bundle["total"]) == ("history", 2)
    assert [each["response"]["etag"] for each in bundle["entry"]] == [
        'W/"2"',
        'W/"1"',
    ]
    assert [each["request"]["method"] for each in bundle["entry"]] == ["PUT", "POST"]
    assert bundle["link"][0]["url"].endswith(f"/fhir/{known}/_history")


async def test_the_history_tells_of_a_deletion(caller, known):
    await caller.delete(known)

    newest = (await caller.get(f"/fhir/{known}/_history")).json["entry"][0]

    assert newest["request"]["method"] == "DELETE"
    assert "resource" not in newest


async def test_the_history_of_nobody_is_not_found(caller):
    assert (await caller.get("/fhir/Patient/nobody/_history")).status == 404
