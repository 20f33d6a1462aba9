"""The CapabilityStatement is walked: what it claims works, and nothing else does."""

import pytest

from fhir_profiles.release import resource_types
from fhir_profiles.structure import check
from tests.patients import patient, transaction

WALKED = ("Patient", "Observation", "Task", "Basic", "Binary", "AuditEvent", "Bundle")
ABSENT = {403, 404, 405, 501}
EXAMPLES = {
    "token": "x",
    "reference": "Patient/x",
    "date": "2026",
    "string": "x",
    "number": "5",
    "quantity": "5",
    "uri": "urn:x",
    "composite": "x$5",
}
AT_ONCE = 20  # parameters of one search; more are refused
PATCH = b'[{"op": "test", "path": "/resourceType", "value": "x"}]'
PATCH_TYPE = "application/json-patch+json"


@pytest.fixture
async def rest(caller):
    (rest,) = (await caller.read("metadata"))["rest"]
    return rest


def of(rest, kind):
    (found,) = (each for each in rest["resource"] if each["type"] == kind)
    return found


def codes(listed):
    return {each["code"] for each in listed["interaction"]}


def example(parameter):
    dated = parameter["type"] == "composite" and parameter["name"].endswith("date")
    return "x$2026" if dated else EXAMPLES[parameter["type"]]


async def tried(caller, kind):
    """Try every interaction of FHIR on a type; return the status of each."""
    body = {"resourceType": kind, "id": "x"}
    one, every = f"/fhir/{kind}/x", f"/fhir/{kind}"
    ask = caller.request
    answers = {
        "create": await ask("POST", every, body),
        "update": await ask("PUT", one, body),
        "patch": await ask("PATCH", one, PATCH, Content_Type=PATCH_TYPE),
        "history-type": await ask("GET", f"{every}/_history"),
        "search-type": await ask("GET", every),
        "history-instance": await ask("GET", f"{one}/_history"),
        "read": await ask("GET", one),
        "vread": await ask("GET", f"{one}/_history/1"),
        "delete": await ask("DELETE", one),
    }
    return {code: each.status for code, each in answers.items()}


async def test_the_capability_statement_is_valid_and_open_to_all(strangers):
    answer = await strangers.get("/fhir/metadata")

    assert answer.status == 200
    assert [each for each in check(answer.json) if each.severity == "error"] == []
    assert answer.json["fhirVersion"] == "4.0.1"


async def test_there_is_no_terminology_service_and_it_says_so(caller):
    found = await caller.read("metadata?mode=terminology")

    assert found["resourceType"] == "TerminologyCapabilities"
    assert [each for each in check(found) if each.severity == "error"] == []


async def test_a_mode_that_there_is_not_is_refused(caller):
    assert (await caller.get("/fhir/metadata?mode=normative")).status == 200
    assert (await caller.get("/fhir/metadata?mode=x")).status == 400


async def test_every_resource_type_is_named(rest):
    assert {each["type"] for each in rest["resource"]} == set(resource_types())


async def test_all_types_can_do_the_same_but_nobody_writes_the_trail(rest):
    offered = {each["type"]: codes(each) for each in rest["resource"]}
    trail = offered.pop("AuditEvent")

    assert {frozenset(each) for each in offered.values()} == {
        frozenset(codes(of(rest, "Patient")))
    }
    assert trail < offered["Patient"]
    assert "create" not in trail


@pytest.mark.parametrize("kind", WALKED)
async def test_what_is_not_claimed_is_not_there(caller, rest, kind):
    statuses = await tried(caller, kind)

    claimed = codes(of(rest, kind))
    assert {code for code, status in statuses.items() if code not in claimed} == {
        code for code, status in statuses.items() if status in ABSENT - {404}
    }


async def test_what_is_claimed_works(caller, rest):
    eve = {**patient("1"), "id": "eve"}
    one = "/fhir/Patient/eve"
    patch = [{"op": "replace", "path": "/gender", "value": "male"}]
    steps = {
        "create": ("POST", "/fhir/Patient", patient("2"), 201),
        "update": ("PUT", one, eve, 201),
        "patch": ("PATCH", one, patch, 200),
        "read": ("GET", one, None, 200),
        "vread": ("GET", f"{one}/_history/1", None, 200),
        "history-instance": ("GET", f"{one}/_history", None, 200),
        "history-type": ("GET", "/fhir/Patient/_history", None, 200),
        "search-type": ("GET", "/fhir/Patient", None, 200),
        "delete": ("DELETE", one, None, 204),
        "history-system": ("GET", "/fhir/_history", None, 200),
        "transaction": ("POST", "/fhir", transaction(patient("3")), 200),
        "batch": ("POST", "/fhir", transaction(patient("4"), kind="batch"), 200),
    }

    assert set(steps) == codes(of(rest, "Patient")) | codes(rest)
    for code, (method, path, body, status) in steps.items():
        kind = {"Content_Type": PATCH_TYPE} if method == "PATCH" else {}
        answer = await caller.request(method, path, body, **kind)
        assert answer.status == status, (code, answer.body)


async def test_conditions_work_as_claimed(caller, rest):
    claimed = of(rest, "Patient")
    query = "identifier=urn:example:mrn%7C1"
    created = await caller.create(patient("1"), If_None_Exist=query)
    again = await caller.create(patient("1"), If_None_Exist=query)
    put = await caller.request(
        "PUT", f"/fhir/Patient?{query}", patient("1", active=True)
    )
    address = f"Patient/{created.json['id']}"
    seen = await caller.get(f"/fhir/{address}", If_None_Match=put.etag)
    gone = await caller.delete(f"Patient?{query}")

    assert (created.status, again.status) == (201, 200)
    assert claimed["conditionalCreate"]
    assert (claimed["conditionalUpdate"], put.status) == (True, 200)
    assert (claimed["conditionalRead"], seen.status) == ("full-support", 304)
    assert (claimed["conditionalDelete"], gone.status) == ("single", 204)


async def test_operations_are_there_as_claimed(caller, rest):
    await caller.put({**patient("1"), "id": "eve"})
    claimed = {each["name"] for each in of(rest, "Patient")["operation"]}
    asked = {"resourceType": "Parameters"}

    assert claimed == {"everything", "export", "validate"}
    for name in claimed - {"export"}:
        answer = await caller.request("POST", f"/fhir/Patient/eve/${name}", asked)
        assert answer.status in (200, 422), name
    for where in ("/fhir/$export", "/fhir/Patient/$export"):
        later = await caller.request("POST", where, asked, Prefer="respond-async")
        assert later.status == 202, where
    assert (await caller.get("/fhir/Patient/eve/$expunge")).status == 404


async def test_every_parameter_that_is_named_is_understood(caller, rest):
    for resource in rest["resource"]:
        pairs = [f"{each['name']}={example(each)}" for each in resource["searchParam"]]
        for start in range(0, len(pairs), AT_ONCE):
            part = pairs[start : start + AT_ONCE]
            answer = await caller.get(f"/fhir/{resource['type']}?{'&'.join(part)}")
            assert answer.status == 200, (resource["type"], answer.body)


@pytest.mark.parametrize("kind", WALKED)
async def test_every_include_that_is_named_is_understood(caller, rest, kind):
    claimed = of(rest, kind)
    pairs = [f"_include={each}" for each in claimed.get("searchInclude", [])]
    pairs += [f"_revinclude={each}" for each in claimed.get("searchRevInclude", [])]

    for start in range(0, len(pairs), 10):
        query = "&".join(pairs[start : start + 10])
        assert (await caller.get(f"/fhir/{kind}?{query}")).status == 200, query


async def test_where_tokens_are_given_is_told(strangers):
    (rest,) = (await strangers.get("/fhir/metadata")).json["rest"]
    (uris,) = rest["security"]["extension"]
    (token,) = uris["extension"]

    path = token["valueUri"].partition("/auth")[1:]
    answer = await strangers.request("POST", "".join(path), b"")

    assert answer.status in (400, 401, 415)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/fhir/_history", {"GET", "HEAD"}),
        ("DELETE", "/fhir/metadata", {"GET", "HEAD"}),
        ("POST", "/fhir/Patient/1", {"GET", "HEAD", "PUT", "PATCH", "DELETE"}),
        ("PUT", "/fhir/Patient/1/$everything", {"GET", "HEAD", "POST"}),
        ("GET", "/fhir", {"POST"}),
    ],
)
async def test_a_method_that_is_not_taken_is_told_which_are(
    caller, method, path, allowed
):
    answer = await caller.request(method, path)

    assert answer.status == 405
    assert answer.codes == ["not-supported"]
    assert set(answer.headers["Allow"].replace(" ", "").split(",")) == allowed


@pytest.mark.parametrize(
    "path",
    ["Nothing", "patient/1", "Patient/1/x", "Patient/1/$x", "$x", "Patient/a_b", "x/y"],
)
async def test_an_address_that_there_is_not_is_not_found(caller, path):
    answer = await caller.get(f"/fhir/{path}")

    assert answer.status == 404
    assert answer.json["resourceType"] == "OperationOutcome"
