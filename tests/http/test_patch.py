"""PATCH: JSON Patch and FHIRPath Patch, alone and in Bundles."""

import asyncio
from base64 import b64encode
from json import dumps

import pytest

from gateway.intake.amendment import LARGEST
from gateway.store.recorder import SealedRecorder
from tests.callers import FHIR_JSON
from tests.patients import MRN, patient, posted, transaction, urn, visit, vital
from tests.worklist import open_task

JSON_PATCH = "application/json-patch+json"
TO_MALE = {"op": "replace", "path": "/gender", "value": "male"}
BY_7 = f"Patient?identifier={MRN}|7"


def patch(caller, path, *operations, **headers):
    named = {"Content_Type": JSON_PATCH, **headers}
    return caller.request("PATCH", f"/fhir/{path}", list(operations), **named)


def operation(kind, path, *parts):
    return {
        "name": "operation",
        "part": [
            {"name": "type", "valueCode": kind},
            {"name": "path", "valueString": path},
            *parts,
        ],
    }


def parameters(*operations):
    return {"resourceType": "Parameters", "parameter": list(operations)}


def binary(*operations):
    data = b64encode(dumps(operations).encode()).decode()
    return {"resourceType": "Binary", "contentType": JSON_PATCH, "data": data}


def patched(resource, url, **request):
    return {"resource": resource, "request": {"method": "PATCH", "url": url, **request}}


def bundle(*entries, kind="transaction"):
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


@pytest.fixture
async def eve(caller):
    await caller.put({**patient("7"), "id": "eve"})
    return "Patient/eve"


async def test_a_json_patch_makes_a_new_version(caller, eve):
    answer = await patch(caller, eve, TO_MALE)

    assert (answer.status, answer.etag) == (200, 'W/"2"')
    assert answer.json["gender"] == "male"
    assert answer.headers["Location"].endswith(f"/fhir/{eve}/_history/2")
    assert (await caller.read(f"{eve}/_history/1"))["gender"] == "female"


async def test_a_fhirpath_patch_makes_a_new_version(caller, eve):
    sent = parameters(
        operation("replace", "Patient.gender", {"name": "value", "valueCode": "male"}),
        operation("delete", "Patient.birthDate"),
    )

    answer = await caller.request("PATCH", f"/fhir/{eve}", sent)

    assert (answer.status, answer.etag) == (200, 'W/"2"')
    assert answer.json["gender"] == "male"
    assert "birthDate" not in answer.json


async def test_what_a_patch_does_not_touch_stays_as_it_was_sent(caller, eve):
    sign = {**vital(eve, value=1), "id": "sign", "_status": {"id": "s"}}
    body = dumps(sign).replace('"value": 1', '"value": 72.50').encode()
    await caller.request("PUT", "/fhir/Observation/sign", body)
    before = await caller.get("/fhir/Observation/sign")

    answer = await patch(
        caller,
        "Observation/sign",
        {"op": "add", "path": "/note", "value": [{"text": "again"}]},
    )

    assert b'"value":72.50' in answer.body
    after = answer.exact
    assert after.pop("note") == [{"text": "again"}]
    assert after.pop("meta") != before.exact["meta"]
    assert after == {k: v for k, v in before.exact.items() if k != "meta"}


async def test_a_patch_sees_the_resource_as_it_is_read(caller):
    await caller.push(transaction(patient("7"), {**vital(urn(0)), "id": "sign"}))
    stands = await caller.read("Observation/sign")

    answer = await patch(
        caller,
        "Observation/sign",
        {"op": "test", "path": "/subject", "value": stands["subject"]},
        {"op": "test", "path": "/id", "value": "sign"},
        {"op": "test", "path": "/meta/versionId", "value": "1"},
        {"op": "replace", "path": "/status", "value": "amended"},
    )

    assert answer.status == 200
    assert answer.json["subject"] == stands["subject"]


async def test_a_patch_may_add_to_meta(caller, eve):
    tag = {"system": "urn:x", "code": "y"}

    answer = await patch(
        caller, eve, {"op": "add", "path": "/meta/tag", "value": [tag]}
    )

    assert answer.json["meta"]["tag"] == [tag]
    assert answer.json["meta"]["versionId"] == "2"


@pytest.mark.parametrize(
    "operation_",
    [
        {"op": "test", "path": "/gender", "value": "female"},
        {"op": "replace", "path": "/gender", "value": "female"},
        {"op": "replace", "path": "/meta/versionId", "value": "9"},
    ],
)
async def test_a_patch_that_changes_nothing_makes_no_version(caller, eve, operation_):
    answer = await patch(caller, eve, operation_)

    assert (answer.status, answer.etag) == (200, 'W/"1"')


async def test_a_test_that_fails_leaves_all_as_it_is(caller, eve):
    wrong = {"op": "test", "path": "/birthDate", "value": "1900-01-01"}

    answer = await patch(caller, eve, TO_MALE, wrong)

    assert (answer.status, answer.codes) == (422, ["processing"])
    assert "Operation [1] (test)" in answer.said
    assert (await caller.read(eve))["meta"]["versionId"] == "1"


async def test_the_result_of_a_patch_is_checked_as_any_resource(caller, eve):
    answer = await patch(caller, eve, {**TO_MALE, "value": "imaginary"})

    assert (answer.status, answer.places) == (422, ["Patient.gender"])
    assert "line" not in answer.said
    assert (await caller.read(eve))["gender"] == "female"


@pytest.mark.parametrize(
    "operation_",
    [
        {"op": "replace", "path": "/id", "value": "adam"},
        {"op": "remove", "path": "/id"},
        {"op": "replace", "path": "/resourceType", "value": "Person"},
        {"op": "replace", "path": "", "value": {"resourceType": "Basic"}},
    ],
)
async def test_a_patch_changes_neither_type_nor_id(caller, eve, operation_):
    answer = await patch(caller, eve, operation_)

    assert (answer.status, answer.codes) == (422, ["processing"])


@pytest.mark.parametrize(
    ("media", "body"),
    [
        (JSON_PATCH, b"{}"),
        (JSON_PATCH, b"["),
        (JSON_PATCH, b""),
        (JSON_PATCH, b'[{"op": "spam", "path": "/gender"}]'),
        (FHIR_JSON, b"[]"),
        (FHIR_JSON, b'{"resourceType": "Patient"}'),
        (FHIR_JSON, dumps(parameters(operation("delete", "a.b()"))).encode()),
    ],
)
async def test_what_is_no_patch_is_a_bad_request(caller, eve, media, body):
    answer = await caller.request("PATCH", f"/fhir/{eve}", body, Content_Type=media)

    assert answer.status == 400
    assert (await caller.read(eve))["meta"]["versionId"] == "1"


async def test_parameters_are_checked_as_any_resource(caller, eve):
    sent = parameters({**operation("delete", "Patient.gender"), "spam": 1})

    answer = await caller.request("PATCH", f"/fhir/{eve}", sent)

    assert answer.status == 422


@pytest.mark.parametrize(
    "media",
    [
        "application/merge-patch+json",
        "application/xml-patch+xml",
        "application/fhir+xml",
        "application/octet-stream",
        "text/plain",
    ],
)
async def test_another_form_of_patch_is_refused_with_those_that_are_read(
    caller, eve, media
):
    answer = await patch(caller, eve, TO_MALE, Content_Type=media)

    assert answer.status == 415
    assert answer.headers["Accept-Patch"] == f"{JSON_PATCH}, {FHIR_JSON}"


async def test_a_patch_of_nothing_is_not_found(caller):
    assert (await patch(caller, "Patient/nobody", TO_MALE)).status == 404


async def test_a_patch_of_what_was_deleted_is_gone(caller, eve):
    await caller.delete(eve)

    assert (await patch(caller, eve, TO_MALE)).status == 410


async def test_a_patch_that_knows_the_version_is_kept_and_any_other_refused(
    caller, eve
):
    stale = await patch(
        caller, eve, {"op": "remove", "path": "/nothing"}, If_Match='W/"2"'
    )
    known = await patch(caller, eve, TO_MALE, If_Match='W/"1"')

    assert (stale.status, known.status) == (412, 200)


@pytest.mark.usefixtures("eve")
async def test_a_patch_by_identity(caller):
    found = await patch(caller, BY_7, TO_MALE)
    nobody = await patch(caller, f"Patient?identifier={MRN}|8", TO_MALE)
    await caller.create(patient("7"))
    several = await patch(caller, BY_7, TO_MALE)

    assert (found.status, found.json["id"]) == (200, "eve")
    assert (nobody.status, several.status) == (404, 412)


async def test_an_identifier_that_a_patch_adds_is_found_and_one_removed_is_not(
    caller, eve
):
    new = {"system": MRN, "value": "new"}
    await patch(caller, eve, {"op": "replace", "path": "/identifier/0", "value": new})

    old = await caller.create(patient("7"), If_None_Exist=f"identifier={MRN}|7")
    found = await caller.create(patient("new"), If_None_Exist=f"identifier={MRN}|new")

    assert old.status == 201
    assert found.json["id"] == "eve"


async def test_a_patch_with_an_idempotency_key_is_done_once(caller, eve):
    more = {"op": "add", "path": "/identifier/-", "value": {"value": "x"}}

    first = await patch(caller, eve, more, Idempotency_Key="p1")
    again = await patch(caller, eve, more, Idempotency_Key="p1")
    other = await patch(caller, eve, TO_MALE, Idempotency_Key="p1")

    assert first.etag == again.etag == 'W/"2"'
    assert len((await caller.read(eve))["identifier"]) == 2
    assert (other.status, other.codes) == (422, ["duplicate"])


async def test_patches_at_once_are_all_kept(caller, eve):
    more = {"op": "add", "path": "/identifier/-", "value": {"value": "x"}}

    answers = await asyncio.gather(*(patch(caller, eve, more) for _ in range(20)))

    assert {each.status for each in answers} == {200}
    assert len((await caller.read(eve))["identifier"]) == 21


async def test_a_patch_that_is_too_large_is_refused(caller, eve):
    large = {**TO_MALE, "value": "x" * LARGEST}

    answer = await patch(caller, eve, large)

    assert answer.status == 413


async def test_a_resource_that_is_too_large_is_not_patched(caller, eve):
    data = {"contentType": "image/png", "data": "QUJD" * 100_000}
    photo = {"op": "add", "path": "/photo", "value": [data]}
    title = {"op": "add", "path": "/photo/0/title", "value": "x" * 200_000}

    first = await patch(caller, eve, photo)
    second = await patch(caller, eve, title)
    stands = await caller.read(eve)
    stands["photo"][0]["title"] = "x" * 200_000
    await caller.put(stands)
    third = await patch(caller, eve, TO_MALE)

    assert (first.status, second.status, third.status) == (200, 422, 422)
    assert "by PUT" in third.said


async def test_the_task_of_a_case_is_not_patched(caller):
    pushed = await caller.push(visit("7", "chest pain", ("8867-4", 120)))
    whom = pushed.locations[0].partition("/_history")[0]
    task = await open_task(caller, whom)

    answer = await patch(
        caller,
        f"Task/{task['id']}",
        {"op": "replace", "path": "/status", "value": "completed"},
    )

    assert (answer.status, answer.codes) == (409, ["conflict"])


async def test_a_vital_sign_that_a_patch_corrects_is_assessed_again(caller):
    pushed = await caller.push(visit("7", "", ("8867-4", 180)))
    whom, _, sign = (each.partition("/_history")[0] for each in pushed.locations)
    task = await open_task(caller, whom)

    answer = await patch(
        caller, sign, {"op": "replace", "path": "/valueQuantity/value", "value": 70}
    )

    assert answer.status == 200
    async with asyncio.timeout(60):
        while "180" in str(await caller.read(task["focus"]["reference"])):
            await asyncio.sleep(0.02)


async def test_a_transaction_patches_in_both_forms(caller, eve):
    await caller.put({**patient("8"), "id": "adam"})
    born = operation("delete", "Patient.birthDate")

    answer = await caller.push(
        bundle(
            patched(binary(TO_MALE), eve),
            patched(parameters(born), f"Patient?identifier={MRN}|8", ifMatch='W/"1"'),
        )
    )

    assert [each["response"]["etag"] for each in answer.json["entry"]] == ['W/"2"'] * 2
    assert (await caller.read(eve))["gender"] == "male"
    assert "birthDate" not in await caller.read("Patient/adam")


async def test_references_in_a_patch_lead_to_the_transaction_s_entries(caller):
    await caller.put({**vital("Patient/nobody", at="2026-01-01"), "id": "sign"})
    to_new = {"op": "replace", "path": "/subject/reference", "value": urn(0)}
    encounter = {
        "op": "add",
        "path": "/encounter",
        "value": {"reference": f"Encounter?identifier={MRN}|e"},
    }
    visited = transaction(
        patient("7"),
        {
            "resourceType": "Encounter",
            "status": "finished",
            "class": {"code": "EMER"},
            "subject": {"reference": urn(0)},
            "identifier": [{"system": MRN, "value": "e"}],
        },
    )
    visited["entry"].append(patched(binary(to_new, encounter), "Observation/sign"))

    answer = await caller.push(visited)

    whom, where, _ = (each.partition("/_history")[0] for each in answer.locations)
    stands = await caller.read("Observation/sign")
    assert stands["subject"]["reference"] == whom
    assert stands["encounter"]["reference"] == where


async def test_an_identifier_that_a_patch_adds_is_referred_to(caller, eve):
    new = {"system": MRN, "value": "new"}
    add = {"op": "add", "path": "/identifier/-", "value": new}
    sign = posted(vital(f"Patient?identifier={MRN}|new"), urn(1))

    answer = await caller.push(bundle(sign, patched(binary(add), eve)))

    what = answer.locations[0].partition("/_history")[0]
    assert (await caller.read(what))["subject"]["reference"] == eve


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        ({**binary(TO_MALE), "contentType": "text/plain"}, "Binary.contentType"),
        ({**binary(TO_MALE), "data": "e30="}, ""),
        (parameters(operation("delete", "a.b()")), "Parameters.parameter[0]"),
        (binary({"op": "remove", "path": "/nothing"}), ""),
        (binary({**TO_MALE, "value": "imaginary"}), "Patient.gender"),
    ],
)
async def test_a_patch_that_cannot_be_done_refuses_the_transaction(
    caller, eve, resource, place
):
    answer = await caller.push_anything(
        bundle(posted(patient("new"), urn(0)), patched(resource, eve))
    )

    assert answer.status in {400, 422}
    assert answer.places == ["Bundle.entry[1]", *([place] if place else [])]
    assert (await caller.create(patient("new"))).status == 201


async def test_a_batch_patches_each_by_itself(caller, eve):
    answer = await caller.push(
        bundle(
            patched(binary(TO_MALE), eve),
            patched(binary(TO_MALE), "Patient/nobody"),
            patched(binary({"op": "remove", "path": "/x"}), eve),
            patched(binary(TO_MALE), "Patient?name=Eve"),
            kind="batch",
        )
    )

    statuses = [each["response"]["status"][:3] for each in answer.json["entry"]]
    assert statuses == ["200", "404", "422", "400"]


async def test_a_repeated_transaction_patches_once(caller, eve):
    more = {"op": "add", "path": "/identifier/-", "value": {"value": "x"}}
    asked = bundle(patched(binary(more), eve))

    first, again = await caller.push(asked), await caller.push(asked)

    assert first.locations == again.locations
    assert len((await caller.read(eve))["identifier"]) == 2


async def test_a_patch_that_nests_without_end_is_refused(caller, eve):
    deep = {"a": {}}
    for _ in range(40):
        deep = {"a": deep}
    adding = [
        {"op": "add", "path": f"/x{'/a' * 41 * n}", "value": deep} for n in range(90)
    ]

    answer = await patch(caller, eve, *adding)

    assert (answer.status, answer.codes) == (422, ["processing"])
    assert "too deeply" in answer.said


async def test_a_large_resource_is_patched_again_and_again(caller):
    """Its content is not kept in memory between patches, and nothing of it is lost."""
    note = {"url": "urn:note", "valueString": "x" * 20_000}
    await caller.put({**patient("7"), "id": "eve", "extension": [note]})

    for gender in ("male", "other", "unknown"):
        await patch(caller, "Patient/eve", {**TO_MALE, "value": gender})
    last = await patch(caller, "Patient/eve", {"op": "remove", "path": "/birthDate"})

    assert (last.status, last.etag, last.json["gender"]) == (200, 'W/"5"', "unknown")
    assert last.json["extension"] == [note]


async def test_of_a_large_resource_older_versions_are_not_read_again(
    caller, monkeypatch
):
    note = {"url": "urn:note", "valueString": "x" * 20_000}
    large = {**patient("7"), "id": "eve", "extension": [note]}
    for day in range(10, 20):
        await caller.put({**large, "birthDate": f"1980-01-{day}"})
    read = []

    def whole(recorder, stream, *after, plain=SealedRecorder.rows_of):
        rows = plain(recorder, stream, *after)
        read.extend(row.version for row in rows if row.topic.startswith("record."))
        return rows

    monkeypatch.setattr(SealedRecorder, "rows_of", whole)

    patched = await patch(caller, "Patient/eve", TO_MALE)
    last = await caller.put({**large, "birthDate": "1980-01-30"})

    assert (patched.etag, last.etag) == ('W/"11"', 'W/"12"')
    assert read == []
