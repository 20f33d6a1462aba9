from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from domain.values import Reference
from fhir_profiles import structure
from fhir_profiles.audit_event import Audited, audit_event

AT = datetime(2026, 5, 4, 3, 2, 1, 987654, tzinfo=UTC)
PATIENT = Reference(type="Patient", id="p")
VITAL = Reference(type="Observation", id="o", version=2)
READ = Audited(
    id="log-7",
    at=AT,
    interaction="read",
    status=200,
    gateway="default",
    client="feed-1",
    address="192.0.2.7",
    request="11111111-2222-4333-8444-555555555555",
    references=(VITAL,),
    patients=("Patient/p",),
)
SEARCH = replace(
    READ,
    interaction="search-type",
    references=(),
    asked="/fhir/Observation?patient=p&code=é",
)
BALP = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
INTERACTIONS = [
    "create",
    "update",
    "patch",
    "delete",
    "read",
    "vread",
    "history-instance",
    "history-type",
    "history-system",
    "search-type",
    "search-system",
    "transaction",
    "batch",
    "operation",
    "token",
]


def profile(content):
    return content["meta"].get("profile", [None])[0]


def agent(content, code):
    (found,) = [
        each
        for each in content["agent"]
        if code in [coding["code"] for coding in each["type"]["coding"]]
    ]
    return found


def entities(content, role):
    return [
        each for each in content["entity"] if each.get("role", {}).get("code") == role
    ]


@pytest.mark.parametrize("interaction", INTERACTIONS)
@pytest.mark.parametrize("status", [200, 403, 500])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"client": "", "address": "", "request": ""},
        {"user": "Practitioner/jo", "display": "Jo", "purpose": "TREAT"},
        {"references": (), "patients": ()},
        {"patients": ("Patient/p", "Patient/q"), "references": ()},
        {"asked": "/fhir/Observation?code=1"},
    ],
)
def test_every_audit_event_is_r4(interaction, status, more):
    content = audit_event(
        replace(READ, **{"interaction": interaction, "status": status, **more})
    )

    assert structure.check(content) == []
    AuditEvent.model_validate(content)


@pytest.mark.parametrize(
    ("interaction", "pattern", "action"),
    [
        ("create", "Create", "C"),
        ("update", "Update", "U"),
        ("patch", "Update", "U"),
        ("delete", "Delete", "D"),
        ("read", "Read", "R"),
        ("vread", "Read", "R"),
        ("search-type", "Query", "E"),
    ],
)
def test_a_success_follows_its_pattern(interaction, pattern, action):
    told = replace(READ, interaction=interaction)

    content = audit_event(told)

    assert profile(content) == f"{BALP}Patient{pattern}"
    assert content["action"] == action
    assert content["subtype"][0]["code"] == interaction
    assert content["outcome"] == "0"
    assert profile(audit_event(replace(told, patients=()))) == f"{BALP}{pattern}"


def test_a_pattern_of_one_patient_is_not_claimed_where_there_are_several():
    content = audit_event(replace(SEARCH, patients=("Patient/p", "Patient/q")))

    assert profile(content) == f"{BALP}Query"
    assert [each["what"]["reference"] for each in entities(content, "1")] == [
        "Patient/p",
        "Patient/q",
    ]


def test_a_read_that_named_nothing_claims_no_pattern():
    assert profile(audit_event(replace(READ, references=()))) is None


@pytest.mark.parametrize(("status", "outcome"), [(403, "4"), (404, "4"), (503, "8")])
def test_what_failed_says_so_and_claims_no_pattern(status, outcome):
    content = audit_event(replace(READ, status=status))

    assert profile(content) is None
    assert content["outcome"] == outcome
    assert content["outcomeDesc"] == f"HTTP {status}"


def test_data_that_are_read_flow_from_the_gateway_to_its_client():
    content = audit_event(READ)

    client, server = agent(content, "110152"), agent(content, "110153")
    assert client["who"]["identifier"]["value"] == "feed-1"
    assert client["network"] == {"address": "192.0.2.7", "type": "2"}
    assert client["requestor"] is True
    assert server["who"] == content["source"]["observer"]
    assert server["who"]["identifier"]["value"] == "default"


def test_data_that_are_written_flow_from_the_client():
    content = audit_event(replace(READ, interaction="create"))

    assert agent(content, "110153")["who"]["display"] == "feed-1"
    assert agent(content, "110152")["who"]["display"] == "triage-gateway"


def test_a_person_is_who_asked_where_one_is_known():
    told = replace(READ, user="Practitioner/jo", display="Jo", purpose="TREAT")

    content = audit_event(told)

    person = agent(content, "IRCP")
    assert person["who"] == {"reference": "Practitioner/jo"}
    assert person["name"] == "Jo"
    assert person["requestor"] is True
    assert person["purposeOfUse"][0]["coding"][0]["code"] == "TREAT"
    assert agent(content, "110152")["requestor"] is False
    written = audit_event(replace(told, interaction="update"))
    assert agent(written, "AUT")["name"] == "Jo"


def test_the_version_the_patient_and_the_request_are_named():
    content = audit_event(READ)

    assert entities(content, "4")[0]["what"] == {
        "reference": "Observation/o/_history/2"
    }
    assert entities(content, "1")[0]["what"] == {"reference": "Patient/p"}
    (request,) = [
        each for each in content["entity"] if each["type"]["code"] == "XrequestId"
    ]
    assert request["what"]["identifier"]["value"] == READ.request


def test_a_query_is_kept_as_it_was_asked():
    content = audit_event(SEARCH)

    (query,) = entities(content, "24")
    assert b64decode(query["query"]).decode() == SEARCH.asked


def test_the_request_for_a_token_is_an_authentication():
    content = audit_event(replace(READ, interaction="token", status=401))

    assert content["type"]["code"] == "110114"
    assert content["subtype"][0]["code"] == "ITI-71"
