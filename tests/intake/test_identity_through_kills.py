"""One identity stays one resource: many clients at once, kills, and lost answers."""

import asyncio
import json
import random

import aiohttp
import pytest

from tests.callers import FHIR_JSON, Caller, caller_session
from tests.gateway_process import GatewayProcess
from tests.patients import MRN, patient, transaction

CLIENTS = 64
ROUNDS = 3
PATIENCE_S = 180


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    process = GatewayProcess(tmp_path_factory.mktemp("identity"), dev=True).start()
    yield process
    process.stop()


def content(record, number):
    return patient(record, name=[{"text": f"Sent by {number}"}])


async def by_create(caller, record, number):
    answer = await caller.create(
        content(record, number), If_None_Exist=f"identifier={MRN}|{record}"
    )
    return answer.status, answer.headers.get("Location", "")


async def by_transaction(caller, record, number):
    bundle = transaction(content(record, number))
    bundle["entry"][0]["request"]["ifNoneExist"] = f"identifier={MRN}|{record}"
    answer = await caller.push_anything(bundle)
    return answer.status, answer.locations[0] if answer.status == 200 else ""


async def by_key(caller, record, number):
    bundle = transaction(content(record, 0))
    bundle["entry"][0]["request"]["ifNoneExist"] = f"identifier={MRN}|{record}"
    answer = await caller.push_anything(
        bundle, Idempotency_Key=f"{record}/{number % 2}"
    )
    return answer.status, answer.locations[0] if answer.status == 200 else ""


WAYS = (by_create, by_transaction, by_key)


async def hang_up(gateway, record, number):
    """Ask, and leave before the answer."""
    body = json.dumps(content(record, number)).encode()
    port = int(gateway.base.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /fhir/Patient HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: {FHIR_JSON}\r\nContent-Length: {len(body)}\r\n"
        f"If-None-Exist: identifier={MRN}|{record}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def until_answered(gateway, caller, record, number):
    """Ask, and ask again until there is an answer; return where the resource is."""
    while True:
        try:
            if number % 4 == 0:
                await hang_up(gateway, record, number)
            status, location = await WAYS[number % len(WAYS)](caller, record, number)
        except (aiohttp.ClientError, OSError):
            await asyncio.sleep(0.05)
            continue
        if status in {200, 201}:
            return "Patient/" + location.partition("Patient/")[2]
        assert status in {429, 503}, status  # busy: ask again
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("number", range(ROUNDS))
async def test_one_identity_is_one_resource_through_kills_and_lost_answers(
    gateway, number
):
    record = f"round-{number}"
    chance = random.Random(number)
    async with caller_session() as session, asyncio.timeout(PATIENCE_S):
        caller = Caller(session, gateway.base)
        asking = [
            asyncio.create_task(until_answered(gateway, caller, record, each))
            for each in range(CLIENTS)
        ]
        await asyncio.sleep(chance.uniform(0, 0.15))
        gateway.kill()
        await asyncio.to_thread(gateway.start)
        answers = await asyncio.gather(*asking)

        found = await caller.search(f"Patient?identifier={MRN}|{record}")
        again = await caller.create(
            patient(record), If_None_Exist=f"identifier={MRN}|{record}"
        )

    assert len(set(answers)) == 1
    assert [each["id"] for each in found] == [again.json["id"]]
    assert (again.status, again.etag) == (200, 'W/"1"')
