"""Promise 1: the same Bundle, however often it is sent, does its work once."""

import asyncio
import json

import aiohttp
import pytest

from tests.callers import FHIR_JSON
from tests.patients import (
    MRN,
    conditional_visit,
    fresh_record,
    patient,
    put_visit,
    statement,
    transaction,
    visit,
    vital,
)
from tests.worklist import assessed, open_task

CLIENTS = 8
PULSE = ("8867-4", 128)


def all_put(record):
    taken = statement(f"Patient/{record}", "warfarin")
    return put_visit(record, "chest pain", PULSE, taken)


KINDS = {
    "posts": lambda record: visit(record, "chest pain", PULSE),
    "conditional posts": lambda record: conditional_visit(record, "chest pain", PULSE),
    "puts": all_put,
    "a batch": lambda record: {**all_put(record), "type": "batch"},
}


async def everything_of(caller, record):
    """Return how many of each there are of the patient with a record number."""
    people = await caller.search(f"Patient?identifier={MRN}|{record}")
    whom = f"Patient/{people[0]['id']}"
    kinds = ("Encounter", "Observation", "ClinicalImpression", "RiskAssessment")
    tasks = await assessed(caller, whom)
    found = {kind: await caller.search(f"{kind}?patient={whom}") for kind in kinds}
    counts = {kind: len(each) for kind, each in found.items()}
    return {"Patient": len(people), "Task": len(tasks), **counts}


ONE_OF_EACH = {
    "Patient": 1,
    "Encounter": 1,
    "Observation": 1,
    "ClinicalImpression": 1,
    "RiskAssessment": 1,
    "Task": 1,
}


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_bundle_from_eight_clients_at_once_is_kept_once(caller, kind):
    record = fresh_record()
    bundle = KINDS[kind](record)

    answers = await asyncio.gather(*(caller.push(bundle) for _ in range(CLIENTS)))

    assert len({tuple(each.locations) for each in answers}) == 1
    assert await everything_of(caller, record) == ONE_OF_EACH


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_bundle_after_a_kill_is_answered_as_before(
    gateway, caller, kind
):
    record = fresh_record()
    bundle = KINDS[kind](record)
    first = await caller.push(bundle)

    gateway.kill()
    gateway.start()
    again = await asyncio.gather(*(caller.push(bundle) for _ in range(CLIENTS)))

    assert {tuple(each.locations) for each in again} == {tuple(first.locations)}
    assert await everything_of(caller, record) == ONE_OF_EACH


async def test_a_lost_answer_and_its_repetition_are_one_request(gateway, caller):
    record = fresh_record()
    bundle = visit(record, "chest pain", PULSE)

    for _ in range(CLIENTS):
        await hang_up_before_the_answer(gateway, bundle)
    answer = await caller.push(bundle)

    assert await everything_of(caller, record) == ONE_OF_EACH
    again = await caller.push(bundle)
    assert again.locations == answer.locations


async def hang_up_before_the_answer(gateway, bundle):
    host, _, port = gateway.base.rpartition("//")[2].partition(":")
    body = json.dumps(bundle).encode()
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /fhir HTTP/1.1\r\nHost: x\r\nContent-Type: "
        + f"{FHIR_JSON}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def test_eight_bundles_of_one_new_patient_make_one_patient_and_one_case(caller):
    record = fresh_record()
    bundles = [
        transaction(
            patient(record),
            vital(f"Patient?identifier={MRN}|{record}", "8867-4", 100 + number),
        )
        for number in range(CLIENTS)
    ]
    for bundle in bundles:
        bundle["entry"][0]["request"]["ifNoneExist"] = f"identifier={MRN}|{record}"

    answers = await asyncio.gather(*map(caller.push, bundles))

    assert len({each.locations[0] for each in answers}) == 1
    assert await everything_of(caller, record) == {
        **ONE_OF_EACH,
        "Encounter": 0,
        "Observation": CLIENTS,
    }


async def test_one_content_then_another_then_the_first_again_are_three_writes(caller):
    record = fresh_record()
    first, second = all_put(record), all_put(record)
    second["entry"][2]["resource"]["valueQuantity"]["value"] = 129

    for bundle in (first, second, first):
        await caller.push(bundle)

    stands = await caller.read(f"Observation/{record}")
    assert stands["valueQuantity"]["value"] == 128
    assert stands["meta"]["versionId"] == "3"
    assert len(await assessed(caller, f"Patient/{record}")) == 1


async def test_a_deletion_between_makes_the_same_bundle_a_new_request(caller):
    record = fresh_record()
    await caller.push(all_put(record))
    await caller.delete(f"Observation/{record}")

    await caller.push(all_put(record))

    assert (await caller.read(f"Observation/{record}"))["meta"]["versionId"] == "3"


async def test_a_posted_bundle_is_repeated_though_a_part_was_updated_since(caller):
    record = fresh_record()
    bundle = visit(record, "chest pain", PULSE)
    first = await caller.push(bundle)
    whom = first.locations[0].partition("/_history")[0]
    changed = {**patient(record), "id": whom.partition("/")[2], "gender": "male"}
    assert (await caller.put(changed)).status == 200

    await caller.push(bundle)

    assert len(await caller.search(f"Patient?identifier={MRN}|{record}")) == 1


async def test_an_idempotency_key_makes_any_bundle_one_request(caller):
    record = fresh_record()
    bundle = visit(record, "chest pain", PULSE)

    first = await caller.push(bundle, Idempotency_Key=record)
    await caller.delete(first.locations[2].partition("/_history")[0])
    again = await caller.push(bundle, Idempotency_Key=record)

    assert again.locations == first.locations


async def test_an_idempotency_key_is_not_for_other_content(caller):
    record = fresh_record()
    await caller.push(visit(record), Idempotency_Key=record)

    answer = await caller.push_anything(
        visit(record, "something else"), Idempotency_Key=record
    )

    assert (answer.status, answer.codes) == (422, ["duplicate"])


async def test_a_bundle_identifier_is_not_for_other_content(caller):
    record = fresh_record()
    named = {"identifier": {"system": "urn:example:message", "value": record}}
    first = await caller.push({**visit(record), **named})

    same = await caller.push({**visit(record), **named})
    other = await caller.push_anything({**visit(record, "something else"), **named})

    assert same.locations == first.locations
    assert (other.status, other.codes) == (422, ["duplicate"])
    assert "Bundle.identifier" in other.said
    assert (await everything_of(caller, record))["Task"] == 1


async def test_new_data_of_an_open_case_never_open_a_second_task(caller):
    record = fresh_record()
    answer = await caller.push(visit(record, "chest pain", PULSE))
    whom = answer.locations[0].partition("/_history")[0]

    await asyncio.gather(
        *(caller.create(vital(whom, "8867-4", 100 + n)) for n in range(CLIENTS))
    )

    assert await open_task(caller, whom)
    assert (await everything_of(caller, record))["Task"] == 1


async def test_a_client_that_is_cut_off_mid_body_changes_nothing(gateway, caller):
    record = fresh_record()
    body = json.dumps(visit(record)).encode()
    host, _, port = gateway.base.rpartition("//")[2].partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /fhir HTTP/1.1\r\nHost: x\r\nContent-Type: "
        + f"{FHIR_JSON}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body[:-20]
    )
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    assert await caller.search(f"Patient?identifier={MRN}|{record}") == []
    assert (await caller.get("/health/ready")).status == 200


async def test_a_gateway_that_is_told_to_stop_finishes_what_it_acknowledged(
    gateway, caller
):
    records = [fresh_record() for _ in range(20)]

    async def push(record):
        try:
            return record, await caller.push(visit(record, "chest pain", PULSE))
        except (aiohttp.ClientError, AssertionError):
            return record, None

    pushing = [asyncio.create_task(push(record)) for record in records]
    await asyncio.sleep(0.05)
    status = await asyncio.to_thread(gateway.stop)
    answers = await asyncio.gather(*pushing)
    gateway.start()

    assert status == 0
    for record, answer in answers:
        if answer is not None:
            assert await everything_of(caller, record) == ONE_OF_EACH
