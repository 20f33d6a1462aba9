import gzip
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fhir_profiles.patient_compartment import COMPARTMENT
from fhir_profiles.search_parameters import parameters
from fhir_profiles.structure import check
from gateway.projections import resources
from tests.callers import FEED
from tests.patients import ago, encounter, patient, statement, transaction, vital

EVE, ADAM = "Patient/eve", "Patient/adam"
CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
DEFINITIONS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "fhir"


def known(resource, name):
    return {**resource, "id": name}


def who(name, **more):
    return known(patient(name), name) | more


SUPPORT = (
    {"resourceType": "Practitioner", "id": "doctor"},
    {"resourceType": "Practitioner", "id": "stranger"},
    {
        "resourceType": "PractitionerRole",
        "id": "role",
        "practitioner": {"reference": "Practitioner/doctor"},
        "organization": {"reference": "Organization/ward"},
    },
    {"resourceType": "Organization", "id": "ward", "name": "A ward"},
    {"resourceType": "Medication", "id": "drug", "code": {"text": "aspirin"}},
)
HERS = (
    who("eve"),
    known(
        encounter(
            EVE,
            status="finished",
            participant=[{"individual": {"reference": "PractitionerRole/role"}}],
            period={"start": "2020-01-01", "end": "2020-01-02"},
        ),
        "stay",
    ),
    known(vital(EVE, at="2021-06-01T08:00:00Z"), "pulse"),
    {
        "resourceType": "MedicationRequest",
        "id": "order",
        "status": "active",
        "intent": "order",
        "subject": {"reference": EVE},
        "medicationReference": {"reference": "Medication/drug"},
    },
    {
        "resourceType": "AllergyIntolerance",
        "id": "told-by-her",
        "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
        "patient": {"reference": ADAM},
        "asserter": {"reference": EVE},
    },
)
HIS = (who("adam"), known(vital(ADAM, at="2021-06-01T08:00:00Z"), "his"))


@pytest.fixture
async def ward(caller):
    await caller.push(transaction(*SUPPORT, *HERS, *HIS))
    return caller


def names(bundle, mode):
    return [
        f"{each['resource']['resourceType']}/{each['resource']['id']}"
        for each in bundle.get("entry", [])
        if each["search"]["mode"] == mode
    ]


async def everything(caller, query="", whom=EVE):
    answer = await caller.get(f"/fhir/{whom}/$everything{query}")
    assert answer.status == 200, answer.body
    return answer.json


async def test_everything_is_the_patient_all_about_her_and_what_that_needs(ward):
    bundle = await everything(ward)

    assert names(bundle, "match") == [
        EVE,
        "AllergyIntolerance/told-by-her",
        "Encounter/stay",
        "MedicationRequest/order",
        "Observation/pulse",
    ]
    assert set(names(bundle, "include")) == {
        "PractitionerRole/role",
        "Practitioner/doctor",
        "Organization/ward",
        "Medication/drug",
    }
    assert (bundle["type"], bundle["total"]) == ("searchset", 5)
    assert [each for each in check(bundle) if each.severity == "error"] == []


async def test_the_types_that_are_asked_for_are_all_that_comes(ward):
    bundle = await everything(ward, "?_type=Observation,Encounter,Practitioner")

    assert names(bundle, "match") == ["Encounter/stay", "Observation/pulse"]
    assert names(bundle, "include") == ["Practitioner/doctor"]


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("?start=2020-01-03", {"Encounter/stay"}),
        ("?end=2020", {"Observation/pulse"}),
        ("?start=2020-01-02&end=2021-06-01", set()),
        ("?start=2030", {"Encounter/stay", "Observation/pulse"}),
    ],
)
async def test_care_of_another_time_is_left_out(ward, query, missing):
    bundle = await everything(ward, query)

    whole = names(await everything(ward), "match")
    assert set(whole) - set(names(bundle, "match")) == missing
    assert "total" not in bundle


async def test_only_what_was_stored_since_an_instant(ward):
    assert names(await everything(ward, "?_since=2999"), "match") == []
    assert len(names(await everything(ward, "?_since=2020"), "match")) == 5


async def test_pages_hold_everything_once(ward):
    await ward.create(vital(EVE, at=ago(days=400)))
    seen, path = [], f"/fhir/{EVE}/$everything?_count=2"
    while path:
        bundle = (await ward.get(path)).json
        seen += names(bundle, "match")
        links = {each["relation"]: each["url"] for each in bundle["link"]}
        url = urlsplit(links.get("next", ""))
        path = f"{url.path}?{url.query}" if url.path else None

    assert len(seen) == len(set(seen)) == 6
    assert seen[0] == EVE


async def test_a_page_of_large_resources_ends_early(ward, monkeypatch):
    whole = names(await everything(ward), "match")
    monkeypatch.setattr(resources, "LARGEST_PAGE", 1)

    bundle, shown = await everything(ward), []
    while True:
        shown.append(names(bundle, "match"))
        further = [e for e in bundle["link"] if e["relation"] == "next"]
        if not further:
            break
        parts = urlsplit(further[0]["url"])
        bundle = (await ward.get(f"{parts.path}?{parts.query}")).json

    assert [each for page in shown for each in page] == whole
    assert {len(page) for page in shown} == {1}


async def test_no_entries_but_how_many_there_are(ward):
    bundle = await everything(ward, "?_count=0")

    assert (bundle["total"], "entry" in bundle) == (5, False)


async def test_the_operation_may_be_posted(ward):
    asked = {
        "resourceType": "Parameters",
        "parameter": [{"name": "_type", "valueCode": "Encounter"}],
    }

    answer = await ward.request("POST", f"/fhir/{EVE}/$everything", asked)

    assert names(answer.json, "match") == ["Encounter/stay"]


async def test_the_records_of_one_person_are_one(ward):
    link = [{"type": "replaced-by", "other": {"reference": EVE}}]
    await ward.put(who("old", link=link))
    await ward.put(known(statement("Patient/old", "warfarin"), "hers"))

    hers, old = await everything(ward), await everything(ward, whom="Patient/old")

    assert {"Patient/old", "MedicationStatement/hers"} < set(names(hers, "match"))
    assert set(names(old, "match")) == set(names(hers, "match"))
    assert (names(hers, "match")[0], names(old, "match")[0]) == (EVE, "Patient/old")


async def test_whoever_is_not_there_has_nothing(ward):
    assert (await ward.get("/fhir/Patient/nobody/$everything")).status == 404
    await ward.delete("Patient/eve")
    assert (await ward.get(f"/fhir/{EVE}/$everything")).status == 410


@pytest.mark.parametrize(
    "query",
    ["_type=Banana", "start=monday", "_count=-1", "_count=1e3", "x=1", "_page=zz"],
)
async def test_what_is_not_understood_is_refused(ward, query):
    answer = await ward.get(f"/fhir/{EVE}/$everything?{query}")

    assert (answer.status, answer.codes) == (400, ["not-supported"])


async def test_a_lenient_caller_gets_what_is_understood(ward):
    answer = await ward.get(
        f"/fhir/{EVE}/$everything?x=1&_type=Patient", Prefer="handling=lenient"
    )

    assert names(answer.json, "match") == [EVE]


async def test_nobody_reads_a_record_without_a_token(strangers):
    await strangers.called(FEED).put(who("eve"))

    assert (await strangers.get(f"/fhir/{EVE}/$everything")).status == 401


def test_every_parameter_of_the_compartment_is_indexed():
    for kind, listed in COMPARTMENT.items():
        assert set(listed) <= set(parameters(kind)), kind


@pytest.mark.skipif(not DEFINITIONS.exists(), reason="needs the R4 definitions")
def test_the_compartment_is_that_of_the_definitions():
    file = DEFINITIONS / "r4-definitions" / "CompartmentDefinition.ndjson.gz"
    rows = map(json.loads, gzip.decompress(file.read_bytes()).splitlines())
    (defined,) = (each for each in rows if each["code"] == "Patient")
    listed = {each["code"]: each.get("param") for each in defined["resource"]}

    table = {kind: list(found) for kind, found in COMPARTMENT.items()}
    assert table == {k: v for k, v in listed.items() if v and k != "Patient"}
