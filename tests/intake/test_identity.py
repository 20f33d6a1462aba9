"""Identifiers are claims in the log, so that no two writers race."""

import asyncio

from tests.gateway_inside import gateway_inside
from tests.patients import MRN, fresh_record, patient, transaction, urn, vital


def conditional(resource, identifier):
    bundle = transaction(resource)
    bundle["entry"][0]["request"]["ifNoneExist"] = f"identifier={identifier}"
    return bundle


async def test_forty_conditional_creates_at_once_make_one_patient(caller):
    record = fresh_record()

    answers = await asyncio.gather(
        *(
            caller.push(
                conditional(
                    patient(record, name=[{"text": f"Try {n}"}]), f"{MRN}|{record}"
                )
            )
            for n in range(40)
        )
    )

    assert len({each.locations[0].partition("/_history")[0] for each in answers}) == 1
    assert len(await caller.search(f"Patient?identifier={MRN}|{record}")) == 1


async def test_a_condition_holds_though_the_resource_does_not_bear_it(caller):
    first = await caller.push(conditional(patient("a"), f"{MRN}|asked-for"))

    second = await caller.push(conditional(patient("b"), f"{MRN}|asked-for"))

    assert first.locations[0] == second.locations[0]


async def test_one_identifier_may_be_borne_by_each_type(caller):
    sign = {**vital("Patient/x"), "identifier": [{"system": MRN, "value": "7"}]}

    first = await caller.push(conditional(patient("7"), f"{MRN}|7"))
    second = await caller.push(conditional(sign, f"{MRN}|7"))

    assert first.locations[0].startswith("Patient/")
    assert second.locations[0].startswith("Observation/")


async def test_a_value_without_a_system_identifies_nobody(caller):
    bare = patient("1")
    bare["identifier"] = [{"value": "bare"}]
    await caller.create(bare)

    answer = await caller.create(bare, If_None_Exist="identifier=|bare")

    assert answer.status == 400
    assert "system|value" in answer.said


async def test_ids_cannot_be_guessed_from_what_was_sent(caller, tmp_path):
    bundle = transaction(patient("same"), vital(urn(0), at="2026-01-01"))
    here = await caller.push(bundle)
    async with gateway_inside(tmp_path / "other", dev=True) as elsewhere:
        there = await elsewhere.push(bundle)

    assert not set(here.locations) & set(there.locations)


async def test_an_identifier_that_thousands_share_names_none_of_them(caller):
    await caller.push(transaction(*(patient("shared") for _ in range(2000))))

    refused = await caller.create(
        patient("shared"), If_None_Exist=f"identifier={MRN}|shared"
    )
    one_more = await caller.create(patient("shared"))

    assert (refused.status, one_more.status) == (412, 201)


async def test_an_identifier_that_only_one_still_bears_names_it(caller):
    people = [{**patient("shared"), "id": f"p{n}"} for n in range(50)]
    await caller.push(transaction(*people))
    gone = [
        {"request": {"method": "DELETE", "url": f"Patient/p{n}"}} for n in range(1, 50)
    ]
    asked = {
        "fullUrl": urn(0),
        "resource": patient("shared"),
        "request": {
            "method": "POST",
            "url": "Patient",
            "ifNoneExist": f"identifier={MRN}|shared",
        },
    }

    answer = await caller.push(
        {"resourceType": "Bundle", "type": "transaction", "entry": [asked, *gone]}
    )

    assert answer.json["entry"][0]["response"]["location"] == "Patient/p0/_history/1"
