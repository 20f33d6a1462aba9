"""The story of an integration, told by fhirclient (SMART Health IT)."""

import pytest
from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from fhirclient.models.task import Task
from requests import HTTPError

from tests.clients.story import assertion, waiting_task
from tests.patients import MRN, complaint, fresh_record, patient, transaction, vital
from tests.worklist import acuity, output, version_of


@pytest.fixture(scope="module")
def server(door):
    """A server object that has a token, got by what the capabilities say."""
    client = FHIRClient(
        settings={
            "app_id": door.client_id,
            "api_base": door.base,
            "scope": "system/*.cruds",
            "jwt_token": assertion(door),
        }
    )
    client.prepare()
    client.authorize()
    assert client.ready
    yield client.server
    client.server.session.close()


@pytest.fixture
def known(server):
    """A patient whom the gateway knows."""
    return Patient(Patient(patient(fresh_record())).create(server))


def sent_with(server, **headers):
    """The same server, with headers that fhirclient has no argument for."""
    server.session.headers.clear()
    server.session.headers.update(headers)
    return server


@pytest.fixture(autouse=True)
def _plain_headers(server):
    yield
    server.session.headers.clear()


def test_a_conditional_create_finds_who_is_known(server, known):
    record = known.identifier[0].value
    asking = sent_with(server, **{"If-None-Exist": f"identifier={MRN}|{record}"})

    again = Patient(patient(record)).create(asking)

    assert again["id"] == known.id


def test_a_transaction_is_answered_entry_by_entry(server, known):
    whom = f"Patient/{known.id}"
    bundle = Bundle(transaction(vital(whom), vital(whom)))

    answer = Bundle(bundle.create(server))

    assert answer.type == "transaction-response"
    assert [each.response.status for each in answer.entry] == ["201 Created"] * 2


def test_every_page_of_a_search_is_followed(server, known):
    whom = f"Patient/{known.id}"
    made = {
        Observation(vital(whom, value=70 + number)).create(server)["id"]
        for number in range(5)
    }

    search = Observation.where({"patient": known.id, "_count": "2"})
    found = [each.id for each in search.perform_resources_iter(server)]

    assert len(found) == len(made)
    assert set(found) == made


def test_what_was_written_is_read_by_models_of_r4(server, known):
    read = Patient.read(known.id, server)

    assert read.birthDate.isostring == "1980-03-04"


def test_a_stale_version_is_refused(server, known):
    asking = sent_with(server, **{"If-Match": f'W/"{known.meta.versionId}"'})
    known.active = True
    known.update(asking)

    known.active = False
    with pytest.raises(HTTPError) as refused:
        known.update(asking)

    assert refused.value.response.status_code == 412


async def test_a_nurse_completes_a_task(door, server, known):
    reason = complaint(f"Patient/{known.id}", "crushing chest pain")
    Observation(reason).create(server)
    task = await waiting_task(door, known.id)
    nurse = FHIRClient(settings={"app_id": "nurse", "api_base": door.base}).server

    for change in (
        {"status": "accepted"},
        {"status": "in-progress"},
        {
            "status": "completed",
            "output": [output("decision", "accepted"), output("acuity", acuity(task))],
        },
    ):
        asking = sent_with(
            nurse,
            **{
                "Authorization": f"Bearer {door.nurse}",
                "If-Match": version_of(task),
            },
        )
        task = Task({**task, **change}).update(asking)
    nurse.session.close()

    assert task["status"] == "completed"
