"""No name, identifier, complaint or patient's id is readable outside an answer."""

import pytest
import pytest_asyncio

from tests.callers import FEED, NURSE, Caller, caller_session, token
from tests.gateway_process import GatewayProcess
from tests.patients import MRN, complaint, statement, transaction, urn, visit, vital
from tests.worklist import completed, open_task

RECORD = "MRN-55512399"
FAMILY = "Featherstonehaugh"
COMPLAINT = "crushing unicorn pain since breakfast"
MEDICINE = "warfarin-quux"
NOTE = "The nurse thinks of porcupines."
CHOSEN = "chosen-id-zebra-77"
pytestmark = pytest.mark.asyncio(loop_scope="module")
SECRETS = [RECORD, FAMILY, COMPLAINT, "unicorn", MEDICINE, "porcupines"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lived(tmp_path_factory):
    """A gateway that has seen a patient, wrong requests and a review, still running."""
    process = GatewayProcess(tmp_path_factory.mktemp("secret")).start()
    errors = []
    async with caller_session() as session:
        stranger = Caller(session, process.base)
        feed, nurse = stranger.called(FEED), stranger.called(NURSE)
        bundle = visit(RECORD, COMPLAINT, ("59408-5", 80))
        bundle["entry"][0]["resource"]["name"] = [{"family": FAMILY}]
        whom = (await feed.push(bundle)).locations[0].partition("/_history")[0]
        await feed.push(transaction(statement(whom, MEDICINE)))
        await feed.put({**complaint(whom, COMPLAINT), "id": CHOSEN})
        await feed.put({**vital(f"Patient/{CHOSEN}", "8867-4", 90), "id": CHOSEN})
        await feed.search(f"Patient?identifier={MRN}|{RECORD}")
        task = await open_task(nurse, whom)
        await completed(
            nurse, task, decision="overridden", acuity=3, reason=NOTE, notes=NOTE
        )
        wrong = {**bundle["entry"][0]["resource"], "mood": COMPLAINT}
        errors += [
            await feed.create(wrong),
            await feed.push_anything(transaction(wrong, vital(urn(7)))),
            await feed.get(f"/fhir/Patient?identifier:exact={RECORD}"),
            await feed.get(f"/fhir/Patient?_sort={RECORD}"),
            await feed.get(f"/fhir/Patient/{RECORD}/{FAMILY}"),
            await feed.get(f"/fhir/Patient/{RECORD}"),
            await feed.create(wrong, If_None_Exist=f"name={FAMILY}"),
            await feed.put({**vital(whom), "id": CHOSEN}, If_Match='W/"77"'),
            await nurse.put({**wrong, "id": CHOSEN}),
            await stranger.get(f"/fhir/Patient/{CHOSEN}"),
            await stranger.get("/metrics"),
            await stranger.get("/health/ready"),
        ]
    yield process, [CHOSEN, whom.partition("/")[2]], errors
    process.stop()


def holding(folder, secrets):
    """Return which file of a folder holds which secret."""
    files = [each for each in folder.rglob("*") if each.is_file()]
    assert files
    return {
        (file.name, secret)
        for file in files
        for secret in secrets
        if secret.encode() in file.read_bytes()
    }


async def test_no_file_of_the_data_folder_holds_what_is_said_of_a_patient(lived):
    process, _, _ = lived

    assert holding(process.data, SECRETS) == set()


async def test_no_file_of_the_log_holds_a_patient_s_id(lived):
    process, ids, _ = lived

    assert {
        each for each in holding(process.data, ids) if "projections" not in each[0]
    } == set()


async def test_no_file_of_the_read_models_holds_a_patient_s_id(lived):
    process, ids, _ = lived

    assert holding(process.data, ids) == set()


async def test_no_line_of_the_log_output_holds_a_secret(lived):
    process, ids, _ = lived

    assert "http.answered" in process.output
    assert [each for each in (*SECRETS, *ids) if each in process.output] == []
    assert token(FEED) not in process.output


async def test_no_error_and_no_metric_holds_a_secret(lived):
    _, ids, errors = lived

    assert len([each for each in errors if each.status >= 400]) == len(errors) - 2
    for answer in errors:
        text = answer.body.decode()
        assert [each for each in (*SECRETS, *ids) if each in text] == []
        assert token(FEED) not in text
