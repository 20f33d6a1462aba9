import asyncio
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import pytest

from fhir_profiles.structure import check
from gateway.projections import history as histories
from gateway.projections import resources
from gateway.projections.database import FILE, Database
from gateway.projections.history import Wanted
from tests.callers import AUDITOR, FEED, NURSE
from tests.erasure.command import erase
from tests.gateway_inside import gateway_inside
from tests.patients import patient, transaction, vital

WHO = "Patient/who"


def at_version(gender):
    return {**patient("1"), "id": "who", "gender": gender}


@pytest.fixture
async def changed(caller):
    """A Patient in three versions, the second of which says that she was deleted."""
    await caller.put(at_version("female"))
    await caller.delete(WHO)
    await caller.put(at_version("male"))
    return caller


def story(bundle):
    """What each entry of a history says, as (method, url, status)."""
    return [
        (each["request"]["method"], each["request"]["url"], each["response"]["status"])
        for each in bundle.get("entry", [])
    ]


async def pages(caller, path):
    """Every page of a history, by its links."""
    while path:
        answer = await caller.get(path)
        assert answer.status == 200, answer.body
        yield answer.json
        links = {each["relation"]: each["url"] for each in answer.json["link"]}
        url = urlsplit(links.get("next", ""))
        path = f"{url.path}?{url.query}" if url.path else None


async def versions(caller, path):
    """Every version of a history, over all pages."""
    found = []
    async for bundle in pages(caller, path):
        found += [
            (each["fullUrl"].rpartition("/fhir/")[2], each["response"]["etag"])
            for each in bundle.get("entry", [])
        ]
    return found


async def settled(caller):
    """The version of the one Task; the second says that there is no model."""
    return "".join(each["meta"]["versionId"] for each in await caller.search("Task"))


async def test_a_history_tells_of_every_change_newest_first(changed):
    bundle = (await changed.get(f"/fhir/{WHO}/_history")).json

    assert bundle["total"] == 3
    assert story(bundle) == [
        ("PUT", WHO, "200"),
        ("DELETE", WHO, "204"),
        ("PUT", WHO, "201"),
    ]
    assert [each.severity for each in check(bundle)].count("error") == 0


async def test_what_we_named_came_by_a_post(caller):
    created = (await caller.create(patient("1"))).json

    bundle = (await caller.get(f"/fhir/Patient/{created['id']}/_history")).json

    assert story(bundle) == [("POST", "Patient", "201")]


async def test_the_history_of_a_type_has_no_other_type(changed):
    await changed.create(vital(WHO))

    bundle = (await changed.get("/fhir/Patient/_history")).json

    assert len(story(bundle)) == 3
    assert {each["fullUrl"].rpartition("/fhir/")[2] for each in bundle["entry"]} == {
        WHO
    }


async def test_the_history_of_all_is_in_the_order_of_the_log(changed):
    await changed.create(vital(WHO))
    await changed.put(at_version("other"))

    found = await versions(changed, "/fhir/_history?_count=3")

    issued = [each for each in found if each[0] == WHO]
    assert [each[1] for each in issued] == ['W/"4"', 'W/"3"', 'W/"2"', 'W/"1"']
    assert any(each[0].startswith("Observation/") for each in found)
    assert len(found) == len(set(found))


async def test_the_histories_of_a_type_nobody_sent_are_empty(caller):
    bundle = (await caller.get("/fhir/Basic/_history")).json

    assert "entry" not in bundle


async def test_only_what_was_stored_since_an_instant(changed):
    newest = (await changed.get(f"/fhir/{WHO}")).json["meta"]["lastUpdated"]

    bundle = await changed.get(
        f"/fhir/{WHO}/_history?_since={newest.replace('+', '%2B')}"
    )

    assert story(bundle.json)[0] == ("PUT", WHO, "200")
    assert "total" not in bundle.json
    later = await changed.get(f"/fhir/{WHO}/_history?_since=2999-01-01T00:00:00Z")
    assert (later.status, story(later.json)) == (200, [])


async def test_only_what_stood_at_some_time(changed):
    before = await changed.get(f"/fhir/{WHO}/_history?_at=1999")
    today = await changed.get(f"/fhir/{WHO}/_history?_at=1999-01-01&_at=")
    ahead = await changed.get("/fhir/Patient/_history?_at=2999-01-01T00:00:00Z")

    assert story(before.json) == []
    assert today.status == 400
    assert story(ahead.json) == [("PUT", WHO, "200")]


async def test_nothing_stood_while_it_was_of_somebody_erased(tmp_path):
    """An Observation was another patient's before and after it was hers."""
    data, eve, adam = tmp_path / "data", "eve-chosen-1", "adam-chosen-2"
    async with gateway_inside(data) as one:
        feed = one.called(FEED)
        await feed.put({**patient("5551"), "id": eve})
        await feed.put({**patient("5552"), "id": adam})
        for whose in (adam, eve):
            moved = await feed.put({**vital(f"Patient/{whose}"), "id": "moved"})
            assert moved.status in (200, 201)
        while_hers = quote(datetime.now(UTC).isoformat())
        asked = f"/fhir/Observation/moved/_history?_at={while_hers}"
        assert len(story((await feed.get(asked)).json)) == 1

    assert (await erase(data, eve)).exit_code == 0

    async with gateway_inside(data) as one:
        assert story((await one.called(FEED).get(asked)).json) == []


async def test_pages_neither_repeat_nor_miss_while_others_write(caller):
    await caller.push(transaction(*(patient(str(n)) for n in range(7))))
    known = set(await versions(caller, "/fhir/Patient/_history?_count=100"))
    seen = []

    async for bundle in pages(caller, "/fhir/Patient/_history?_count=2"):
        seen += [each["fullUrl"].rpartition("/fhir/")[2] for each in bundle["entry"]]
        await caller.create(patient("new"))

    assert len(seen) == len(set(seen)) == 7
    assert set(seen) == {address for address, _ in known}


async def test_a_page_of_large_resources_ends_early(changed, monkeypatch):
    whole = await versions(changed, f"/fhir/{WHO}/_history")
    monkeypatch.setattr(resources, "LARGEST_PAGE", 1)

    assert await versions(changed, f"/fhir/{WHO}/_history") == whole
    assert len((await changed.get(f"/fhir/{WHO}/_history")).json["entry"]) == 1


async def test_resources_of_one_event_are_paged_one_by_one(caller):
    await caller.push(transaction(patient("1"), vital("Patient/x", value=190)))
    async with asyncio.timeout(60):
        while (await settled(caller)) != "2":
            await asyncio.sleep(0.01)

    single = await versions(caller, "/fhir/_history?_count=1")
    whole = await versions(caller, "/fhir/_history")

    assert single == whole


@pytest.mark.parametrize(
    "query",
    ["_sort=_lastUpdated", "_count=-1", "_count=x", "_since=monday", "_at=", "_page=x"],
)
async def test_what_is_not_understood_is_refused(changed, query):
    answer = await changed.get(f"/fhir/{WHO}/_history?{query}&_at=2999&_at=2999")

    assert answer.status == 400
    assert answer.codes == ["not-supported"]


async def test_a_lenient_caller_gets_what_is_understood(changed):
    answer = await changed.get(
        f"/fhir/{WHO}/_history?_sort=x&_count=1", Prefer="handling=lenient"
    )

    assert len(story(answer.json)) == 1


async def test_a_page_belongs_to_its_own_history(changed):
    async for bundle in pages(changed, f"/fhir/{WHO}/_history?_count=1"):
        url = bundle["link"][1]["url"]
        break
    token = url.partition("_page=")[2]

    elsewhere = await changed.get(f"/fhir/Patient/_history?_count=1&_page={token}")

    assert elsewhere.status == 400


async def test_no_entries_but_the_number_of_them(changed):
    bundle = (await changed.get(f"/fhir/{WHO}/_history?_count=0")).json

    assert bundle["total"] == 3
    assert "entry" not in bundle
    assert [each["relation"] for each in bundle["link"]] == ["self"]


@pytest.mark.parametrize("name", [FEED, NURSE, AUDITOR])
async def test_who_may_search_everything_may_read_the_history_of_all(strangers, name):
    await strangers.called(FEED).put(at_version("female"))

    answer = await strangers.called(name).get("/fhir/_history")

    assert answer.status == 200
    assert story(answer.json) == [("PUT", WHO, "201")]


async def test_nobody_reads_a_history_without_a_token(strangers):
    assert (await strangers.get("/fhir/_history")).status == 401


async def test_a_history_is_found_by_its_indexes(tmp_path):
    database = Database(tmp_path / FILE, b"k" * 32)
    plans = []
    with database.reader() as connection:
        connection.set_trace_callback(plans.append)
        for wanted in (Wanted(types=("Patient",)), Wanted(types=("Patient",), id="x")):
            histories.tell(database, connection, wanted, count=5)
        connection.set_trace_callback(None)
        asked = [each for each in plans if each.startswith("SELECT serial")]
        steps = [
            connection.execute(f"EXPLAIN QUERY PLAN {each}").fetchall()
            for each in asked
        ]
    database.close()

    assert "resource_told (type=?)" in str(steps[0])
    assert "TEMP B-TREE" not in str(steps[0])
    assert "resource_place (type=? AND key=?)" in str(steps[1])
