"""Which status R4 puts where (http.html); one row a promise.

Overload (429, 503) and slow bodies (408) are tried in test_limits.py, tokens in
test_token.py and test_access.py.
"""

import json

import pytest

from tests.callers import FEED, NURSE
from tests.gateway_inside import gateway_inside
from tests.patients import MRN, patient, transaction, urn, vital

JSON_PATCH = {"Content_Type": "application/json-patch+json"}
KNOWN = f"identifier={MRN}|1"
SHARED = f"identifier={MRN}|shared"
TASK = {"resourceType": "Task", "status": "draft", "intent": "order"}


def eve(**more):
    return {**patient("1"), "id": "eve", **more}


def patching(*operations):
    return json.dumps(list(operations)).encode()


ACTIVE = patching({"op": "add", "path": "/active", "value": True})
BUNDLE = transaction(patient("9"))
ROWS = [
    # what is done, the request, its status
    ("create", "POST", "Patient", patient("2"), {}, 201),
    ("create without a body", "POST", "Patient", None, {}, 400),
    ("create of no JSON", "POST", "Patient", b"{", {}, 400),
    ("create of a key twice", "POST", "Patient", b'{"a":1,"a":1}', {}, 400),
    ("create elsewhere", "POST", "Observation", patient("2"), {}, 400),
    ("create of an unknown type", "POST", "Sandwich", patient("2"), {}, 404),
    ("create of bad content", "POST", "Patient", patient(gender="x"), {}, 422),
    (
        "create if none, one",
        "POST",
        "Patient",
        patient(),
        {"If_None_Exist": KNOWN},
        200,
    ),
    (
        "create if none, several",
        "POST",
        "Patient",
        patient(),
        {"If_None_Exist": SHARED},
        412,
    ),
    (
        "create if none, by what cannot be",
        "POST",
        "Patient",
        patient(),
        {"If_None_Exist": "name=eve"},
        400,
    ),
    ("create of XML", "POST", "Patient", b"<a/>", {"Content_Type": "text/xml"}, 415),
    (
        "create of another release",
        "POST",
        "Patient",
        patient("2"),
        {"Content_Type": "application/fhir+json; fhirVersion=5.0"},
        415,
    ),
    (
        "create of a reference to nobody",
        "POST",
        "Observation",
        vital(f"Patient?identifier={MRN}|nobody"),
        {},
        412,
    ),
    ("create beyond the limit", "POST", "Patient", b" " * (1 << 20) + b" ", {}, 413),
    ("read", "GET", "Patient/eve", None, {}, 200),
    ("read of nobody", "GET", "Patient/nobody", None, {}, 404),
    ("read of the deleted", "GET", "Patient/gone", None, {}, 410),
    ("read of no id", "GET", "Patient/a_b", None, {}, 404),
    ("read again", "GET", "Patient/eve", None, {"If_None_Match": 'W/"2"'}, 304),
    (
        "read as XML",
        "GET",
        "Patient/eve",
        None,
        {"Accept": "application/fhir+xml"},
        406,
    ),
    (
        "read as another release",
        "GET",
        "Patient/eve",
        None,
        {"Accept": "application/fhir+json; fhirVersion=3.0"},
        406,
    ),
    ("head", "HEAD", "Patient/eve", None, {}, 200),
    ("head of the deleted", "HEAD", "Patient/gone", None, {}, 410),
    ("vread", "GET", "Patient/eve/_history/1", None, {}, 200),
    ("vread of none", "GET", "Patient/eve/_history/9", None, {}, 404),
    ("vread of the deletion", "GET", "Patient/gone/_history/2", None, {}, 410),
    ("vread before the deletion", "GET", "Patient/gone/_history/1", None, {}, 200),
    ("history", "GET", "Patient/eve/_history", None, {}, 200),
    ("history of the deleted", "GET", "Patient/gone/_history", None, {}, 200),
    ("history of nobody", "GET", "Patient/nobody/_history", None, {}, 404),
    ("history of all", "GET", "_history", None, {}, 200),
    ("search", "GET", f"Patient?{KNOWN}", None, {}, 200),
    ("search by nothing known", "GET", "Patient?colour=red", None, {}, 400),
    (
        "lenient search",
        "GET",
        "Patient?colour=red",
        None,
        {"Prefer": "handling=lenient"},
        200,
    ),
    ("search in a body of JSON", "POST", "Patient/_search", b"{}", {}, 415),
    ("update", "PUT", "Patient/eve", eve(active=True), {}, 200),
    ("update of somebody new", "PUT", "Patient/ann", eve(id="ann"), {}, 201),
    ("update of the deleted", "PUT", "Patient/gone", eve(id="gone"), {}, 201),
    ("update without an id", "PUT", "Patient/eve", patient("1"), {}, 400),
    ("update of another id", "PUT", "Patient/eve", eve(id="ann"), {}, 400),
    (
        "update of a stale version",
        "PUT",
        "Patient/eve",
        eve(),
        {"If_Match": 'W/"1"'},
        412,
    ),
    ("update by identity", "PUT", f"Patient?{KNOWN}", patient("1"), {}, 200),
    ("update by another's", "PUT", f"Patient?{SHARED}", patient("1"), {}, 412),
    ("update at the type", "PUT", "Patient", patient("1"), {}, 405),
    ("patch", "PATCH", "Patient/eve", ACTIVE, JSON_PATCH, 200),
    ("patch of nobody", "PATCH", "Patient/nobody", ACTIVE, JSON_PATCH, 404),
    ("patch of the deleted", "PATCH", "Patient/gone", ACTIVE, JSON_PATCH, 410),
    ("patch that is none", "PATCH", "Patient/eve", b"[1]", JSON_PATCH, 400),
    (
        "patch that does not fit",
        "PATCH",
        "Patient/eve",
        patching({"op": "test", "path": "/gender", "value": "male"}),
        JSON_PATCH,
        422,
    ),
    (
        "patch of another form",
        "PATCH",
        "Patient/eve",
        b"{}",
        {"Content_Type": "application/merge-patch+json"},
        415,
    ),
    (
        "patch of a stale version",
        "PATCH",
        "Patient/eve",
        ACTIVE,
        {**JSON_PATCH, "If_Match": 'W/"1"'},
        412,
    ),
    ("delete", "DELETE", "Patient/eve", None, {}, 204),
    ("delete again", "DELETE", "Patient/gone", None, {}, 204),
    ("delete of nobody", "DELETE", "Patient/nobody", None, {}, 204),
    ("delete of several", "DELETE", f"Patient?{SHARED}", None, {}, 412),
    ("transaction", "POST", "", BUNDLE, {}, 200),
    ("transaction later", "POST", "", BUNDLE, {"Prefer": "respond-async"}, 202),
    ("transaction of a patient", "POST", "", patient("1"), {}, 422),
    ("transaction beyond its entries", "POST", "", transaction(*[TASK] * 4), {}, 413),
    (
        "transaction of a lost reference",
        "POST",
        "",
        transaction(vital(urn(7))),
        {},
        422,
    ),
    ("no such address", "GET", "nothing/here/at/all", None, {}, 404),
    ("no such method", "POST", "Patient/eve", patient(), {}, 405),
    ("delete of everything", "DELETE", "", None, {}, 405),
]


@pytest.fixture
async def hospital(tmp_path):
    """Eve, who was updated once, somebody who is gone, and two of one identifier."""
    limits = {"body_limit_mib": 1, "bundle_entries_limit": 3}
    async with gateway_inside(tmp_path / "data", dev=True, **limits) as one:
        await one.put(eve(gender="male"))
        await one.put(eve())
        await one.put({**patient("3"), "id": "gone"})
        await one.delete("Patient/gone")
        await one.create(patient("shared"))
        await one.create(patient("shared"))
        yield one


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
async def test_a_status_stands_where_r4_puts_it(hospital, row):
    _, method, path, body, headers, status = row

    answer = await hospital.request(
        method, f"/fhir/{path}".rstrip("/"), body, **headers
    )

    assert answer.status == status
    if status >= 400 and method != "HEAD":
        assert answer.json["resourceType"] == "OperationOutcome"
        assert answer.json["issue"][0]["diagnostics"].endswith((".", ")"))


@pytest.mark.parametrize(
    ("caller", "method", "path", "status"),
    [
        (None, "GET", "Patient", 401),
        ("stranger", "GET", "Patient", 401),
        (NURSE, "POST", "Patient", 403),
        (FEED, "GET", "AuditEvent", 403),
        (NURSE, "GET", "Patient", 200),
    ],
)
async def test_who_may_not_is_told_so_before_all_else(
    strangers, caller, method, path, status
):
    body = patient("1") if method == "POST" else None

    answer = await strangers.called(caller).request(method, f"/fhir/{path}", body)

    assert answer.status == status
