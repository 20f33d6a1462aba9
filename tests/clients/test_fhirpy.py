"""The story of an integration, told by fhirpy."""

import pytest
from fhirpy import AsyncFHIRClient
from fhirpy.base.exceptions import MultipleResourcesFound, OperationOutcome

from tests.clients.story import token_of, waiting_task
from tests.patients import MRN, complaint, fresh_record, patient, vital
from tests.worklist import acuity, output, version_of


def client(door, token, **headers):
    return AsyncFHIRClient(
        door.base, authorization=f"Bearer {token}", extra_headers=headers
    )


@pytest.fixture(scope="module")
def token(door):
    return token_of(door)


@pytest.fixture
def feed(door, token):
    return client(door, token)


@pytest.fixture
async def known(feed):
    """A patient whom the gateway knows."""
    return await feed.resource("Patient", **patient(fresh_record())).create()


async def test_a_conditional_create_finds_who_is_known(feed, known):
    record = known["identifier"][0]["value"]
    found = feed.resources("Patient").search(identifier=f"{MRN}|{record}")

    again, created = await found.get_or_create(
        feed.resource("Patient", **patient(record))
    )

    assert not created
    assert again.id == known.id


async def test_a_transaction_is_answered_entry_by_entry(feed, known):
    whom = f"Patient/{known.id}"
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "resource": vital(whom),
                "request": {"method": "POST", "url": "Observation"},
            }
            for _ in range(3)
        ],
    }

    answer = await feed.execute("", data=bundle)

    assert answer["type"] == "transaction-response"
    assert [each.response.status for each in answer.entry] == ["201 Created"] * 3


async def test_every_page_of_a_search_is_followed(feed, known):
    whom = f"Patient/{known.id}"
    made = [
        await feed.resource("Observation", **vital(whom, value=70 + number)).create()
        for number in range(5)
    ]

    found = feed.resources("Observation").search(patient=known.id).limit(2)

    assert [each.id async for each in found] != []
    assert {each.id for each in await found.fetch_all()} == {each.id for each in made}


async def test_what_was_written_is_read(feed, known):
    read = await feed.get("Patient", known.id)

    assert read["birthDate"] == known["birthDate"]


async def test_a_stale_version_is_refused(door, token, known):
    stale = client(door, token, **{"If-Match": version_of(known)})
    await stale.resource("Patient", **{**known, "active": True}).update()

    with pytest.raises(MultipleResourcesFound, match="OperationOutcome"):  # its 412
        await stale.resource("Patient", **{**known, "active": False}).update()


async def test_an_invalid_resource_is_refused_with_its_place(feed):
    with pytest.raises(OperationOutcome) as refused:
        await feed.resource("Patient", gender="banana").create()

    assert refused.value.resource["issue"][0]["expression"] == ["Patient.gender"]


async def test_a_nurse_completes_a_task(door, feed, known):
    reason = complaint(f"Patient/{known.id}", "crushing chest pain")
    await feed.resource("Observation", **reason).create()
    task = await waiting_task(door, known.id)

    for change in (
        {"status": "accepted"},
        {"status": "in-progress"},
        {
            "status": "completed",
            "output": [output("decision", "accepted"), output("acuity", acuity(task))],
        },
    ):
        nurse = client(door, door.nurse, **{"If-Match": version_of(task)})
        task = await nurse.resource("Task", **{**task, **change}).update()

    assert task["status"] == "completed"
