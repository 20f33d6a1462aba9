"""Who may create, who may update, and who may ask by a patch what a value is."""

import hashlib

import pytest

from gateway.settings import Client
from tests.callers import token
from tests.gateway_inside import gateway_inside
from tests.patients import MRN, patient

BY_7 = f"Patient?identifier={MRN}|7"
JSON_PATCH = "application/json-patch+json"
TEST = {"op": "test", "path": "/gender", "value": "female"}
TO_MALE = {"op": "replace", "path": "/gender", "value": "male"}


def client(name, *scopes):
    digest = hashlib.sha256(token(name).encode()).hexdigest()
    return Client(name=name, scopes=scopes, token_sha256=digest)


@pytest.fixture
async def gateway(tmp_path):
    clients = (
        client("all", "system/*.cruds"),
        client("creator", "system/Patient.c"),
        client("updater", "system/Patient.u"),
        client("narrow", "system/Patient.u", "system/Patient.r?_tag=x|y"),
        client("reader", "system/Patient.ru"),
    )
    async with gateway_inside(tmp_path / "data", clients=clients) as one:
        everybody = one.called("all")
        await everybody.put({**patient("7"), "id": "eve"})
        yield one


def bundle(*entries, kind="transaction"):
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def put(url, resource):
    return {"resource": resource, "request": {"method": "PUT", "url": url}}


NEW = {**patient("8"), "id": "ann"}
OLD = {**patient("7", gender="male"), "id": "eve"}


@pytest.mark.parametrize(
    ("who", "url", "resource", "status"),
    [
        ("creator", "Patient/ann", NEW, 201),
        ("creator", "Patient/eve", OLD, 403),
        ("creator", f"Patient?identifier={MRN}|8", patient("8"), 201),
        ("creator", BY_7, patient("7", gender="male"), 403),
        ("updater", "Patient/ann", NEW, 403),
        ("updater", "Patient/eve", OLD, 200),
        ("updater", f"Patient?identifier={MRN}|8", patient("8"), 403),
        ("updater", BY_7, patient("7", gender="male"), 200),
    ],
)
async def test_a_put_needs_the_right_to_what_it_turns_out_to_be(
    gateway, who, url, resource, status
):
    caller = gateway.called(who)
    alone = await caller.request("PUT", f"/fhir/{url}", resource)
    batch = await caller.push(bundle(put(url, resource), kind="batch"))
    whole = await caller.push_anything(bundle(put(url, resource)))

    assert alone.status == status
    if status == 403:
        each = batch.json["entry"][0]["response"]
        assert (each["status"], whole.status) == ("403", 403)
        assert whole.places == ["Bundle.entry[0]"]


async def test_who_may_create_only_does_not_bring_back_more_than_once(gateway):
    await gateway.called("all").delete("Patient/eve")
    creator = gateway.called("creator")

    first = await creator.put(OLD)
    second = await creator.put({**OLD, "gender": "other"})

    assert (first.status, second.status) == (201, 403)


async def test_one_entry_that_may_not_be_leaves_nothing_of_the_transaction(gateway):
    sent = bundle(put("Patient/ann", NEW), put("Patient/eve", OLD))

    answer = await gateway.called("creator").push_anything(sent)

    assert (answer.status, answer.places) == (403, ["Bundle.entry[1]"])
    assert (await gateway.called("all").get("/fhir/Patient/ann")).status == 404


WHERE = {
    "resourceType": "Parameters",
    "parameter": [
        {
            "name": "operation",
            "part": [
                {"name": "type", "valueCode": "delete"},
                {
                    "name": "path",
                    "valueString": "Patient.identifier.where(value = '7').system",
                },
            ],
        }
    ],
}


@pytest.mark.parametrize("form", ["json", "fhirpath"])
@pytest.mark.parametrize(
    ("who", "refused"), [("updater", True), ("narrow", True), ("reader", False)]
)
async def test_who_may_not_read_does_not_ask_by_a_patch(gateway, who, refused, form):
    caller = gateway.called(who)
    body = [TEST, TO_MALE] if form == "json" else WHERE
    media = {"Content_Type": JSON_PATCH} if form == "json" else {}

    answer = await caller.request("PATCH", "/fhir/Patient/eve", body, **media)

    assert answer.status == (403 if refused else 200)


async def test_who_may_not_read_does_not_ask_by_a_patch_in_a_bundle(gateway):
    entry = {"resource": WHERE, "request": {"method": "PATCH", "url": "Patient/eve"}}

    answer = await gateway.called("updater").push_anything(bundle(entry))

    assert (answer.status, answer.places) == (403, ["Bundle.entry[0]"])


async def test_a_patch_that_does_not_compare_needs_no_right_to_read(gateway):
    caller = gateway.called("updater")

    answer = await caller.request(
        "PATCH", "/fhir/Patient/eve", [TO_MALE], Content_Type=JSON_PATCH
    )

    assert (answer.status, answer.body) == (200, b"")
