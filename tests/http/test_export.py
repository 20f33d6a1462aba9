"""Bulk Data `$export`: kick-off, status, manifest, files, and who may have them."""

import asyncio
import hashlib
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import pytest

from gateway.http import backlog, paging, resumption
from gateway.http import export as exporting
from gateway.settings import Client
from tests.callers import AUDITOR, CLIENTS, FEED, NURSE, token
from tests.erasure.command import erase
from tests.gateway_inside import gateway_inside
from tests.patients import HEART_RATE, fresh_record, patient, visit, vital
from tests.worklist import assessed, completed, open_task, until

CALM = (HEART_RATE, 75)
KINDS = {"AuditEvent", "ClinicalImpression", "Provenance", "RiskAssessment", "Task"}
ELSEWHERE = "https://elsewhere.example/fhir"
PERSON = {"resourceType": "Patient", "id": "p"}
ASYNC = {"Prefer": "respond-async", "Accept": "application/fhir+json"}


async def arrived(caller):
    answer = await caller.push(visit(fresh_record(), "chest pain", CALM))
    whom = answer.locations[0].partition("/_history")[0]
    await assessed(caller, whom)
    return whom


def path_of(url):
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


async def kicked_off(caller, where="/fhir/$export", method="GET", body=None, **headers):
    answer = await caller.request(method, where, body, **{**ASYNC, **headers})
    assert answer.status == 202, answer.body
    return path_of(answer.headers["Content-Location"])


async def exported(caller, where="/fhir/$export", **more):
    """Return the manifest of an export."""
    status = await kicked_off(caller, where, **more)

    async def look():
        answer = await caller.get(status)
        assert answer.status in (200, 202), answer.body
        return answer if answer.status == 200 else None

    answer = await until(look)
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json


async def files(caller, manifest):
    """Return every resource of an export, by type."""
    found = {}
    for each in manifest["output"]:
        answer = await caller.get(
            path_of(each["url"]), Accept="application/fhir+ndjson"
        )
        assert answer.status == 200, answer.body
        assert answer.headers["Content-Type"] == "application/fhir+ndjson"
        lines = [json.loads(line) for line in answer.body.splitlines()]
        assert len(lines) == each.get("count", len(lines))
        assert {line["resourceType"] for line in lines} == {each["type"]}
        found.setdefault(each["type"], []).extend(lines)
    return found


def addresses(found):
    return {address(each) for kind in found.values() for each in kind}


def address(resource):
    return f"{resource['resourceType']}/{resource['id']}"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_export_that_is_being_prepared_can_be_cancelled(
    caller, monkeypatch, method
):
    going, ended = asyncio.Event(), []

    async def endless(app, job_id, head, body):
        if "$export" not in head.target:
            return await resumption.carried_out(app, job_id, head, body)
        going.set()
        try:
            return await asyncio.Future()
        finally:
            ended.append(head.method)

    monkeypatch.setattr(backlog, "carried_out", endless)
    body = {"resourceType": "Parameters"} if method == "POST" else None
    status = await kicked_off(caller, method=method, body=body)
    await going.wait()

    cancelled = await caller.request("DELETE", status)

    assert cancelled.status == 202
    assert ended == [method]
    assert (await caller.get(status)).status == 404
    later = await caller.push_anything(visit("later"), **ASYNC)
    where = path_of(later.headers["Content-Location"])

    async def look():
        answer = await caller.get(where)
        return answer if answer.status != 202 else None

    assert (await until(look)).status == 200


async def test_an_export_holds_what_a_search_finds(caller):
    whom = await arrived(caller)
    await completed(
        caller, await open_task(caller, whom), decision="accepted", acuity=2
    )
    await arrived(caller)

    manifest = await exported(caller)
    found = await files(caller, manifest)

    assert set(found) == {*KINDS, "Device"}
    for kind in KINDS - {"AuditEvent"}:
        searched = await caller.search(f"{kind}?_count=1000")
        assert sorted(map(address, found[kind])) == sorted(map(address, searched))
        assert all(each in searched for each in found[kind])
    assert manifest["requiresAccessToken"] is False
    assert manifest["error"] == []
    assert manifest["request"].endswith("/fhir/$export")
    assert datetime.fromisoformat(manifest["transactionTime"]) < datetime.now(UTC)


async def test_files_show_the_moment_of_the_manifest_whatever_is_written_since(caller):
    whom = await arrived(caller)
    manifest = await exported(caller, "/fhir/$export?_type=Task,ClinicalImpression")
    before = await files(caller, manifest)

    await arrived(caller)
    await caller.create(vital(whom, HEART_RATE, 140))
    await until(lambda: newer(caller, whom))

    assert await files(caller, manifest) == before
    later = await files(caller, await exported(caller, "/fhir/$export?_type=Task"))
    assert len(later["Task"]) == 2


async def newer(caller, whom):
    (task,) = await caller.search(f"Task?patient={whom}")
    return int(task["meta"]["versionId"]) > 3


async def test_types_are_named_and_none_that_is_not_offered(caller):
    await arrived(caller)

    only = await exported(caller, "/fhir/$export?_type=Task&_outputFormat=ndjson")
    refused = await caller.get("/fhir/$export?_type=Patient", **ASYNC)

    assert {each["type"] for each in only["output"]} == {"Task"}
    assert refused.status == 400
    assert "These types are exported" in refused.said


async def test_of_all_patients_nothing_but_theirs_is_exported(caller):
    await arrived(caller)

    manifest = await exported(caller, "/fhir/Patient/$export")
    refused = await caller.get("/fhir/Patient/$export?_type=Device", **ASYNC)

    found = await files(caller, manifest)
    assert set(found) == KINDS - {"AuditEvent"}
    whole = await files(caller, await exported(caller))
    assert all(found[kind] == whole[kind] for kind in found)
    assert refused.status == 400


async def test_since_leaves_out_what_has_not_changed(caller):
    await arrived(caller)
    now = datetime.now(UTC)

    async def changed(at):
        return await files(caller, await exported(caller, since(at)))

    assert len((await changed(now - timedelta(hours=1)))["Task"]) == 1
    assert await changed(now + timedelta(hours=1)) == {}


def task(task_id, **more):
    """Return a Task as a system sends it: work that is not the gateway's."""
    stated = {"resourceType": "Task", "status": "draft", "intent": "order"}
    return {**stated, "id": task_id, **more}


def since(at, where="/fhir/$export?_type=Task"):
    return f"{where}{'&' if '?' in where else '?'}_since={quote(at.isoformat())}"


async def gone(caller, manifest):
    """Return what an export says was deleted, in its order."""
    found = []
    for each in manifest["deleted"]:
        assert each["type"] == "Bundle"
        answer = await caller.get(path_of(each["url"]))
        assert answer.status == 200, answer.body
        lines = [json.loads(line) for line in answer.body.splitlines()]
        assert each.get("count", len(lines)) == len(lines)
        for bundle in lines:
            assert bundle["resourceType"] == "Bundle"
            assert bundle["type"] == "transaction"
            assert datetime.fromisoformat(bundle["meta"]["lastUpdated"])
            found += [entry["request"] for entry in bundle["entry"]]
    assert {each["method"] for each in found} <= {"DELETE"}
    return [each["url"] for each in found]


async def kept(caller, *resources):
    for each in resources:
        assert (await caller.put(each)).status in (200, 201)


async def deleted(caller, *addresses):
    for each in addresses:
        assert (await caller.delete(each)).status == 204


async def test_since_tells_what_was_deleted_since(caller):
    await kept(caller, *(task(each) for each in ("old", "gone", "back", "here")))
    await deleted(caller, "Task/old")
    now = datetime.now(UTC)
    await deleted(caller, "Task/gone", "Task/back")
    await kept(caller, task("back"))

    manifest = await exported(caller, since(now))

    assert await gone(caller, manifest) == ["Task/gone"]
    assert [address(each) for each in (await files(caller, manifest))["Task"]] == [
        "Task/back"
    ]
    ever = await exported(caller, since(datetime(1970, 1, 1, tzinfo=UTC)))
    assert await gone(caller, ever) == ["Task/old", "Task/gone"]


async def test_nothing_deleted_is_told_where_nobody_asked_since_when(caller):
    await kept(caller, task("gone"))
    await deleted(caller, "Task/gone")

    manifest = await exported(caller, "/fhir/$export?_type=Task")

    assert (manifest["deleted"], manifest["output"]) == ([], [])


async def test_what_was_deleted_is_told_as_of_the_manifest_and_in_several_files(
    caller, monkeypatch
):
    monkeypatch.setattr(exporting, "MOST_IN_FILE", 2)
    now = datetime.now(UTC)
    names = ("a", "b", "c", "d")
    await kept(caller, *map(task, names))
    await deleted(caller, "Task/a", "Task/b", "Task/c")
    manifest = await exported(caller, since(now))

    await kept(caller, task("a"))
    await deleted(caller, "Task/d")

    assert [each["count"] for each in manifest["deleted"]] == [2, 1]
    assert await gone(caller, manifest) == ["Task/a", "Task/b", "Task/c"]
    assert list(await files(caller, manifest)) == ["Task"]


async def test_of_all_patients_only_what_concerns_one_is_exported(caller):
    await kept(
        caller,
        {"resourceType": "Location", "id": "bay"},
        {**patient("7"), "id": "eve"},
        task("hers", **{"for": {"reference": "Patient/eve"}}),
        task("named", **{"for": {"type": "Patient", "identifier": {"value": "7"}}}),
        task("worded", **{"for": {"display": "Anna Meier"}}),
        task("elsewhere", focus={"reference": f"{ELSEWHERE}/Patient/7/_history/2"}),
        task("untold", focus={"reference": "#p"}, contained=[PERSON]),
        task("cleaning", focus={"reference": "Location/bay"}),
        task("building", focus={"reference": f"{ELSEWHERE}/Location/Patient"}),
        task("nothing"),
        provenance("of-hers", "Task/hers"),
        provenance("of-bay", "Location/bay"),
    )
    where = "$export?_type=Task,Provenance"

    manifest = await exported(caller, f"/fhir/Patient/{where}")
    whole = await exported(caller, f"/fhir/{where}")

    theirs = addresses(await files(caller, manifest))
    hers = {"Task/hers", "Task/named", "Task/worded", "Provenance/of-hers"}
    assert theirs == hers | {"Task/elsewhere", "Task/untold"}
    assert all("count" not in each for each in manifest["output"])
    others = addresses(await files(caller, whole)) - theirs
    nobodys = {"Task/cleaning", "Task/building", "Task/nothing"}
    assert others == nobodys | {"Provenance/of-bay"}


async def test_of_all_patients_only_deletions_of_what_concerned_one_are_told(caller):
    now = datetime.now(UTC)
    hers = task("hers", **{"for": {"reference": "Patient/eve"}})
    await kept(caller, {**patient("7"), "id": "eve"}, hers, task("nothing"))
    await deleted(caller, "Task/hers", "Task/nothing")

    manifest = await exported(caller, since(now, "/fhir/Patient/$export"))

    assert await gone(caller, manifest) == ["Task/hers"]
    assert all("count" not in each for each in manifest["deleted"])
    whole = await exported(caller, since(now))
    assert await gone(caller, whole) == ["Task/hers", "Task/nothing"]


def provenance(provenance_id, target):
    return {
        "resourceType": "Provenance",
        "id": provenance_id,
        "target": [{"reference": target}],
        "recorded": "2026-01-31T12:00:00Z",
        "agent": [{"who": {"display": "the ward's system"}}],
    }


async def test_an_export_is_asked_for_by_post_as_well(caller):
    await arrived(caller)
    body = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "_type", "valueString": "Task"},
            {"name": "_type", "valueString": "Provenance"},
            {"name": "_since", "valueInstant": "2020-01-01T00:00:00Z"},
        ],
    }

    manifest = await exported(caller, method="POST", body=body)

    assert {each["type"] for each in manifest["output"]} == {"Task", "Provenance"}


async def test_large_exports_come_in_several_files(caller, monkeypatch):
    monkeypatch.setattr(exporting, "MOST_IN_FILE", 2)
    for _ in range(3):
        await arrived(caller)

    manifest = await exported(caller, "/fhir/$export?_type=Task")
    found = await files(caller, manifest)

    assert [each["count"] for each in manifest["output"]] == [2, 1]
    assert len({address(each) for each in found["Task"]}) == 3


async def test_files_are_bounded_in_bytes_too(caller, monkeypatch):
    monkeypatch.setattr(exporting, "LARGEST_FILE", 1)
    for _ in range(2):
        await arrived(caller)

    manifest = await exported(caller, "/fhir/$export?_type=Task")

    assert [each["count"] for each in manifest["output"]] == [1, 1]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("/fhir/$export?_outputFormat=text/csv", "ndjson"),
        ("/fhir/$export?_since=yesterday", "instant"),
        ("/fhir/$export?_since=2026-01-01", "instant"),
        ("/fhir/$export?_typeFilter=Task%3Fstatus%3Drequested", "_outputFormat"),
        ("/fhir/Group/g/$export", "no export of a Group"),
    ],
)
async def test_what_is_not_offered_is_refused_clearly(caller, where, said):
    answer = await caller.get(where, **ASYNC)

    assert answer.status == 400
    assert said in answer.said


async def test_unknown_parameters_are_passed_over_where_the_client_is_lenient(caller):
    answer = await caller.get(
        "/fhir/$export?_elements=id", Prefer="respond-async, handling=lenient"
    )

    assert answer.status == 202


async def test_an_export_is_for_later_only(caller):
    answer = await caller.get("/fhir/$export")

    assert answer.status == 400
    assert "respond-async" in answer.said


async def test_a_deleted_export_has_no_files_any_more(caller):
    await arrived(caller)
    status = await kicked_off(caller, "/fhir/$export?_type=Task")

    async def look():
        answer = await caller.get(status)
        return answer if answer.status == 200 else None

    manifest = (await until(look)).json
    url = path_of(manifest["output"][0]["url"])
    assert (await caller.get(url)).status == 200

    assert (await caller.delete(status.removeprefix("/fhir/"))).status == 202

    assert (await caller.get(status)).status == 404
    assert (await caller.get(url)).status == 404
    assert (await caller.get(f"{url[:-4]}AAAA")).status == 404


async def test_a_file_of_an_export_of_an_older_program_is_gone(caller, monkeypatch):
    def older(services, name, file):
        secret = services.ledger.derive("paging")
        place = [file.job_id, file.of_patients, *file.part[:4]]
        return paging.seal(secret, place, caller=name, route="$export-file")

    monkeypatch.setattr(exporting, "address_of", older)
    await kept(caller, task("a"))
    manifest = await exported(caller, "/fhir/$export?_type=Task")

    answer = await caller.get(path_of(manifest["output"][0]["url"]))

    assert answer.status == 404
    assert "No file of an export" in answer.said


def client(name, *scopes):
    digest = hashlib.sha256(token(name).encode()).hexdigest()
    return Client(name=name, scopes=scopes, token_sha256=digest)


async def test_only_systems_export_and_only_the_types_of_their_scopes(tmp_path):
    narrow = client("narrow", "system/Task.rs")
    part = client("part", "system/Task.rs?status=completed")
    writer = client("writer", "system/Task.c")
    clients = (*CLIENTS, narrow, part, writer)
    async with gateway_inside(tmp_path / "data", clients=clients) as one:
        await arrived(one.called(FEED))

        async def status(name, where):
            return (await one.called(name).get(where, **ASYNC)).status

        assert await status(NURSE, "/fhir/$export") == 403
        assert await status("writer", "/fhir/$export") == 403
        assert await status("narrow", "/fhir/$export?_type=Provenance") == 403
        assert await status(FEED, "/fhir/$export?_type=AuditEvent") == 403
        everything = await exported(one.called(AUDITOR))
        assert {each["type"] for each in everything["output"]} >= KINDS
        assert everything["requiresAccessToken"] is True
        of_feed = await exported(one.called(FEED))
        assert "AuditEvent" not in {each["type"] for each in of_feed["output"]}
        mine = await exported(one.called("narrow"))
        assert {each["type"] for each in mine["output"]} == {"Task"}
        url = path_of(mine["output"][0]["url"])
        assert (await one.called("narrow").get(url)).status == 200
        assert (await one.called(FEED).get(url)).status == 404

        few = await exported(one.called("part"))
        (entry,) = few["output"]
        assert "count" not in entry
        assert (await one.called("part").get(path_of(entry["url"]))).body == b""


async def test_a_deletion_is_told_to_whoever_could_see_what_was_there(tmp_path):
    drafts = client("drafts", "system/Task.rs?status=draft")
    clients = (*CLIENTS, drafts)
    async with gateway_inside(tmp_path / "data", clients=clients) as one:
        feed, now = one.called(FEED), datetime.now(UTC)
        await kept(feed, task("seen"), task("unseen", status="ready"))
        await deleted(feed, "Task/seen", "Task/unseen")

        manifest = await exported(one.called("drafts"), since(now))

        assert await gone(one.called("drafts"), manifest) == ["Task/seen"]
        assert all("count" not in each for each in manifest["deleted"])


async def test_nothing_of_somebody_erased_is_told_but_what_she_made_a_deletion(
    tmp_path,
):
    """A Task was another patient's before it was hers: an erasure deletes it."""
    data, (eve, adam) = tmp_path / "data", ("eve-chosen-1", "adam-chosen-2")
    hers = {"for": {"reference": f"Patient/{eve}"}}
    his = {"for": {"reference": f"Patient/{adam}"}}
    async with gateway_inside(data) as one:
        feed, now = one.called(FEED), datetime.now(UTC)
        await kept(
            feed, {**patient("5551"), "id": eve}, {**patient("5552"), "id": adam}
        )
        await kept(feed, task("hers", **hers), task("moved", **his))
        await deleted(feed, "Task/hers")
        await kept(feed, task("moved", **hers))
        before = await exported(feed, since(now))
        assert addresses(await files(feed, before)) == {"Task/moved"}

    assert (await erase(data, eve)).exit_code == 0

    async with gateway_inside(data) as one:
        feed = one.called(FEED)
        for each in (*before["output"], *before["deleted"]):
            assert b"Task" not in (await feed.get(path_of(each["url"]))).body
        for where in ("/fhir/$export?_type=Task", "/fhir/Patient/$export?_type=Task"):
            manifest = await exported(feed, since(now, where))
            assert manifest["output"] == []
            assert await gone(feed, manifest) == ["Task/moved"]


async def test_a_client_that_lost_its_scope_gets_no_file(tmp_path):
    before, after = client("c", "system/Task.rs"), client("c", "system/Device.rs")
    data = tmp_path / "data"
    async with gateway_inside(data, clients=(*CLIENTS, before)) as one:
        await arrived(one.called(FEED))
        manifest = await exported(one.called("c"))
    async with gateway_inside(data, clients=(*CLIENTS, before)) as one:
        url = path_of(manifest["output"][0]["url"])
        assert (await one.called("c").get(url)).status == 200
    async with gateway_inside(data, clients=(*CLIENTS, after)) as one:
        assert (await one.called("c").get(url)).status == 403


async def test_every_step_of_an_export_is_audited(tmp_path):
    async with gateway_inside(tmp_path / "data") as one:
        feed = one.called(FEED)
        await arrived(feed)
        manifest = await exported(feed, "/fhir/$export?_type=Task")
        await files(feed, manifest)

        told = await one.called(AUDITOR).search("AuditEvent?_count=1000")

    operations = [
        each
        for each in told
        if any(sub["code"] == "operation" for sub in each.get("subtype", []))
        and FEED in json.dumps(each)
    ]
    assert len(operations) >= 3


async def test_the_capability_statement_tells_of_both_exports(caller):
    told = await caller.read("metadata")

    bulk = "http://hl7.org/fhir/uv/bulkdata"
    assert told["instantiates"] == [f"{bulk}/CapabilityStatement/bulk-data"]
    assert told["rest"][0]["operation"] == [
        {"name": "export", "definition": f"{bulk}/OperationDefinition/export"}
    ]
    patient = next(r for r in told["rest"][0]["resource"] if r["type"] == "Patient")
    assert {
        "name": "export",
        "definition": f"{bulk}/OperationDefinition/patient-export",
    } in patient["operation"]
