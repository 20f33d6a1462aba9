"""What is sent again: by a name that its sender chose, or by its bytes alone."""

import asyncio

from tests.patients import MRN, patient, transaction, urn, vital

AT_ONCE = 24


def put(gender):
    return transaction({**patient("1"), "id": "eve", "gender": gender})


def named(bundle, value):
    return {**bundle, "identifier": {"system": "urn:example:message", "value": value}}


async def test_one_content_then_another_then_the_first_again_are_three_writes(caller):
    for gender in ("female", "male", "female"):
        await caller.push(put(gender))

    stands = await caller.read("Patient/eve")
    assert (stands["gender"], stands["meta"]["versionId"]) == ("female", "3")


async def test_by_its_name_a_bundle_is_done_once_whatever_moved_since(caller):
    first = await caller.push(named(put("female"), "a"))
    await caller.push(named(put("male"), "b"))

    again = await caller.push(named(put("female"), "a"))

    assert again.json == first.json
    assert (await caller.read("Patient/eve"))["gender"] == "male"


async def test_a_named_bundle_that_comes_many_times_at_once_is_done_once(caller):
    bundle = named(transaction(patient("1"), vital(urn(0), at="2026-01-01")), "c")

    answers = await asyncio.gather(*(caller.push(bundle) for _ in range(AT_ONCE)))

    assert len({each.body for each in answers}) == 1


async def test_of_two_contents_under_one_name_at_once_one_is_kept(caller):
    bundles = [named(put(gender), "d") for gender in ("female", "male")]

    answers = await asyncio.gather(
        *(caller.push_anything(bundles[n % 2]) for n in range(AT_ONCE))
    )

    kept = [each for each in answers if each.status == 200]
    refused = [each for each in answers if each.status != 200]
    assert len(kept) == len(refused) == AT_ONCE // 2
    assert {each.status for each in refused} == {422}
    assert (await caller.read("Patient/eve"))["meta"]["versionId"] == "1"


async def test_a_nameless_bundle_that_comes_many_times_at_once_is_done_once(caller):
    bundle = transaction(patient("1"), {**patient("2"), "id": "eve"})

    answers = await asyncio.gather(*(caller.push(bundle) for _ in range(AT_ONCE)))

    assert len({tuple(each.locations) for each in answers}) == 1


async def test_a_batch_with_a_key_repeats_each_answer(caller):
    entries = [patient("1"), {**patient("2"), "id": "eve"}]
    bundle = transaction(*entries, kind="batch")
    bundle["entry"].append(
        {
            "resource": patient("3"),
            "request": {"method": "PUT", "url": "Patient?_id=adam"},
        }
    )

    first = await caller.push(bundle, Idempotency_Key="e")
    await caller.delete("Patient/eve")
    again = await caller.push(bundle, Idempotency_Key="e")

    assert again.json == first.json


async def test_a_keyed_update_is_not_repeated_over_what_came_after_it(caller):
    first = {**patient("7"), "id": "eve"}
    await caller.put(first, Idempotency_Key="k")
    await caller.put({**first, "gender": "male"})

    again = await caller.put(first, Idempotency_Key="k")
    other = await caller.put({**first, "gender": "other"}, Idempotency_Key="k")

    assert (again.status, again.etag, other.status) == (201, 'W/"1"', 422)
    assert (await caller.read("Patient/eve"))["gender"] == "male"


async def test_a_keyed_deletion_is_not_repeated_on_who_came_back(caller):
    eve = {**patient("7"), "id": "eve"}
    await caller.put(eve)
    await caller.delete("Patient/eve", Idempotency_Key="k")
    await caller.put(eve)

    again = await caller.delete("Patient/eve", Idempotency_Key="k")
    other = await caller.delete("Patient/adam", Idempotency_Key="k")

    assert (again.status, other.status) == (204, 422)
    assert (await caller.read("Patient/eve"))["meta"]["versionId"] == "3"


async def test_a_key_is_not_for_the_same_content_on_another_condition(caller):
    sent = patient("7")
    await caller.create(sent, Idempotency_Key="k", If_None_Exist=f"identifier={MRN}|7")

    other = await caller.create(
        sent, Idempotency_Key="k", If_None_Exist=f"identifier={MRN}|8"
    )

    assert other.status == 422
