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


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ('W/"2"', 304),
        ('"2"', 304),
        ('W/"1", W/"2"', 304),
        ("*", 304),
        ('W/"1"', 200),
        ('W/"1","x-y"', 200),
        ("", 200),
        (",;", 200),
    ],
)
async def test_the_version_that_a_reader_has_is_not_sent_again(
    caller, known, sent, status
):
    answer = await caller.get(f"/fhir/{known}", If_None_Match=sent)

    assert answer.status == status
    assert answer.etag == 'W/"2"'
    assert answer.headers["Last-Modified"]


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("Thu, 01 Jan 2099 00:00:00 GMT", 304),
        ("Thu, 01 Jan 1998 00:00:00 GMT", 200),
        ("yesterday", 200),
    ],
)
async def test_what_has_not_changed_since_is_not_sent_again(
    caller, known, since, status
):
    answer = await caller.get(f"/fhir/{known}", If_Modified_Since=since)

    assert answer.status == status


async def test_what_was_last_modified_then_has_not_changed_since(caller, known):
    shown = (await caller.get(f"/fhir/{known}")).headers["Last-Modified"]

    answer = await caller.get(f"/fhir/{known}", If_Modified_Since=shown)

    assert answer.status == 304


async def test_a_version_counts_for_more_than_a_time(caller, known):
    answer = await caller.get(
        f"/fhir/{known}",
        If_None_Match='W/"1"',
        If_Modified_Since="Thu, 01 Jan 2099 00:00:00 GMT",
    )

    assert answer.status == 200


async def test_head_of_what_a_reader_has_is_304_as_well(caller, known):
    answer = await caller.request("HEAD", f"/fhir/{known}", If_None_Match='W/"2"')

    assert answer.status == 304


@pytest.mark.parametrize("path", ["", "/_history/2"])
@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("_elements=gender", {"gender"}, {"birthDate", "identifier"}),
        ("_elements=Patient.gender,birthDate", {"gender", "birthDate"}, {"identifier"}),
        ("_summary=true", {"gender", "identifier"}, {"text", "contact"}),
        ("_summary=text", {"text"}, {"gender", "contact"}),
        ("_summary=data", {"gender", "contact"}, {"text"}),
    ],
)
async def test_a_part_of_a_resource_says_that_it_is_one(
    caller, path, query, shown, hidden
):
    narrative = '<div xmlns="http://www.w3.org/1999/xhtml">Eve</div>'
    whole = {
        **patient("1"),
        "id": "eve",
        "text": {"status": "generated", "div": narrative},
        "contact": [{"name": {"text": "Adam"}}],
    }
    await caller.put(whole)
    await caller.put({**whole, "active": True})

    part = await caller.read(f"Patient/eve{path}?{query}")

    assert shown < set(part)
    assert not hidden & set(part)
    assert part["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert part["meta"]["versionId"] == "2"


async def test_the_whole_is_not_tagged(caller, known):
    assert "tag" not in (await caller.read(f"{known}?_summary=false"))["meta"]


@pytest.mark.parametrize("query", ["_summary=count", "_summary=x", "_elements=a.b.c"])
async def test_a_part_that_there_is_not_is_refused(caller, known, query):
    assert (await caller.get(f"/fhir/{known}?{query}")).status == 400


async def test_what_means_nothing_to_a_read_is_passed_over(caller, known):
    assert (await caller.get(f"/fhir/{known}?_pretty=true&nocache=7")).status == 200


async def test_a_version_that_says_deleted_is_gone(caller, known):
    await caller.delete(known)

    for path in (known, f"{known}/_history/3"):
        answer = await caller.get(f"/fhir/{path}")
        assert (answer.status, answer.codes) == (410, ["deleted"])
    assert (await caller.get(f"/fhir/{known}/_history/2")).status == 200


async def test_the_history_of_nobody_is_not_found(caller):
    assert (await caller.get("/fhir/Patient/nobody/_history")).status == 404
