"""Conditional update, patch and delete: named by an identity, not by an id."""

import asyncio

import pytest

from tests.patients import MRN, patient, posted, transaction, urn, visit, vital
from tests.worklist import open_task

JSON_PATCH = "application/json-patch+json"
BY_7 = f"Patient?identifier={MRN}|7"


def update(caller, condition, resource, **headers):
    return caller.request("PUT", f"/fhir/{condition}", resource, **headers)


def bundle(*entries, kind="transaction"):
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def put(condition, resource, **request):
    asked = {"method": "PUT", "url": condition, **request}
    return {"resource": resource, "request": asked}


def delete(url, **request):
    return {"request": {"method": "DELETE", "url": url, **request}}


async def test_an_update_of_nobody_creates(caller):
    answer = await update(caller, BY_7, patient("7"))

    assert (answer.status, answer.etag) == (201, 'W/"1"')
    assert f"/Patient/{answer.json['id']}/_history/1" in answer.headers["Location"]


async def test_an_update_of_nobody_creates_with_the_id_of_the_content(caller):
    answer = await update(caller, BY_7, {**patient("7"), "id": "mine"})

    assert (answer.status, answer.json["id"]) == (201, "mine")


async def test_an_update_of_nobody_does_not_take_an_id_that_is_another_s(caller):
    await caller.put({**patient("8"), "id": "taken"})

    answer = await update(caller, BY_7, {**patient("7"), "id": "taken"})

    assert (answer.status, answer.codes) == (409, ["conflict"])


async def test_an_update_of_somebody_is_a_new_version(caller):
    known = await caller.create(patient("7"))

    answer = await update(caller, BY_7, patient("7", gender="male"))

    assert (answer.status, answer.etag) == (200, 'W/"2"')
    assert answer.json["id"] == known.json["id"]
    assert answer.json["gender"] == "male"


async def test_the_same_update_twice_is_one_version(caller):
    first = await update(caller, BY_7, patient("7"))
    second = await update(caller, BY_7, patient("7"))

    assert (second.status, second.etag) == (200, 'W/"1"')
    assert second.json["id"] == first.json["id"]


async def test_an_update_finds_again_what_does_not_bear_what_it_asked_for(caller):
    first = await update(caller, BY_7, patient("8"))
    second = await update(caller, BY_7, patient("9"))

    assert second.json["id"] == first.json["id"]


async def test_the_id_of_the_content_must_be_that_of_the_match(caller):
    known = await caller.create(patient("7"))

    same = await update(caller, BY_7, {**patient("7"), "id": known.json["id"]})
    other = await update(caller, BY_7, {**patient("7"), "id": "other"})

    assert same.status == 200
    assert (other.status, other.codes) == (400, ["invalid"])


async def test_an_update_that_matches_several_is_refused(caller):
    await caller.create(patient("7"))
    await caller.create(patient("7"))

    answer = await update(caller, BY_7, patient("7"))

    assert (answer.status, answer.codes) == (412, ["multiple-matches"])


async def test_an_update_may_name_the_id(caller):
    created = await update(caller, "Patient?_id=eve", patient("7"))
    updated = await update(caller, "Patient?_id=eve", patient("8"))

    assert (created.status, created.json["id"]) == (201, "eve")
    assert (updated.status, updated.json["id"]) == (200, "eve")


async def test_a_condition_may_ask_for_a_form_of_the_answer(caller):
    answer = await update(caller, f"{BY_7}&_format=json", patient("7"))

    assert answer.status == 201


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize(
    "query",
    [
        "name=Eve",
        "identifier=7",
        "identifier=|7",
        "_id=",
        "_id=a/b",
        "_id=a&_id=b",
        f"identifier={MRN}|7&gender=male",
        "_format=json",
    ],
)
async def test_another_condition_is_refused_with_what_is_supported(
    caller, method, query
):
    body = {"DELETE": None, "PUT": patient("7"), "PATCH": []}[method]
    media = {"Content_Type": JSON_PATCH} if method == "PATCH" else {}

    answer = await caller.request(method, f"/fhir/Patient?{query}", body, **media)

    assert (answer.status, answer.codes) == (400, ["not-supported"])
    assert "identifier=system|value" in answer.said
    assert "_id=id" in answer.said


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_a_type_alone_names_nothing(caller, method):
    media = {"Content_Type": JSON_PATCH} if method == "PATCH" else {}
    body = None if method == "DELETE" else patient("7")

    answer = await caller.request(method, "/fhir/Patient", body, **media)

    assert answer.status == 405
    assert "POST" in answer.headers["Allow"]


async def test_an_update_that_believes_in_another_version_is_refused(caller):
    await caller.create(patient("7"))

    stale = await update(caller, BY_7, patient("7", gender="male"), If_Match='W/"2"')
    known = await update(caller, BY_7, patient("7", gender="male"), If_Match='W/"1"')

    assert (stale.status, known.status) == (412, 200)


async def test_a_deletion_of_nobody_is_no_error(caller):
    answer = await caller.delete(BY_7)

    assert (answer.status, answer.body) == (204, b"")


async def test_a_deletion_of_nobody_that_believes_in_a_version_is_refused(caller):
    assert (await caller.delete(BY_7, If_Match='W/"1"')).status == 412


async def test_a_deletion_of_one_deletes_it(caller):
    known = await caller.create(patient("7"))

    answer = await caller.delete(BY_7)

    assert answer.status == 204
    assert (await caller.get(f"/fhir/Patient/{known.json['id']}")).status == 410
    assert (await caller.delete(BY_7)).status == 204


async def test_a_deletion_that_matches_several_deletes_none(caller):
    known = [(await caller.create(patient("7"))).json["id"] for _ in range(2)]

    answer = await caller.delete(BY_7)

    assert (answer.status, answer.codes) == (412, ["multiple-matches"])
    for each in known:
        await caller.read(f"Patient/{each}")


async def test_a_deletion_may_name_the_id(caller):
    await caller.put({**patient("7"), "id": "eve"})

    assert (await caller.delete("Patient?_id=eve")).status == 204
    assert (await caller.delete("Patient?_id=nobody")).status == 204
    assert (await caller.get("/fhir/Patient/eve")).status == 410


async def test_a_transaction_updates_and_deletes_by_identity(caller):
    known = await caller.create(patient("7"))
    gone = await caller.create(patient("8"))

    answer = await caller.push(
        bundle(
            put(BY_7, patient("7", gender="male")),
            delete(f"Patient?identifier={MRN}|8"),
            delete(f"Patient?identifier={MRN}|nobody"),
            put(f"Patient?identifier={MRN}|9", patient("9")),
        )
    )

    responses = [each["response"] for each in answer.json["entry"]]
    statuses = [each["status"][:3] for each in responses]
    assert statuses == ["200", "204", "204", "201"]
    assert responses[0]["location"] == f"Patient/{known.json['id']}/_history/2"
    assert "etag" not in responses[2]
    assert (await caller.get(f"/fhir/Patient/{gone.json['id']}")).status == 410


async def test_a_repeated_deletion_of_nobody_deletes_who_has_come(caller):
    asked = bundle(delete(BY_7))
    await caller.push(asked)
    await caller.push(asked)
    known = await caller.create(patient("7"))

    await caller.push(asked)

    assert (await caller.get(f"/fhir/Patient/{known.json['id']}")).status == 410


async def test_a_named_transaction_repeats_its_answers_word_by_word(caller):
    asked = bundle(delete(BY_7), put(f"Patient?identifier={MRN}|8", patient("8")))

    first = await caller.push(asked, Idempotency_Key="once")
    again = await caller.push(asked, Idempotency_Key="once")

    assert first.json == again.json


async def test_others_refer_to_what_an_entry_updates_by_identity(caller):
    known = await caller.create(patient("7"))
    whom = {**put(BY_7, patient("7", gender="male")), "fullUrl": urn(0)}
    more = f"Patient?identifier={MRN}|new"
    fresh = {**put(more, patient("new")), "fullUrl": urn(1)}

    answer = await caller.push(
        bundle(
            posted(vital(urn(0)), urn(2)),
            posted(vital(urn(1)), urn(3)),
            posted(vital(more), urn(4)),
            whom,
            fresh,
        )
    )

    first, second, third, _, created = (
        each.partition("/_history")[0] for each in answer.locations
    )
    whose = [
        (await caller.read(each))["subject"]["reference"]
        for each in (first, second, third)
    ]
    assert whose == [f"Patient/{known.json['id']}", created, created]


@pytest.mark.parametrize(
    "second",
    [
        put("Patient/eve", {**patient("7"), "id": "eve"}),
        put("Patient?_id=eve", patient("7")),
    ],
)
async def test_two_entries_do_not_write_to_one_resource(caller, second):
    await caller.put({**patient("7"), "id": "eve"})

    answer = await caller.push_anything(
        bundle(put(BY_7, patient("7", gender="male")), second)
    )

    assert answer.status == 422
    assert "one entry say all" in answer.said
    assert (await caller.read("Patient/eve"))["meta"]["versionId"] == "1"


@pytest.mark.parametrize("first", ["Patient/eve", "Patient?_id=eve"])
async def test_who_is_deleted_is_not_created_anew_by_identity(caller, first):
    """Identities that a condition resolves to overlap, too (R4, http.html#trules)."""
    await caller.put({**patient("7"), "id": "eve"})

    answer = await caller.push_anything(bundle(put(BY_7, patient("7")), delete(first)))

    assert (answer.status, answer.places) == (422, ["Bundle.entry[0]"])
    assert (await caller.read("Patient/eve"))["meta"]["versionId"] == "1"


async def test_a_number_that_moves_on_does_not_make_somebody_new(caller):
    await caller.put({**patient("7"), "id": "eve"})
    moved = put("Patient/eve", {**patient("8"), "id": "eve"})

    answer = await caller.push_anything(bundle(moved, put(BY_7, patient("7"))))

    assert (answer.status, answer.places) == (422, ["Bundle.entry[1]"])


async def test_what_a_transaction_creates_it_does_not_update_by_identity(caller):
    asked = transaction(patient("7"))
    asked["entry"].append(put(BY_7, patient("7", gender="male")))

    answer = await caller.push_anything(asked)

    assert answer.status == 422
    assert answer.places == ["Bundle.entry[1]"]


async def test_a_conditional_reference_does_not_lead_to_what_is_deleted(caller):
    await caller.put({**patient("7"), "id": "eve"})
    asked = transaction(vital(BY_7))
    asked["entry"].append(delete("Patient/eve"))

    answer = await caller.push_anything(asked)

    assert answer.status == 412
    assert "matches nothing" in answer.said


async def test_a_batch_updates_and_deletes_by_identity(caller):
    await caller.create(patient("7"))
    await caller.create(patient("7"))

    answer = await caller.push(
        bundle(
            put(BY_7, patient("7")),
            put(f"Patient?identifier={MRN}|8", patient("8")),
            delete("Patient?name=Eve"),
            delete(f"Patient?identifier={MRN}|9"),
            kind="batch",
        )
    )

    statuses = [each["response"]["status"][:3] for each in answer.json["entry"]]
    assert statuses == ["412", "201", "400", "204"]


async def test_a_put_only_if_absent_creates_and_never_updates(caller):
    eve = {**patient("7"), "id": "eve"}

    first = await caller.put(eve, If_None_Match="*")
    again = await caller.put(eve, If_None_Match="*")
    await caller.delete("Patient/eve")
    revived = await caller.put(eve, If_None_Match="*")

    assert (first.status, again.status, revived.status) == (201, 412, 201)
    assert "create only" in again.said


async def test_a_put_by_identity_only_if_absent_never_updates(caller):
    first = await update(caller, BY_7, patient("7"), If_None_Match="*")
    again = await update(caller, BY_7, patient("7"), If_None_Match="*")

    assert (first.status, again.status) == (201, 412)


async def test_a_put_takes_no_other_if_none_match(caller):
    eve = {**patient("7"), "id": "eve"}

    alone = await caller.put(eve, If_None_Match='W/"1"')
    entry = await caller.push_anything(
        bundle(put("Patient/eve", eve, ifNoneMatch='W/"1"'))
    )

    assert alone.status == entry.status == 400
    assert entry.places == ["Bundle.entry[0]"]


async def test_an_entry_only_if_absent_is_refused_where_something_is(caller):
    eve = {**patient("7"), "id": "eve"}
    asked = bundle(put("Patient/eve", eve, ifNoneMatch="*"))

    first = await caller.push_anything(asked)
    await caller.put({**eve, "gender": "male"})
    again = await caller.push_anything(asked)

    assert (first.status, again.status) == (200, 412)


async def test_forty_updates_by_one_identity_at_once_make_one_patient(caller):
    answers = await asyncio.gather(
        *(
            update(caller, BY_7, patient("7", name=[{"text": f"{n}"}]))
            for n in range(40)
        )
    )

    assert {each.status for each in answers} == {200, 201}
    assert len({each.json["id"] for each in answers}) == 1
    versions = sorted(int(each.json["meta"]["versionId"]) for each in answers)
    assert versions == list(range(1, 41))


async def test_the_task_of_a_case_is_written_by_no_condition(caller):
    pushed = await caller.push(visit("7", "chest pain", ("8867-4", 120)))
    whom = pushed.locations[0].partition("/_history")[0]
    task = await open_task(caller, whom)
    content = {key: each for key, each in task.items() if key != "id"}

    updated = await update(caller, f"Task?_id={task['id']}", content)
    deleted = await caller.delete(f"Task?_id={task['id']}")

    assert updated.status == deleted.status == 409
