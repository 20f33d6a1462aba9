import pytest

from tests.gateway_inside import gateway_inside
from tests.patients import (
    MRN,
    complaint,
    conditional_visit,
    encounter,
    fresh_record,
    patient,
    posted,
    transaction,
    urn,
    visit,
    vital,
)


async def test_references_between_entries_lead_to_their_new_addresses(caller):
    answer = await caller.push(visit(fresh_record(), "cough", ("8867-4", 80)))

    whom, where, what = (each.partition("/_history")[0] for each in answer.locations)
    seen = await caller.read(what)
    assert seen["subject"] == {"reference": whom}
    assert (await caller.read(where))["subject"] == {"reference": whom}


async def test_answers_stand_in_the_order_of_the_entries(caller):
    bundle = transaction(vital(urn(1)), patient("1"), {**patient("2"), "id": "put"})

    answer = await caller.push(bundle)

    kinds = [each.partition("/")[0] for each in answer.locations]
    assert kinds == ["Observation", "Patient", "Patient"]
    assert answer.json["type"] == "transaction-response"
    assert [each["response"]["status"] for each in answer.json["entry"]] == [
        "201 Created",
        "201 Created",
        "201 Created",
    ]


async def test_deletions_come_first_and_reads_come_last(caller):
    await caller.put({**patient("1"), "id": "old"})
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"request": {"method": "GET", "url": "Patient/new"}},
            posted({**patient("1"), "id": "new"}, None),
            {"request": {"method": "DELETE", "url": "Patient/old"}},
        ],
    }

    answer = await caller.push(bundle)

    read, put, deleted = answer.json["entry"]
    assert read["resource"]["id"] == "new"
    assert put["response"]["status"] == "201 Created"
    assert deleted["response"]["status"] == "204 No Content"
    assert (await caller.get("/fhir/Patient/old")).status == 410


async def test_a_conditional_entry_finds_who_is_there(caller):
    first = await caller.push(conditional_visit("7"))

    second = await caller.push(conditional_visit("7", "another complaint"))

    assert second.json["entry"][0]["response"]["status"] == "200 OK"
    assert first.locations[0] == second.locations[0]
    (encountered,) = [
        each
        for each in await caller.search("Encounter")
        if each["reasonCode"][0]["text"] == "another complaint"
    ]
    whom = first.locations[0].partition("/_history")[0]
    assert encountered["subject"]["reference"] == whom


async def test_a_conditional_reference_finds_an_entry_of_the_same_transaction(caller):
    bundle = transaction(
        patient("31"), vital(f"Patient?identifier={MRN}|31", "8867-4", 80)
    )

    answer = await caller.push(bundle)

    whom, what = (each.partition("/_history")[0] for each in answer.locations)
    assert (await caller.read(what))["subject"]["reference"] == whom


async def test_two_conditional_creates_of_one_person_make_one(caller):
    bundle = transaction(patient("32"), patient("32"))
    for each in bundle["entry"]:
        each["request"]["ifNoneExist"] = f"identifier={MRN}|32"

    answer = await caller.push(bundle)

    assert len(set(answer.locations)) == 1
    assert len(await caller.search("Patient")) == 1


async def test_one_entry_that_is_wrong_refuses_all_and_is_named(caller):
    wrong = {**vital(urn(0)), "status": "imaginary"}

    answer = await caller.request(
        "POST", "/fhir", transaction(patient("1"), encounter(urn(0)), wrong)
    )

    assert answer.status == 422
    assert all(place.startswith("Bundle.entry[2]") for place in answer.places)
    assert await caller.search("Patient") == []


async def test_one_entry_that_is_refused_by_what_is_there_refuses_all(caller):
    bundle = transaction(patient("1"), {**patient("2"), "id": "eve"})
    bundle["entry"][1]["request"]["ifMatch"] = 'W/"4"'

    answer = await caller.request("POST", "/fhir", bundle)

    assert answer.status == 412
    assert answer.places == ["Bundle.entry[1]"]
    assert await caller.search("Patient") == []


async def test_an_entry_is_named_by_its_full_url_as_well(caller):
    wrong = {**vital(urn(0)), "status": "imaginary"}
    refused = vital(f"Patient?identifier={MRN}|nobody")

    invalid = await caller.push_anything(transaction(patient("1"), wrong))
    unresolved = await caller.push_anything(transaction(patient("1"), refused))

    assert f"({urn(1)}, line 1, column " in invalid.said
    assert f"({urn(1)})" in unresolved.said


@pytest.mark.parametrize("name", ["urn:uuid:Jane Doe", "http://ehr.example/Patient/7"])
async def test_a_full_url_that_may_tell_something_is_not_repeated(caller, name):
    bundle = transaction(vital(f"Patient?identifier={MRN}|nobody"))
    bundle["entry"][0]["fullUrl"] = name

    answer = await caller.push_anything(bundle)

    assert answer.status in {412, 422}
    assert name not in answer.said


async def test_a_conditional_reference_to_nobody_names_its_entry(caller):
    bundle = transaction(patient("1"), vital(f"Patient?identifier={MRN}|nobody"))

    answer = await caller.request("POST", "/fhir", bundle)

    assert answer.status == 412
    assert answer.places == ["Bundle.entry[1]"]
    assert await caller.search("Patient") == []


async def test_a_reference_to_no_entry_is_refused(caller):
    answer = await caller.request(
        "POST", "/fhir", transaction(patient("1"), vital(urn(9)))
    )

    assert answer.status == 422
    assert answer.places[0].startswith("Bundle.entry[1]")


async def test_an_update_with_if_match_of_the_current_version_is_kept(caller):
    await caller.put({**patient("2"), "id": "eve"})
    bundle = transaction({**patient("2"), "id": "eve", "gender": "male"})
    bundle["entry"][0]["request"]["ifMatch"] = 'W/"1"'

    answer = await caller.push(bundle)

    assert answer.json["entry"][0]["response"]["etag"] == 'W/"2"'


async def test_every_entry_that_stands_in_the_way_is_named(caller):
    known = {**patient("1"), "id": "eve"}
    await caller.put(known)
    await caller.create(patient("2"))
    await caller.create(patient("2"))
    entries = [
        posted(patient("new"), urn(0)),
        posted(known, None, ifMatch='W/"4"'),
        posted(vital(f"Patient?identifier={MRN}|nobody"), urn(1)),
        posted(patient("2"), urn(2), ifNoneExist=f"identifier={MRN}|2"),
        {"request": {"method": "DELETE", "url": "Patient?name=Eve"}},
        posted({**patient("5"), "id": "other"}, None, ifNoneMatch='W/"1"'),
        posted(vital(urn(2)), urn(3)),
    ]

    answer = await caller.push_anything(
        {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    )

    assert answer.status == 400  # they are refused for different reasons
    assert answer.places == [f"Bundle.entry[{index}]" for index in (1, 2, 3, 4, 5)]
    assert answer.codes == [
        "conflict",
        "not-found",
        "multiple-matches",
        "not-supported",
        "not-supported",
    ]
    assert (await caller.get("/fhir/Patient/other")).status == 404


async def test_entries_that_are_refused_alike_give_that_status(caller):
    eve, adam = ({**patient("1"), "id": each} for each in ("eve", "adam"))
    bundle = transaction(eve, adam, patient("3"))
    for entry in bundle["entry"][:2]:
        entry["request"]["ifMatch"] = 'W/"4"'

    answer = await caller.push_anything(bundle)

    assert answer.status == 412
    assert answer.places == ["Bundle.entry[0]", "Bundle.entry[1]"]


async def test_very_many_refusals_are_cut_off(caller):
    stale = transaction(*({**patient(), "id": f"p{n}"} for n in range(150)))
    for entry in stale["entry"]:
        entry["request"]["ifMatch"] = 'W/"4"'
    nobody = (f"Patient?identifier={MRN}|nobody-{n}" for n in range(150))

    for bundle in (stale, transaction(*map(vital, nobody))):
        answer = await caller.push_anything(bundle)

        assert answer.status == 412
        assert len(answer.places) == 100


async def test_a_bundle_with_more_entries_than_the_site_takes_is_refused(tmp_path):
    async with gateway_inside(tmp_path, dev=True, bundle_entries_limit=3) as one:
        large = await one.push_anything(transaction(*[patient()] * 4))
        batch = await one.push_anything(transaction(*[patient()] * 4, kind="batch"))
        small = await one.push_anything(transaction(*[patient()] * 3))

    assert (large.status, batch.status, small.status) == (413, 413, 200)
    assert large.codes == ["too-costly"]
    assert "3 at most" in large.said


async def test_an_entry_s_answer_may_be_an_outcome_with_its_warnings(caller):
    bundle = transaction(patient("1"))

    answer = await caller.push(bundle, Prefer="return=OperationOutcome")

    (entry,) = answer.json["entry"]
    first = entry["response"]["outcome"]["issue"][0]
    assert (first["severity"], first["code"]) == ("information", "informational")
    assert "resource" not in entry


async def test_an_entry_s_answer_may_be_the_resource(caller):
    bundle = transaction(patient("1"), vital(urn(0)))
    bundle["entry"].append(
        {"request": {"method": "DELETE", "url": f"Patient?identifier={MRN}|9"}}
    )

    answer = await caller.push(bundle, Prefer="return=representation")

    whom, what, gone = answer.json["entry"]
    assert whom["resource"]["meta"]["versionId"] == "1"
    assert what["resource"]["subject"]["reference"].startswith("Patient/")
    assert "resource" not in gone


async def test_an_empty_transaction_is_answered(caller):
    answer = await caller.push({"resourceType": "Bundle", "type": "transaction"})

    assert answer.json == {"resourceType": "Bundle", "type": "transaction-response"}


@pytest.mark.parametrize("kind", ["collection", "document", "searchset", "history"])
async def test_only_transaction_and_batch_are_carried_out(caller, kind):
    answer = await caller.request("POST", "/fhir", transaction(patient(), kind=kind))

    assert answer.status == 422


async def test_a_batch_keeps_what_is_right_and_names_what_is_wrong(caller):
    bundle = transaction(
        patient("1"),
        {**patient("2"), "gender": "imaginary"},
        patient("3"),
        kind="batch",
    )

    answer = await caller.push(bundle)

    assert answer.json["type"] == "batch-response"
    first, second, third = (each["response"] for each in answer.json["entry"])
    assert first["status"] == third["status"] == "201 Created"
    assert second["status"].startswith("422")
    (issue,) = second["outcome"]["issue"]
    assert "Bundle.entry[1]" in issue["expression"][0]
    assert len(await caller.search("Patient")) == 2


async def test_a_batch_s_entry_is_refused_alone_by_what_is_there(caller):
    bundle = transaction(patient("1"), {**patient("2"), "id": "eve"}, kind="batch")
    bundle["entry"][1]["request"]["ifMatch"] = 'W/"4"'

    answer = await caller.push(bundle)

    statuses = [each["response"]["status"] for each in answer.json["entry"]]
    assert statuses[0] == "201 Created"
    assert statuses[1].startswith("412")


async def test_a_batch_reads_writes_and_deletes(caller):
    await caller.put({**patient("1"), "id": "old"})
    await caller.put({**patient("2"), "id": "gone"})
    await caller.delete("Patient/gone")
    bundle = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [
            {"request": {"method": "GET", "url": "Patient/old"}},
            {"request": {"method": "GET", "url": "Patient/gone"}},
            {"request": {"method": "GET", "url": "Patient/nobody"}},
            {"request": {"method": "GET", "url": "Patient?gender=male"}},
            posted({**patient("4"), "id": "new"}, None),
            {"request": {"method": "DELETE", "url": "Patient/new-too"}},
        ],
    }

    answer = await caller.push(bundle)

    statuses = [each["response"]["status"][:3] for each in answer.json["entry"]]
    assert statuses == ["200", "410", "404", "200", "201", "204"]


async def test_a_repeated_batch_makes_nothing_twice(caller):
    bundle = transaction(patient("1"), patient("2"), kind="batch")

    first, second = await caller.push(bundle), await caller.push(bundle)

    assert first.locations == second.locations
    assert len(await caller.search("Patient")) == 2


async def test_a_large_bundle_is_read_off_the_event_loop_and_kept(caller):
    resources = [complaint(urn(0), f"{n}" + " pain" * 90) for n in range(600)]

    answer = await caller.push(transaction(patient("1"), *resources))

    assert len(answer.json["entry"]) == 601


@pytest.mark.parametrize("path", ["/fhir", "/fhir/"])
async def test_the_base_may_end_with_a_slash(caller, path):
    answer = await caller.request("POST", path, transaction(patient(path)))

    assert answer.status == 200
