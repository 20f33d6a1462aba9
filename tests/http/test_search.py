import asyncio
from urllib.parse import quote

import pytest

from tests.patients import (
    LOINC,
    MRN,
    ago,
    complaint,
    encounter,
    fresh_record,
    patient,
    transaction,
    urn,
    visit,
    vital,
)
from tests.worklist import case_of, completed, open_task

CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"


@pytest.fixture
async def ward(caller):
    """Eve (two vital signs, a complaint, a visit) and Adam (one vital sign)."""
    eve, adam = "Patient/eve", "Patient/adam"
    await caller.push(
        transaction(
            {**patient("1"), "id": "eve"},
            {**patient("2"), "id": "adam", "gender": "male", "birthDate": "1990"},
            {**encounter(eve, "cough"), "id": "visit"},
            {
                **vital(eve, "8867-4", 70, ago(hours=2)),
                "id": "pulse",
                "encounter": {"reference": "Encounter/visit"},
            },
            {**vital(eve, "8310-5", 37, ago(hours=1)), "id": "warmth"},
            {**complaint(eve, "cough"), "id": "said"},
            {**vital(adam, "8867-4", 75), "id": "other", "status": "amended"},
            allergy(eve, "nuts", "1980-03-04"),
            allergy(eve, "milk", "1990"),
        )
    )
    return caller


def allergy(whom, identity, recorded):
    return {
        "resourceType": "AllergyIntolerance",
        "id": identity,
        "patient": {"reference": whom},
        "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
        "recordedDate": recorded,
    }


async def ids(caller, query):
    return {each["id"] for each in await caller.search(query)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Patient", {"eve", "adam"}),
        (f"Patient?identifier={MRN}|1", {"eve"}),
        ("Patient?identifier=1", {"eve"}),
        (f"Patient?identifier={MRN}|", {"eve", "adam"}),
        (f"Patient?identifier={MRN}|1,{MRN}|2", {"eve", "adam"}),
        ("Patient?identifier=urn:other|1", set()),
        ("Patient?gender=male", {"adam"}),
        ("Patient?gender:not=male", {"eve"}),
        ("Patient?_id=eve", {"eve"}),
        ("Patient?_id=eve,adam,nobody", {"eve", "adam"}),
        ("AllergyIntolerance?date=1990", {"milk"}),
        ("AllergyIntolerance?date=1980-03", {"nuts"}),
        ("AllergyIntolerance?date=lt1985", {"nuts"}),
        ("AllergyIntolerance?date=gt1985", {"milk"}),
        ("AllergyIntolerance?date=ge1980-03-04", {"nuts", "milk"}),
        ("AllergyIntolerance?date=le1980-03-04", {"nuts"}),
        ("AllergyIntolerance?date=ne1990", {"nuts"}),
        ("AllergyIntolerance?date=sa1980-03-04", {"milk"}),
        ("AllergyIntolerance?date=eb1990", {"nuts"}),
        ("Patient?_lastUpdated=gt2020", {"eve", "adam"}),
        ("Patient?_lastUpdated=lt2020", set()),
        ("Patient?identifier:missing=true", set()),
        ("Patient?identifier:missing=false", {"eve", "adam"}),
        ("Observation?patient=eve", {"pulse", "warmth", "said"}),
        ("Observation?patient=Patient/eve", {"pulse", "warmth", "said"}),
        ("Observation?subject=Patient/eve", {"pulse", "warmth", "said"}),
        ("Observation?subject:Patient=eve", {"pulse", "warmth", "said"}),
        ("Observation?patient=Patient/eve&code=8867-4", {"pulse"}),
        (f"Observation?code={LOINC}|8867-4", {"pulse", "other"}),
        ("Observation?code=8867-4,8310-5", {"pulse", "warmth", "other"}),
        ("Observation?code=urn:other|8867-4", set()),
        ("Observation?status=amended", {"other"}),
        ("Observation?encounter=Encounter/visit", {"pulse"}),
        ("Observation?encounter:missing=true", {"warmth", "said", "other"}),
        ("Encounter?patient=eve&status=in-progress", {"visit"}),
        ("Encounter?class=EMER", {"visit"}),
        ("Observation?_count=0", set()),
    ],
)
async def test_each_parameter_finds_what_it_names(ward, query, expected):
    assert await ids(ward, query) == expected


async def test_observations_are_found_by_their_time(ward):
    early, late = ago(minutes=90), ago(minutes=30)

    found = await ids(
        ward,
        f"Observation?patient=eve&date=ge{quote(early)}&date=le{quote(late)}",
    )

    assert found == {"warmth"}


async def test_a_posted_search_keeps_identifiers_out_of_urls(ward):
    answer = await ward.request(
        "POST",
        "/fhir/Patient/_search",
        f"identifier={quote(MRN)}%7C1".encode(),
        Content_Type="application/x-www-form-urlencoded",
    )

    assert answer.status == 200
    assert [each["id"] for each in answer.resources] == ["eve"]
    assert MRN not in str(answer.json["link"])


async def test_a_posted_search_joins_url_and_form(ward):
    answer = await ward.request(
        "POST",
        "/fhir/Observation/_search?patient=eve",
        b"code=8867-4",
        Content_Type="application/x-www-form-urlencoded",
    )

    assert [each["id"] for each in answer.resources] == ["pulse"]


async def test_pages_are_linked_and_hold_everything_once(caller):
    people = [{**patient(str(n)), "id": f"p{n}"} for n in range(7)]
    await caller.push(transaction(*people))

    found, query = [], "Patient?_count=3&_sort=_lastUpdated"
    while query:
        page = (await caller.get(f"/fhir/{query}")).json
        assert page["total"] == 7
        found += [each["resource"]["id"] for each in page["entry"]]
        links = {each["relation"]: each["url"] for each in page["link"]}
        query = links.get("next", "").partition("/fhir/")[2]

    assert sorted(found) == [f"p{n}" for n in range(7)]


async def test_a_count_alone_gives_no_resources(ward):
    answer = await ward.get("/fhir/Patient?_summary=count")

    assert answer.json["total"] == 2
    assert "entry" not in answer.json


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("date", ["pulse", "warmth"]),
        ("-date", ["warmth", "pulse"]),
        ("_lastUpdated,-date", ["warmth", "pulse"]),
    ],
)
async def test_results_are_sorted_as_asked(ward, sort, expected):
    found = await ward.search(
        f"Observation?patient=eve&code=8867-4,8310-5&_sort={sort}"
    )

    assert [each["id"] for each in found] == expected


@pytest.mark.parametrize(
    "query",
    [
        "Patient?name=eve",
        "Patient?identifier:exact=1",
        "Patient?identifier:missing=perhaps",
        "AllergyIntolerance?date=yesterday",
        "AllergyIntolerance?date=2026-13-40",
        "AllergyIntolerance?date:missing=true",
        "Patient?_lastUpdated=soon",
        "Patient?_sort=gender",
        "Patient?_count=many",
        "Patient?_count=-1",
        "Patient?_offset=-1",
        "Patient?_offset=99999999999999999999",
        "Observation?subject:missing:not=true",
        "Observation?subject:not=Patient/eve",
        "Patient?_has:Observation:patient:code=1",
        "Patient?_include=Patient:link",
        "Observation?subject.name=peter",
        "Patient?%00=1",
        "Patient?%0C=1",
    ],
)
async def test_what_is_not_understood_is_refused_and_named(ward, query):
    answer = await ward.get(f"/fhir/{query}")

    assert answer.status == 400
    assert answer.codes == ["not-supported"]
    assert answer.places[0].startswith("http.")


async def test_a_lenient_search_says_what_it_ignored(ward):
    answer = await ward.get(
        "/fhir/Patient?name=eve&gender=male", Prefer="handling=lenient"
    )

    assert answer.status == 200
    modes = [each["search"]["mode"] for each in answer.json["entry"]]
    assert modes == ["match", "outcome"]
    (issue,) = answer.json["entry"][1]["resource"]["issue"]
    assert issue["severity"] == "warning"
    assert "name" in issue["diagnostics"]


async def test_a_comma_in_a_value_is_escaped(caller):
    await caller.create(patient("a,b"))

    assert len(await caller.search(f"Patient?identifier={MRN}|a\\,b")) == 1
    assert len(await caller.search(f"Patient?identifier={MRN}|a,b")) == 0


async def test_the_worklist_is_searched_by_status_patient_code_and_priority(caller):
    whose = []
    for measured in (("8867-4", 75), ("59408-5", 70)):
        answer = await caller.push(visit(fresh_record(), "cough", measured))
        whose.append(answer.locations[0].partition("/_history")[0])
    calm, grave = [await open_task(caller, each) for each in whose]

    urgent_first = await caller.search(
        "Task?status=requested&code=review-assessment&_sort=priority,authored-on"
        "&_count=10"
    )
    of_one = await caller.search(f"Task?patient={whose[0]}&status=requested")
    of_case = await caller.search(f"Task?group-identifier={case_of(grave)}")

    assert [each["id"] for each in urgent_first] == [grave["id"], calm["id"]]
    assert [each["id"] for each in of_one] == [calm["id"]]
    assert [each["id"] for each in of_case] == [grave["id"]]


async def test_every_output_of_a_case_is_searchable(caller):
    answer = await caller.push(visit(fresh_record(), "cough", ("8867-4", 75)))
    whom, where = (each.partition("/_history")[0] for each in answer.locations[:2])
    task = await open_task(caller, whom)
    case = case_of(task)

    await completed(caller, task, decision="accepted", acuity=4)

    assert await ids(caller, f"ClinicalImpression?patient={whom}") == {case}
    assert await ids(caller, f"ClinicalImpression?encounter={where}") == {case}
    assert await ids(caller, "ClinicalImpression?status=completed") == {case}
    assert await ids(caller, f"RiskAssessment?patient={whom}") == {case}
    assert await ids(caller, f"Task?focus=ClinicalImpression/{case}") == {task["id"]}
    assert await ids(caller, f"Provenance?target=ClinicalImpression/{case}")
    assert len(await caller.search("Device")) == 1


async def test_a_reader_sees_what_was_acknowledged_before(caller):
    async def write_and_look(number):
        record = f"{fresh_record()}-{number}"
        await caller.create(patient(record))
        return await caller.search(f"Patient?identifier={MRN}|{record}")

    found = await asyncio.gather(*map(write_and_look, range(40)))

    assert all(len(each) == 1 for each in found)


async def test_a_changed_resource_is_found_by_its_new_content_alone(ward):
    await ward.put({**patient("9"), "id": "eve", "gender": "other"})

    assert await ids(ward, "Patient?gender=other") == {"eve"}
    assert await ids(ward, f"Patient?identifier={MRN}|1") == set()


async def test_references_to_entries_are_found_by_the_new_address(caller):
    answer = await caller.push(transaction(patient("8"), vital(urn(0))))

    whom = answer.locations[0].partition("/_history")[0]

    assert len(await caller.search(f"Observation?patient={whom}")) == 1
