import asyncio
import threading
from urllib.parse import quote

import pytest

from gateway.http import asking, includes
from gateway.http.disclosure import patients_of
from tests.callers import AUDITOR, FEED, NURSE
from tests.patients import (
    LOINC,
    MRN,
    UCUM,
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


EVE = {
    "name": [{"family": "Müller", "given": ["Eve"]}],
    "address": [{"line": ["Main Street 1"], "city": "Wien"}],
    "telecom": [{"system": "phone", "value": "1234"}],
}
ADAM = {
    "name": [{"text": "Adam", "given": ["Adam"]}],
    "birthDate": "1990",
    "deceasedDateTime": "2020-01-02T10:00:00Z",
    "generalPractitioner": [{"identifier": {"system": "urn:gp", "value": "9"}}],
    "meta": {
        "tag": [{"system": "urn:t", "code": "a"}],
        "profile": ["urn:example:profile"],
    },
}


@pytest.fixture
async def ward(caller):
    """Eve (vital signs, a complaint, a visit) and Adam (one vital sign)."""
    eve, adam = "Patient/eve", "Patient/adam"
    await caller.push(
        transaction(
            {**patient("1"), "id": "eve", **EVE},
            {**patient("2"), "id": "adam", "gender": "male", **ADAM},
            {**encounter(eve, "cough"), "id": "visit"},
            {
                **vital(eve, "8867-4", 70, ago(hours=2)),
                "id": "pulse",
                "encounter": {"reference": "Encounter/visit"},
            },
            {**vital(eve, "8310-5", 37, ago(hours=1)), "id": "warmth"},
            {**complaint(eve, "cough"), "id": "said"},
            {**vital(adam, "8867-4", 75), "id": "other", "status": "amended"},
            pressure(eve, "pressure", 124, 82),
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


def pressure(whom, identity, systolic, diastolic):
    return {
        "resourceType": "Observation",
        "id": identity,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "85354-9"}]},
        "subject": {"reference": whom},
        "effectiveDateTime": ago(minutes=1),
        "component": [
            {
                "code": {"coding": [{"system": LOINC, "code": code}]},
                "valueQuantity": {"value": value, "system": UCUM, "code": "mm[Hg]"},
            }
            for code, value in (("8480-6", systolic), ("8462-4", diastolic))
        ],
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
        ("Observation?patient=eve", {"pulse", "warmth", "said", "pressure"}),
        ("Observation?patient=Patient/eve", {"pulse", "warmth", "said", "pressure"}),
        ("Observation?subject=Patient/eve", {"pulse", "warmth", "said", "pressure"}),
        ("Observation?subject:Patient=eve", {"pulse", "warmth", "said", "pressure"}),
        ("Observation?patient=Patient/eve&code=8867-4", {"pulse"}),
        (f"Observation?code={LOINC}|8867-4", {"pulse", "other"}),
        ("Observation?code=8867-4,8310-5", {"pulse", "warmth", "other"}),
        ("Observation?code=urn:other|8867-4", set()),
        ("Observation?status=amended", {"other"}),
        ("Observation?encounter=Encounter/visit", {"pulse"}),
        ("Observation?encounter:missing=true", {"warmth", "said", "other", "pressure"}),
        ("Encounter?patient=eve&status=in-progress", {"visit"}),
        ("Encounter?class=EMER", {"visit"}),
        ("Observation?_count=0", set()),
        ("Patient?name=eve", {"eve"}),
        ("Patient?name=EV", {"eve"}),
        ("Patient?given=ev,ad", {"eve", "adam"}),
        ("Patient?family=mull", {"eve"}),
        ("Patient?family=MÜLLER", {"eve"}),
        ("Patient?family=mullers", set()),
        ("Patient?family:exact=Müller", {"eve"}),
        ("Patient?family:exact=müller", set()),
        ("Patient?address-city=wien", {"eve"}),
        ("Patient?address=main", {"eve"}),
        ("Patient?phone=1234", {"eve"}),
        ("Patient?email=1234", set()),
        ("Patient?birthdate=1980-03-04", {"eve"}),
        ("Patient?birthdate=1980", {"eve"}),
        ("Patient?birthdate=1990", {"adam"}),
        ("Patient?birthdate=lt1985", {"eve"}),
        ("Patient?birthdate=ge1980-03-04", {"eve", "adam"}),
        ("Patient?birthdate=gt1980-03-04&birthdate=lt1991", {"adam"}),
        ("Patient?birthdate=ne1980", {"adam"}),
        ("Patient?birthdate:missing=true", set()),
        ("Patient?deceased=true", {"adam"}),
        ("Patient?deceased=false", {"eve"}),
        ("Patient?active=true", set()),
        ("Patient?_id=eve&_id=adam", set()),
        ("Patient?_tag=urn:t|a", {"adam"}),
        ("Patient?_tag=a", {"adam"}),
        ("Patient?_profile=urn:example:profile", {"adam"}),
        ("Patient?_profile:missing=true", {"eve"}),
        ("Patient?general-practitioner:identifier=urn:gp|9", {"adam"}),
        ("Patient?_has:Observation:patient:status=amended", {"adam"}),
        ("Patient?_has:AllergyIntolerance:patient:_id=nuts", {"eve"}),
        ("Patient?_has:Observation:patient:date=gt2020&gender=male", {"adam"}),
        ("AllergyIntolerance?date:missing=true", set()),
        ("AllergyIntolerance?date:missing=false", {"nuts", "milk"}),
        ("AllergyIntolerance?date=ap1990-05", {"milk"}),
        ("AllergyIntolerance?date=1990,1980-03-04", {"nuts", "milk"}),
        ("AllergyIntolerance?patient.name=eve", {"nuts", "milk"}),
        ("AllergyIntolerance?patient.birthdate=1990", set()),
        ("Observation?patient.identifier=2", {"other"}),
        ("Observation?subject:Patient.identifier=2", {"other"}),
        ("Observation?subject.identifier=2", {"other"}),
        ("Observation?patient._id=adam", {"other"}),
        ("Observation?encounter.class=EMER", {"pulse"}),
        ("Observation?subject=Patient/nobody", set()),
        ("Observation?patient=Group/eve", set()),
        ("Observation?value-quantity=70", {"pulse"}),
        ("Observation?value-quantity=gt60", {"pulse", "other"}),
        ("Observation?value-quantity=37||Cel", {"warmth"}),
        ("Observation?value-quantity=37||/min", set()),
        (
            "Observation?value-quantity=lt80|http://unitsofmeasure.org|/min",
            {"pulse", "other"},
        ),
        ("Observation?combo-value-quantity=gt120", {"pressure"}),
        ("Observation?component-value-quantity=gt100", {"pressure"}),
        ("Observation?code-value-quantity=8867-4$gt72", {"other"}),
        ("Observation?code-value-quantity=http://loinc.org|8867-4$70", {"pulse"}),
        ("Observation?code-value-quantity=8310-5$37,8867-4$75", {"warmth", "other"}),
        ("Observation?component-code-value-quantity=8480-6$gt120", {"pressure"}),
        ("Observation?component-code-value-quantity=8480-6$lt90", set()),
        ("Observation?component-code-value-quantity=8480-6$124||mm[Hg]", {"pressure"}),
        ("Observation?component-code-value-quantity=8480-6$124||Cel", set()),
        ("Observation?combo-code-value-quantity=8480-6$124", {"pressure"}),
        ("Observation?combo-code-value-quantity=8867-4$70", {"pulse"}),
        ("Observation?combo-code=8480-6", {"pressure"}),
        ("Observation?component-code-value-concept=8480-6$high", set()),
        ("Observation?value-string=cou", {"said"}),
        ("Observation?code-value-string=8661-1$cough", {"said"}),
        (
            "Observation?status=http://hl7.org/fhir/observation-status|amended",
            {"other"},
        ),
        ("Observation?status=urn:other|amended", set()),
        ("Observation?status=|amended", {"other"}),
        ("Observation?code=|8867-4", set()),
        ("Observation?code:not=8867-4,8310-5", {"said", "pressure"}),
        ("Observation?_sort=-date&_count=1", {"pressure"}),
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


async def test_a_posted_search_goes_on_by_links_that_name_nothing(caller):
    people = [{**patient(f"secret-{n}"), "id": f"p{n}"} for n in range(5)]
    await caller.push(transaction(*people))
    wanted = ",".join(f"{MRN}|secret-{n}" for n in range(5))

    answer = await caller.request(
        "POST",
        "/fhir/Patient/_search",
        f"identifier={quote(wanted)}&_count=2".encode(),
        Content_Type="application/x-www-form-urlencoded",
    )
    links = {each["relation"]: each["url"] for each in answer.json["link"]}
    again = await caller.get("/fhir/" + links["self"].partition("/fhir/")[2])
    rest = await every_page(caller, links["next"].partition("/fhir/")[2])

    assert "secret" not in str(links)
    assert MRN not in str(links)
    assert again.resources == answer.resources
    assert len(answer.resources) == 2
    assert len(rest) == 3


async def every_page(caller, query):
    """Return the resources of a page and of all that follow."""
    found = []
    while query:
        page = await caller.get(f"/fhir/{query}")
        assert page.status == 200, page.body
        found += page.resources
        links = {each["relation"]: each["url"] for each in page.json["link"]}
        query = links.get("next", "").partition("/fhir/")[2]
    return found


async def test_get_and_post_find_the_same(ward):
    query = "patient=Patient/eve&code=8867-4,8310-5&_sort=-date&_total=accurate"

    got = await ward.get(f"/fhir/Observation?{query}")
    posted = await ward.request(
        "POST",
        "/fhir/Observation/_search",
        query.encode(),
        Content_Type="application/x-www-form-urlencoded",
    )

    assert got.resources == posted.resources
    assert got.json["total"] == posted.json["total"] == 2


async def test_a_page_is_nobody_elses(strangers):
    feed, auditor = strangers.called(FEED), strangers.called(AUDITOR)
    await feed.push(transaction(*(patient(str(number)) for number in range(3))))
    page = (await feed.get("/fhir/Patient?_count=1")).json
    following = page["link"][1]["url"].partition("/fhir/")[2]

    own = await feed.get(f"/fhir/{following}")
    others = await auditor.get(f"/fhir/{following}")
    changed = await feed.get(f"/fhir/{following[:-2]}")
    elsewhere = await feed.get(f"/fhir/{following.replace('Patient', 'Observation')}")
    added = await feed.get(f"/fhir/{following}&gender=male")

    assert own.status == 200
    refused = [each.status for each in (others, changed, elsewhere, added)]
    assert refused == [400] * 4


async def test_a_search_that_is_too_long_for_a_link_says_so(caller):
    people = [{**patient(str(number)), "id": f"p{number}"} for number in range(3)]
    await caller.push(transaction(*people))
    wanted = ",".join([*("p0", "p1", "p2"), *("x" * 60 for _ in range(100))])

    async def posted(count):
        return await caller.request(
            "POST",
            "/fhir/Patient/_search",
            f"_id={wanted}&_count={count}".encode(),
            Content_Type="application/x-www-form-urlencoded",
        )

    assert (await posted(2)).status == 400
    assert "larger _count" in (await posted(2)).said


async def test_a_posted_search_of_one_page_may_be_too_long_for_a_link(caller):
    await caller.push(transaction({**patient(), "id": "p0"}))
    wanted = ",".join(["p0", *(f"{number:060}" for number in range(200))])

    answer = await caller.request(
        "POST",
        "/fhir/Patient/_search",
        f"_id={wanted}".encode(),
        Content_Type="application/x-www-form-urlencoded",
    )

    assert answer.status == 200
    assert [each["id"] for each in answer.resources] == ["p0"]
    (own,) = answer.json["link"]
    assert own["url"].endswith("/fhir/Patient")


async def test_what_was_last_updated_is_found_by_the_time_that_is_shown(caller):
    for name in ("p0", "p1", "p2"):
        await caller.put({**patient(name), "id": name})
    shown = (await caller.read("Patient/p1"))["meta"]["lastUpdated"]
    told = shown.replace("+", "%2B")

    at, until_then, later = [
        {each["id"] for each in await caller.search(f"Patient?_lastUpdated={p}{told}")}
        for p in ("", "le", "gt")
    ]
    assert "p1" in at
    assert {"p0", "p1"} <= until_then
    assert "p1" not in later
    either = await caller.search(f"Patient?_lastUpdated=1999,{told}")
    assert "p1" in {each["id"] for each in either}


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
        "Patient?nickname=eve",
        "Patient?identifier:exact=1",
        "Patient?name:contains=eve",
        "Patient?name:sounds=eve",
        "Patient?name=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "Patient?name=%CC%81",
        "Patient?name:missing=1",
        "Patient?birthdate=1980-01-01T10:00:00Z",
        "Patient?birthdate=gt0001",
        "Patient?birthdate:exact=1980",
        "Patient?_sort=birthdate",
        "Patient?_sort=family",
        "Patient?_sort=_id",
        "Patient?_sort=_lastUpdated,_lastUpdated,_lastUpdated,_lastUpdated",
        "Patient?_sort:up=_lastUpdated",
        "Patient?gender=male,,female",
        "Patient?_total=many",
        "Patient?_summary=some",
        "Patient?_elements=a;b",
        "Patient?_page=abc",
        "Patient?patient.name=a",
        "Patient?gender.name=a",
        "Patient?link:Robot.name=a",
        "Patient?_has:Observation:patient=1",
        "Patient?_has:Robot:patient:code=1",
        "Patient?_has:Observation:code:code=1",
        "Patient?_has:Observation:patient:subject.name=1",
        "Patient?_has:Observation:encounter:code=1",
        "Patient?_include=Patient:gender",
        "Patient?_include=Patient:link:Robot",
        "Patient?_include=Observation:subject",
        "Patient?_include:often=Patient:link",
        "Patient?_include=*",
        "Observation?focus.name=peter",
        "Observation?subject.link.name=peter",
        "Observation?value-quantity=many",
        "Observation?value-quantity=1|mg",
        "Observation?value-quantity:not=1",
        "Observation?code-value-quantity=8867-4",
        "Observation?code-value-quantity:not=8867-4$70",
        "Observation?code-value-quantity:missing=true",
        "Observation?component-code-value-quantity=http://loinc.org|$70",
        "Observation?patient:missing=true",
        "Observation?status=http://hl7.org/fhir/observation-status|",
        "Observation?code:text=pulse",
        "Observation?_filter=code eq 1",
        "Observation?_id:not=1",
        "Patient?identifier:missing=perhaps",
        "AllergyIntolerance?date=yesterday",
        "AllergyIntolerance?date=2026-13-40",
        "Patient?_lastUpdated=soon",
        "Patient?_sort=gender",
        "Patient?_count=many",
        "Patient?_count=-1",
        "Patient?_offset=-1",
        "Patient?_offset=99999999999999999999",
        "Observation?subject:missing:not=true",
        "Observation?subject:not=Patient/eve",
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
        "/fhir/Patient?nickname=eve&gender=male", Prefer="handling=lenient"
    )

    assert answer.status == 200
    modes = [each["search"]["mode"] for each in answer.json["entry"]]
    assert modes == ["match", "outcome"]
    (link,) = answer.json["link"]
    assert link["url"].endswith("/fhir/Patient?gender=male")
    (issue,) = answer.json["entry"][1]["resource"]["issue"]
    assert issue["severity"] == "warning"
    assert "nickname" in issue["diagnostics"]


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


async def found(caller, query):
    """Return ids by how they came into the answer: match, include."""
    answer = await caller.get(f"/fhir/{query}")
    assert answer.status == 200, answer.body
    modes = {"match": set(), "include": set()}
    for entry in answer.json.get("entry", []):
        modes[entry["search"]["mode"]].add(entry["resource"]["id"])
    return modes["match"], modes["include"]


@pytest.mark.parametrize(
    ("query", "matches", "included"),
    [
        ("Observation?_id=pulse&_include=Observation:subject", {"pulse"}, {"eve"}),
        ("Observation?_id=pulse&_include=Observation:patient", {"pulse"}, {"eve"}),
        ("Observation?_id=pulse&_include=Observation:subject:Group", {"pulse"}, set()),
        ("Observation?_id=pulse&_include=Observation:device", {"pulse"}, set()),
        (
            "Observation?_id=pulse&_include=Observation:subject&_include=Observation:encounter",
            {"pulse"},
            {"eve", "visit"},
        ),
        (
            "Patient?_id=eve&_revinclude=AllergyIntolerance:patient",
            {"eve"},
            {"nuts", "milk"},
        ),
        (
            "Patient?_id=eve&_revinclude=AllergyIntolerance:patient:Group",
            {"eve"},
            set(),
        ),
        ("Patient?_id=eve&_revinclude=Encounter:location", {"eve"}, set()),
        (
            "Encounter?_id=visit&_revinclude=Observation:encounter&_include:iterate=Observation:subject",
            {"visit"},
            {"pulse", "eve"},
        ),
        (
            "AllergyIntolerance?_id=nuts&_include=AllergyIntolerance:patient&_revinclude:iterate=AllergyIntolerance:patient",
            {"nuts"},
            {"eve", "milk"},
        ),
    ],
)
async def test_what_belongs_to_a_match_comes_along(ward, query, matches, included):
    assert await found(ward, query) == (matches, included)


async def test_what_comes_along_is_not_counted(ward):
    answer = await ward.get(
        "/fhir/Patient?_id=eve&_revinclude=AllergyIntolerance:patient"
    )

    assert answer.json["total"] == 1
    assert len(answer.json["entry"]) == 3


@pytest.mark.parametrize("limit", ["MOST_INCLUDED", "MOST_READ", "LARGEST_PAGE"])
async def test_more_than_a_page_can_bring_along_is_refused(ward, monkeypatch, limit):
    monkeypatch.setattr(includes, limit, 1)

    answer = await ward.get(
        "/fhir/Patient?_id=eve&_revinclude=AllergyIntolerance:patient"
    )

    assert answer.status == 400
    assert answer.codes == ["too-costly"]


SHOWN = [
    ("_elements=gender", {"gender"}, {"name", "birthDate", "identifier"}),
    ("_elements=Patient.gender,name", {"gender", "name"}, {"birthDate"}),
    ("_summary=true", {"gender", "name", "address"}, set()),
    ("_summary=text", {"id"}, {"gender", "name"}),
    ("_summary=data", {"gender", "name"}, set()),
]


@pytest.mark.parametrize(("control", "there", "gone"), SHOWN)
async def test_a_part_of_a_resource_says_that_it_is_one(ward, control, there, gone):
    (eve,) = await ward.search(f"Patient?_id=eve&{control}")

    assert there <= eve.keys()
    assert not gone & eve.keys()
    assert "SUBSETTED" in [each["code"] for each in eve["meta"]["tag"]]


async def test_a_part_keeps_what_a_resource_must_have(ward):
    (pulse,) = await ward.search("Observation?_id=pulse&_elements=value")

    assert {"status", "code", "valueQuantity"} <= pulse.keys()
    assert "subject" not in pulse


async def test_the_answer_is_made_beside_the_event_loop(ward, monkeypatch):
    threads = set()

    def noted(versions):
        threads.add(threading.current_thread())
        return patients_of(versions)

    monkeypatch.setattr(asking, "patients_of", noted)
    await ward.search("Patient?_elements=gender")

    assert threads
    assert threading.main_thread() not in threads


async def test_a_whole_resource_comes_as_it_is_stored(ward):
    (shown,) = await ward.search("Patient?_id=eve&_summary=false")

    assert shown == await ward.read("Patient/eve")


async def test_elements_are_those_of_the_matches(ward):
    answer = await ward.get(
        "/fhir/AllergyIntolerance?_id=nuts&_elements=patient"
        "&_include=AllergyIntolerance:patient"
    )

    allergy_, eve = answer.resources
    assert "recordedDate" not in allergy_
    assert eve["birthDate"] == "1980-03-04"


async def test_our_own_address_stands_for_a_relative_one(ward):
    base = (await ward.get("/fhir/Patient")).json["link"][0]["url"].rpartition("/")[0]

    found_ = await ids(ward, f"Observation?subject={base}/Patient/adam")

    assert found_ == {"other"}


async def test_the_count_has_a_limit_and_a_default(caller):
    await caller.push(transaction(*(patient(str(number)) for number in range(60))))

    assert len(await caller.search("Patient")) == 50
    assert len(await caller.search("Patient?_count=100000")) == 60


async def test_audit_events_are_out_of_reach_of_chains(ward):
    answer = await ward.get("/fhir/AuditEvent?patient.identifier=1")

    assert answer.status == 400
    assert "kept apart" in answer.said


async def test_audit_events_and_what_they_tell_of_come_along(ward):
    _, told = await found(ward, "Patient?_id=eve&_revinclude=AuditEvent:entity")
    (event, *_) = await ward.search("AuditEvent?_count=1")
    _, named = await found(
        ward, f"AuditEvent?_id={event['id']}&_include=AuditEvent:entity"
    )

    assert told
    assert named


async def test_what_a_caller_may_not_search_does_not_come_along(strangers):
    nurse = strangers.called(NURSE)

    chained = await nurse.get("/fhir/Patient?_has:AuditEvent:patient:action=R")
    reverse = await nurse.get("/fhir/Patient?_revinclude=AuditEvent:patient")

    assert chained.status == reverse.status == 403


@pytest.mark.parametrize(
    ("charset", "sent"),
    [("unicode-escape", b"name=\\ud800"), ("utf-7", b"name=+2AA-"), ("x", b"name=a")],
)
async def test_a_form_in_a_charset_that_is_no_text_s_is_refused(caller, charset, sent):
    answer = await caller.request(
        "POST",
        "/fhir/Patient/_search",
        sent,
        Content_Type=f"application/x-www-form-urlencoded; charset={charset}",
    )

    assert answer.status == 415
