"""Every interaction leaves an AuditEvent, and only auditors find it."""

import json
from base64 import b64decode
from datetime import UTC, datetime
from functools import partial

import pytest

from fhir_profiles import structure
from gateway.intake.access_log import AccessLog
from tests.callers import AUDITOR, FEED, NURSE
from tests.gateway_inside import gateway_inside
from tests.patients import (
    MRN,
    fresh_record,
    patient,
    transaction,
    urn,
    visit,
    vital,
)
from tests.worklist import open_task, step, until

FORM = "application/x-www-form-urlencoded"


def subtype(event):
    return event["subtype"][0]["code"]


def named(event, role):
    return [
        each["what"]["reference"]
        for each in event["entity"]
        if each.get("role", {}).get("code") == role
    ]


def patients(event):
    return named(event, "1")


def data(event):
    return named(event, "4")


def query(event):
    (asked,) = [each["query"] for each in event["entity"] if "query" in each]
    return b64decode(asked).decode()


def callers(event):
    return [
        each["who"].get("display", each["who"].get("reference"))
        for each in event["agent"]
        if each["requestor"]
    ]


def request_of(event):
    (found,) = [
        each["what"]["identifier"]["value"]
        for each in event["entity"]
        if each["type"]["code"] == "XrequestId"
    ]
    return found


async def audit_events(strangers, query=""):
    return await strangers.called(AUDITOR).search(f"AuditEvent?_count=1000{query}")


async def told_of(strangers, answer):
    """Return the AuditEvents of the request that got this answer."""
    wanted = answer.headers["X-Request-Id"]
    return [
        each for each in await audit_events(strangers) if request_of(each) == wanted
    ]


async def only_one(strangers, answer):
    (event,) = await told_of(strangers, answer)
    assert structure.check(event) == []
    return event


async def known_vital(strangers):
    feed = strangers.called(FEED)
    await feed.put({**patient(fresh_record()), "id": "eve"})
    return await feed.put({**vital("Patient/eve"), "id": "pulse"})


async def test_a_write_is_told_once_with_its_version_and_patient(strangers):
    answer = await known_vital(strangers)

    event = await only_one(strangers, answer)

    assert (subtype(event), event["action"], event["outcome"]) == ("create", "C", "0")
    assert data(event) == ["Observation/pulse/_history/1"]
    assert patients(event) == ["Patient/eve"]
    assert callers(event) == [FEED]
    assert event["agent"][0]["network"]["address"] == "127.0.0.1"


async def test_each_resource_of_a_transaction_is_told(strangers):
    answer = await strangers.called(FEED).push(
        transaction(patient(fresh_record()), vital(urn(0)))
    )

    told = await told_of(strangers, answer)

    assert sorted(map(subtype, told)) == ["create", "create"]
    assert sorted(map(data, told)) == sorted([each] for each in answer.locations)
    assert len({tuple(patients(each)) for each in told}) == 1


async def test_a_write_that_changed_nothing_is_told_too(strangers):
    await known_vital(strangers)
    same = {**patient("same"), "id": "adam"}
    await strangers.called(FEED).put(same)

    answer = await strangers.called(FEED).put(same)

    event = await only_one(strangers, answer)
    assert (subtype(event), event["outcome"]) == ("update", "0")
    assert data(event) == ["Patient/adam/_history/1"]
    assert patients(event) == ["Patient/adam"]


async def test_a_repeated_bundle_is_told_although_nothing_was_written(strangers):
    bundle = transaction(patient(fresh_record()), vital(urn(0)))
    await strangers.called(FEED).push(bundle)

    answer = await strangers.called(FEED).push(bundle)

    event = await only_one(strangers, answer)
    assert (subtype(event), event["outcome"]) == ("transaction", "0")


async def test_what_a_conditional_create_found_is_told(strangers):
    record = fresh_record()
    await strangers.called(FEED).put({**patient(record), "id": "eve"})
    condition = f"identifier={MRN}|{record}"

    alone = await strangers.called(FEED).create(
        patient(record), If_None_Exist=condition
    )
    bundle = transaction(patient(record), vital(urn(0)))
    bundle["entry"][0]["request"]["ifNoneExist"] = condition
    together = await strangers.called(FEED).push(bundle)

    event = await only_one(strangers, alone)
    assert data(event) == ["Patient/eve/_history/1"]
    assert patients(event) == ["Patient/eve"]
    told = {subtype(each): each for each in await told_of(strangers, together)}
    assert data(told["transaction"]) == ["Patient/eve/_history/1"]
    assert patients(told["create"]) == ["Patient/eve"]


async def test_a_patch_that_changed_nothing_is_told_with_whose_data_it_showed(
    strangers,
):
    await known_vital(strangers)
    operations = [{"op": "test", "path": "/status", "value": "final"}]

    answer = await strangers.called(FEED).request(
        "PATCH",
        "/fhir/Observation/pulse",
        json.dumps(operations).encode(),
        Content_Type="application/json-patch+json",
    )

    event = await only_one(strangers, answer)
    assert (subtype(event), answer.status) == ("patch", 200)
    assert data(event) == ["Observation/pulse/_history/1"]
    assert patients(event) == ["Patient/eve"]


async def test_a_delete_is_told_with_the_patient_whose_data_went(strangers):
    await known_vital(strangers)

    answer = await strangers.called(FEED).delete("Observation/pulse")

    event = await only_one(strangers, answer)
    assert (subtype(event), event["action"]) == ("delete", "D")
    assert data(event) == ["Observation/pulse/_history/2"]
    assert patients(event) == ["Patient/eve"]


@pytest.mark.parametrize(
    ("path", "code", "version"),
    [
        ("Observation/pulse", "read", "/_history/1"),
        ("Observation/pulse/_history/1", "vread", "/_history/1"),
        ("Observation/pulse/_history", "history-instance", ""),
    ],
)
async def test_a_read_is_told_with_what_was_shown_to_whom(
    strangers, path, code, version
):
    await known_vital(strangers)

    answer = await strangers.called(NURSE).get(f"/fhir/{path}")

    event = await only_one(strangers, answer)
    assert (subtype(event), event["action"], event["outcome"]) == (code, "R", "0")
    assert data(event) == [f"Observation/pulse{version}"]
    assert patients(event) == ["Patient/eve"]
    assert callers(event) == [f"Practitioner/{NURSE}"]


async def test_a_read_that_needs_no_body_is_told(strangers):
    known = await known_vital(strangers)

    answer = await strangers.called(NURSE).get(
        "/fhir/Observation/pulse", If_None_Match=known.etag
    )

    assert answer.status == 304
    event = await only_one(strangers, answer)
    assert data(event) == ["Observation/pulse/_history/1"]
    assert patients(event) == ["Patient/eve"]


async def test_a_search_is_told_with_its_query_and_whom_it_found(strangers):
    await known_vital(strangers)

    answer = await strangers.called(NURSE).get("/fhir/Observation?status=final")

    event = await only_one(strangers, answer)
    assert (subtype(event), event["action"]) == ("search-type", "E")
    assert query(event) == "/fhir/Observation?status=final"
    assert patients(event) == ["Patient/eve"]
    assert data(event) == []
    assert event["meta"]["profile"][0].endswith("IHE.BasicAudit.PatientQuery")


async def test_the_parameters_of_a_posted_search_are_told(strangers):
    record = fresh_record()
    await strangers.called(FEED).create(patient(record))

    answer = await strangers.called(FEED).request(
        "POST",
        "/fhir/Patient/_search?gender=female",
        f"identifier={MRN}|{record}".encode(),
        Content_Type=FORM,
    )

    event = await only_one(strangers, answer)
    assert query(event).startswith("/fhir/Patient/_search?gender=female&identifier=")
    assert record in query(event)
    assert len(patients(event)) == 1


async def test_a_search_that_finds_nothing_is_told_with_whom_it_was_about(strangers):
    await known_vital(strangers)

    answer = await strangers.called(NURSE).get("/fhir/Condition?patient=eve")

    assert answer.json["total"] == 0
    assert patients(await only_one(strangers, answer)) == ["Patient/eve"]


async def test_a_nurse_s_step_is_told_as_her_update_of_the_task(strangers):
    pushed = await strangers.called(FEED).push(visit(fresh_record(), "cough"))
    whom = pushed.locations[0].partition("/_history")[0]
    task = await open_task(strangers.called(NURSE), whom)

    answer = await step(strangers.called(NURSE), task, "accepted")

    event = await only_one(strangers, answer)
    assert (subtype(event), event["action"]) == ("update", "U")
    assert data(event) == [f"Task/{task['id']}/_history/{answer.etag[3:-1]}"]
    assert patients(event) == [whom]
    assert callers(event) == [f"Practitioner/{NURSE}"]


async def test_a_task_that_was_declined_is_told_and_not_the_one_that_followed(
    strangers,
):
    pushed = await strangers.called(FEED).push(visit(fresh_record(), "cough"))
    whom = pushed.locations[0].partition("/_history")[0]
    task = await open_task(strangers.called(NURSE), whom)

    answer = await step(strangers.called(NURSE), task, "rejected")

    event = await only_one(strangers, answer)
    (declined,) = data(event)
    shown = await strangers.called(NURSE).read(declined)
    assert shown["status"] == "rejected"


REFUSALS = [
    (None, "GET", "/fhir/Patient/eve", None, 401),
    (None, "POST", "/fhir", transaction(patient("x")), 401),
    (NURSE, "POST", "/fhir/Patient", patient("x"), 403),
    (NURSE, "GET", "/fhir/AuditEvent", None, 403),
    (FEED, "GET", "/fhir/AuditEvent/log-1", None, 403),
    (FEED, "GET", "/fhir/Patient/nobody", None, 404),
    (FEED, "GET", "/fhir/Nothing/1", None, 404),
    (FEED, "GET", "/elsewhere", None, 404),
    (FEED, "DELETE", "/fhir", None, 405),
    (FEED, "GET", "/fhir/Patient?mood=sad", None, 400),
    (FEED, "POST", "/fhir/Patient", b"{", 400),
    (FEED, "POST", "/fhir/Patient", {"resourceType": "Patient", "mood": 1}, 422),
    (FEED, "POST", "/fhir", {"resourceType": "Bundle", "type": "history"}, 422),
    (None, "POST", "/auth/token", b"grant_type=no", 400),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda each: f"{each[1]} {each[4]}")
async def test_a_refusal_is_told(strangers, refusal):
    who, method, path, body, status = refusal
    caller = strangers.called(who) if who else strangers

    answer = await caller.request(method, path, body)

    assert answer.status == status
    event = await only_one(strangers, answer)
    assert event["outcome"] == "4"
    assert event["outcomeDesc"] == f"HTTP {status}"
    assert "profile" not in event["meta"]
    assert query(event) == path
    expected = [f"Practitioner/{NURSE}"] if who == NURSE else [who or "unknown caller"]
    assert callers(event) == expected


async def test_whom_a_refused_read_was_about_is_told_of_known_callers_only(strangers):
    known = await strangers.called(FEED).get("/fhir/Patient/nobody")
    unknown = await strangers.get("/fhir/Patient/nobody")

    assert patients(await only_one(strangers, known)) == ["Patient/nobody"]
    assert patients(await only_one(strangers, unknown)) == []


async def test_the_refused_entries_of_a_batch_are_told(strangers):
    good = {**patient(fresh_record()), "id": "good"}
    bundle = transaction(
        good,
        {"resourceType": "Patient", "mood": 1},
        {"resourceType": "Patient", "x": 1},
    )
    answer = await strangers.called(FEED).push({**bundle, "type": "batch"})

    told = {subtype(each): each for each in await told_of(strangers, answer)}

    assert data(told["create"]) == ["Patient/good/_history/1"]
    assert told["batch"]["outcome"] == "4"
    assert query(told["batch"]) == "/fhir#Bundle.entry[1,2]"


async def test_what_a_batch_shows_is_told(strangers):
    await known_vital(strangers)
    asked = {"method": "GET", "url": "Observation/pulse"}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [{"request": asked}]}

    answer = await strangers.called(FEED).push(bundle)

    event = await only_one(strangers, answer)
    assert data(event) == ["Observation/pulse/_history/1"]
    assert patients(event) == ["Patient/eve"]
    assert query(event) == "/fhir?entry=Observation%2Fpulse"


@pytest.mark.parametrize(
    ("path", "code"),
    [("_history", "history-system"), ("Observation/_history", "history-type")],
)
async def test_a_history_of_many_is_told_with_its_query(strangers, path, code):
    await known_vital(strangers)
    await strangers.called(FEED).delete("Observation/pulse")

    answer = await strangers.called(FEED).get(f"/fhir/{path}?_count=9")

    event = await only_one(strangers, answer)
    assert (subtype(event), event["action"]) == (code, "R")
    assert query(event) == f"/fhir/{path}?_count=9"
    assert patients(event) == ["Patient/eve"]


async def test_a_delete_that_found_nothing_is_told(strangers):
    path = f"/fhir/Patient?identifier={MRN}%7Cnobody"

    answer = await strangers.called(FEED).request("DELETE", path)

    event = await only_one(strangers, answer)
    assert (answer.status, subtype(event)) == (204, "delete")
    assert query(event) == path


async def test_the_whole_record_of_a_patient_is_told(strangers):
    await known_vital(strangers)

    path = "/fhir/Patient/eve/$everything?_type=Observation"
    feed = strangers.called(FEED)
    sent = {
        "resourceType": "Parameters",
        "parameter": [{"name": "_type", "valueCode": "Observation"}],
    }

    asked = await feed.get(path)
    posted = await feed.request("POST", path.partition("?")[0], sent)

    for answer in (asked, posted):
        event = await only_one(strangers, answer)
        assert (subtype(event), event["action"]) == ("operation", "E")
        assert patients(event) == ["Patient/eve"]
        assert query(event) == path


async def test_what_was_carried_out_later_is_told_by_the_same_request(strangers):
    feed = strangers.called(FEED)
    bundle = transaction({**patient(fresh_record()), "id": "late"})

    answer = await feed.push_anything(bundle, Prefer="respond-async")

    async def look():
        told = [subtype(each) for each in await told_of(strangers, answer)]
        return "create" in told and told

    assert answer.status == 202
    assert sorted(await until(look)) == ["create", "transaction"]


@pytest.mark.parametrize(
    "path", ["/health/live", "/health/ready", "/metrics", "/fhir/metadata"]
)
async def test_what_holds_no_patient_s_data_is_not_told(strangers, path):
    await strangers.get(path)

    assert [subtype(each) for each in await audit_events(strangers)] == []


async def test_reads_of_audit_events_are_told_once_each(strangers):
    await known_vital(strangers)
    for _ in range(3):
        await audit_events(strangers)

    told = await audit_events(strangers)

    assert [subtype(each) for each in told].count("search-type") == 3
    assert all(not data(each) for each in told if subtype(each) == "search-type")


async def test_an_auditor_reads_one_audit_event_and_is_told_of(strangers):
    auditor = strangers.called(AUDITOR)
    event = await only_one(strangers, await known_vital(strangers))

    answer = await auditor.get(f"/fhir/AuditEvent/{event['id']}")

    assert answer.json == event
    told = await only_one(strangers, answer)
    assert data(told) == [f"AuditEvent/{event['id']}/_history/1"]
    assert callers(told) == [AUDITOR]


SEARCHES = [
    "patient=Patient/eve",
    "patient=eve",
    "action=C",
    "outcome=0",
    "type=rest",
    "subtype=create",
    "subtype=http://hl7.org/fhir/restful-interaction|create",
    "entity=Observation/pulse",
    "address=127.0.0.1",
    "date=gt2000-01-01",
    "_sort=-date",
    "agent:identifier=https://triage-gateway.example/fhir/identifier/client|feed-1",
]


@pytest.mark.parametrize("search", SEARCHES)
async def test_audit_events_are_found(strangers, search):
    answer = await known_vital(strangers)

    found = await audit_events(strangers, f"&{search}")

    wanted = answer.headers["X-Request-Id"]
    assert wanted in [request_of(each) for each in found]


@pytest.mark.parametrize(
    "search",
    [
        "patient=Patient/adam",
        "action=D",
        "outcome=8",
        "subtype=delete",
        "entity=Observation/other",
        "address=192.0.2.1",
        "date=lt2000-01-01",
    ],
)
async def test_other_audit_events_are_not(strangers, search):
    await known_vital(strangers)

    assert await audit_events(strangers, f"&{search}") == []


async def test_a_nurse_is_found_by_her_name_and_reference(strangers):
    await known_vital(strangers)
    await strangers.called(NURSE).read("Observation/pulse")

    for search in (f"agent=Practitioner/{NURSE}", "agent-name=nurse"):
        (found,) = await audit_events(strangers, f"&{search}")
        assert subtype(found) == "read"


@pytest.mark.parametrize("who", [FEED, NURSE, AUDITOR])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_nobody_writes_audit_events(strangers, who, method):
    event = await only_one(strangers, await known_vital(strangers))
    path = "/fhir/AuditEvent" if method == "POST" else f"/fhir/AuditEvent/{event['id']}"

    answer = await strangers.called(who).request(
        method, path, None if method == "DELETE" else event
    )

    assert answer.status == 403
    assert await strangers.called(AUDITOR).read(f"AuditEvent/{event['id']}") == event


async def test_a_bundle_brings_no_audit_event_in(strangers):
    event = await only_one(strangers, await known_vital(strangers))

    answer = await strangers.called(FEED).push_anything(transaction(event))

    assert answer.status == 403


async def test_the_read_is_told_before_its_answer_where_a_site_asks_for_it(tmp_path):
    async with gateway_inside(tmp_path / "data", audit_reads="before") as strangers:
        await known_vital(strangers)
        answer = await strangers.called(NURSE).get("/fhir/Observation/pulse")

        event = await only_one(strangers, answer)

    assert subtype(event) == "read"
    assert event["recorded"] <= datetime.now(UTC).isoformat()


async def test_without_room_for_its_record_a_request_is_refused_before_it_is_done(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("gateway.parts.AccessLog", partial(AccessLog, limit=1))
    slow = {"audit_gathering_ms": 10_000}
    async with gateway_inside(tmp_path / "data", **slow) as strangers:
        feed = strangers.called(FEED)
        await known_vital(strangers)
        await feed.read("Observation/pulse")
        answer = await feed.delete("Observation/pulse")
        await feed.get("/fhir/Observation/pulse")

    assert answer.status == 503
    assert answer.headers["Retry-After"] == "1"
    monkeypatch.undo()
    async with gateway_inside(tmp_path / "data") as strangers:
        await strangers.called(FEED).read("Observation/pulse/_history/1")
        counted = await audit_events(strangers, "&outcome=8")
        said = [each["outcomeDesc"] for each in counted]
        assert [each.partition(" since")[0] for each in said] == [
            "2 requests were refused unrecorded"
        ]


async def test_what_waits_is_recorded_when_the_gateway_stops(tmp_path):
    slow = {"audit_gathering_ms": 10_000}
    async with gateway_inside(tmp_path / "data", **slow) as strangers:
        await known_vital(strangers)
        answer = await strangers.called(NURSE).get("/fhir/Observation/pulse")

    async with gateway_inside(tmp_path / "data", **slow) as strangers:
        assert subtype(await only_one(strangers, answer)) == "read"
