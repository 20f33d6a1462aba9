"""One of two patients is erased; nothing of her is left, and nothing of him is lost."""

import base64
import json
import shutil

import pytest

from gateway.store.erasures import kept
from inference.knowledge import starter_folder
from tests.callers import AUDITOR, FEED, NURSE
from tests.erasure.command import audited, erase, run
from tests.erasure.stories import Marked, live
from tests.gateway_inside import gateway_inside
from tests.model_server import NAME, model_server
from tests.patients import MRN, complaint, statement, transaction, vital
from tests.worklist import open_task, step, until

RULES = {"rules": {"binding": "quarantine"}}
EVE, ADAM = ("evevev", "eve-chosen-1"), ("adamam", "adam-chosen-2")


def both():
    return Marked(*EVE), Marked(*ADAM)


async def seen(feed, path):
    answer = await feed.get(f"/fhir/{path}")
    return answer.status, answer.body


async def test_she_is_gone_everywhere_and_he_is_as_he_was(tmp_path):
    data, (eve, adam) = tmp_path / "data", both()
    async with gateway_inside(data, **RULES) as one:
        her_task, his_task = await live(one, eve), await live(one, adam)
        feed, nurse = one.called(FEED), one.called(NURSE)
        before = [await seen(nurse, path) for path in (adam.name, his_task)]
        trail = await one.called(AUDITOR).search(f"AuditEvent?patient={adam.name}")

    done = await erase(data, eve.id)

    assert done.exit_code == 0, done.output
    assert "no value of the patient was found in any file" in done.output
    assert not any(value in done.output for value in eve.values)
    assert "same" in await audited(data)
    async with gateway_inside(data, **RULES) as one:
        feed, nurse = one.called(FEED), one.called(NURSE)
        case = her_task.partition("/")[2][:36]
        for path in (
            eve.name,
            f"{eve.name}/_history/1",
            f"{eve.name}/_history",
            f"{eve.name}/$everything",
            f"Observation/{eve.observation}",
            her_task,
            f"ClinicalImpression/{case}",
        ):
            assert (await nurse.get(f"/fhir/{path}")).status == 410, path
        assert (await nurse.get("/fhir/Patient/never")).status == 404
        for gone in (eve.name, "Patient/never"):  # R4, http.html#delete: both are 204
            assert (await feed.delete(gone)).status == 204
        assert (await nurse.get(f"/fhir/{eve.name}")).status == 410
        assert await feed.search(f"Patient?identifier={MRN}|{eve.record}") == []
        assert [each["id"] for each in await feed.search("Patient")] == [adam.id]
        assert await nurse.search("Task?status=requested") == []
        assert [await seen(nurse, path) for path in (adam.name, his_task)] == before
        again = await one.called(AUDITOR).search(f"AuditEvent?patient={adam.name}")
        assert {each["id"] for each in trail} <= {each["id"] for each in again}
        waiting = await feed.get("/fhir/$quarantine")
        assert len(waiting.resources) == 1
    assert "same" in await audited(data)


async def test_what_was_carried_out_for_her_is_not_carried_out_again(tmp_path):
    data, (eve, adam) = tmp_path / "data", both()
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(eve.bundle)
        await feed.push(transaction(eve.patient, adam.patient, id="of-both"))
        await feed.put({**adam.patient, "active": True}, Idempotency_Key="his")

    assert (await erase(data, eve.id)).exit_code == 0

    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        again = await feed.push_anything(eve.bundle)
        of_both = transaction(eve.patient, adam.patient, id="of-both")
        assert (again.status, (await feed.push_anything(of_both)).status) == (410, 410)
        assert "new request" in again.said
        assert (await feed.get(f"/fhir/{eve.name}")).status == 410
        his = {**adam.patient, "active": True}
        assert (await feed.put(his, Idempotency_Key="his")).status == 200


async def test_new_data_for_the_same_person_are_a_new_start(tmp_path):
    data, (eve, _) = tmp_path / "data", both()
    async with gateway_inside(data, **RULES) as one:
        await one.called(FEED).push(eve.bundle)
    assert (await erase(data, eve.id)).exit_code == 0

    async with gateway_inside(data, **RULES) as one:
        feed, nurse = one.called(FEED), one.called(NURSE)
        answer = await feed.push_anything(eve.bundle, Idempotency_Key="anew")
        task = await open_task(nurse, eve.name)
        read = await feed.read(eve.name)
        old = await feed.get(f"/fhir/{eve.name}/_history/1")

    assert [each["response"]["status"][:3] for each in answer.json["entry"]] == [
        "201",
        "201",
    ]
    assert read["meta"]["versionId"] == "2"
    assert old.status == 410
    assert task["status"] == "requested"
    assert "same" in await audited(data)


async def test_the_proof_is_signed_and_names_nobody(tmp_path):
    data, (eve, _) = tmp_path / "data", both()
    async with gateway_inside(data, **RULES) as one:
        await one.called(FEED).push(eve.bundle)
    await erase(data, eve.id, "--reason", "withdrawn-consent")

    (proof,) = kept(data)

    assert proof.erasure.reason == "withdrawn-consent"
    assert proof.erasure.keys
    assert not any(value in str(proof) for value in eve.values)
    shown = await run("erasures", "--data", data)
    assert shown.exit_code == 0, shown.output
    assert "signed by this log" in shown.output
    (path,) = (data / "erasures").iterdir()
    path.write_text(path.read_text().replace("withdrawn-consent", "because"))
    assert (await run("erasures", "--data", data)).exit_code == 1


async def test_proofs_from_before_and_after_a_new_signing_key_are_known(tmp_path):
    data, pair = tmp_path / "data", both()
    async with gateway_inside(data, **RULES) as one:
        for each in pair:
            await one.called(FEED).push(each.bundle)
    await erase(data, pair[0].id)
    await run("audit", "rotate-signing-key", "--data", data)
    await erase(data, pair[1].id)
    told = await run("audit", "export", "--data", data, "--output", tmp_path / "log")
    assert told.exit_code == 0, told.output
    first = json.loads((tmp_path / "log").read_text().partition("\n")[0])["public_key"]

    shown = await run("erasures", "--data", data)
    known = ("erasures", "--data", data, "--public-key")
    known_first = await run(*known, base64.b64decode(first).hex())
    stranger = await run(*known, "ab" * 32)

    assert shown.exit_code == 0, shown.output
    assert shown.output.count("\nsigned by this log") == 2
    assert known_first.output == shown.output
    assert stranger.exit_code == 1
    assert "No key that this log ever had is the one you gave" in stranger.output


async def test_an_erasure_asks_and_takes_an_id_or_y_for_a_yes(tmp_path):
    data, (eve, _) = tmp_path / "data", both()
    async with gateway_inside(data, **RULES) as one:
        await one.called(FEED).push(eve.bundle)

    refused = await erase(data, eve.id, typed="no\n")

    assert refused.exit_code == 1
    assert "Nothing was erased" in refused.output
    assert (await erase(data, eve.id, typed=f"{eve.id}\n")).exit_code == 0
    again = await erase(data, eve.id, typed="")
    assert again.exit_code == 0
    assert "erased before" in again.output


@pytest.mark.parametrize("wrong", [{"patient": None}, {"due": True}])
async def test_one_patient_is_named_or_all_that_are_due(tmp_path, wrong):
    named = ["--patient", "x", "--due"] if "due" in wrong else []

    answer = await run("erase", "--data", tmp_path, "--by", "x", *named)

    assert answer.exit_code == 2


@pytest.mark.parametrize("who", ["me\nposition 1", "me\x1b[8m", "me\r"])
async def test_who_decides_is_one_line_of_the_proof(tmp_path, who):
    words = ("--data", tmp_path, "--patient", "1", "--by", who, "--yes")

    done = await run("erase", *words)

    assert done.exit_code == 2
    assert "in one line" in done.output


async def test_somebody_unknown_and_a_log_that_is_written_are_refused(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data, **RULES):
        busy = await erase(data, "nobody")
    unknown = await erase(data, "nobody")

    assert (busy.exit_code, unknown.exit_code) == (1, 1)
    assert "Stop it first" in busy.output
    assert "nothing of this patient: look at the id" in unknown.output


async def test_a_legal_hold_keeps_her_until_it_is_lifted(tmp_path):
    data, (eve, _) = tmp_path / "data", both()
    async with gateway_inside(data, **RULES) as one:
        await one.called(FEED).push(eve.bundle)
    words = ("--data", data, "--patient", eve.id, "--by", "court")

    held = await run("hold", *words, "--set", "--reason", "case 7")
    twice = await run("hold", *words, "--set", "--reason", "case 7")
    refused = await erase(data, eve.id)
    lifted = await run("hold", *words, "--lift", "--reason", "closed")

    assert "hold set" in held.output
    assert "set before" in twice.output
    assert refused.exit_code == 1
    assert "A legal hold is set" in refused.output
    assert "hold lifted" in lifted.output
    assert "same" in await audited(data)
    assert (await erase(data, eve.id)).exit_code == 0
    gone = await run("hold", *words, "--set", "--reason", "late")
    assert "any more" in gone.output
    assert (await run("hold", "--data", data, "--by", "x", "--reason", "x")).exit_code


async def test_times_of_keeping_are_in_the_log_and_rule_erasures(tmp_path):
    data, (eve, adam) = tmp_path / "data", both()
    async with gateway_inside(data, retention_least_days=30, **RULES) as one:
        await one.called(FEED).push(eve.bundle)
    soon = await erase(data, eve.id)
    async with gateway_inside(data, retention_most_days=0, **RULES) as one:
        await one.called(FEED).push(adam.bundle)
    words = ("--data", data, "--patient", adam.id, "--by", "x", "--reason", "y")
    await run("hold", *words, "--set")

    due = await run("erase", "--data", data, "--due", "--by", "x", "--yes")

    assert soon.exit_code == 1
    assert "for 30 days" in soon.output
    assert due.exit_code == 0, due.output
    assert f"due: {eve.name}" in due.output
    assert adam.name not in due.output


async def test_a_link_and_what_was_judged_on_both_goes_with_either(tmp_path):
    data, (eve, adam) = tmp_path / "data", both()
    async with gateway_inside(data, **RULES) as one:
        feed, nurse = one.called(FEED), one.called(NURSE)
        await feed.push(eve.bundle)
        await feed.push(transaction(statement(eve.name, "warfarin")))
        link = {"other": {"reference": eve.name}, "type": "seealso"}
        await feed.push(adam.bundle)
        await feed.put({**adam.patient, "link": [link]})

        async def judged_on_both():
            task = await open_task(nurse, adam.name)
            return task if "MedicationStatement" in str(task) else None

        await until(judged_on_both)

    assert (await erase(data, eve.id)).exit_code == 0

    assert "same" in await audited(data)
    async with gateway_inside(data, **RULES) as one:
        nurse = one.called(NURSE)

        async def judged_alone():
            task = await open_task(nurse, adam.name)
            return task if "MedicationStatement" not in str(task) else None

        await until(judged_alone)
        assert (await nurse.get(f"/fhir/{eve.name}")).status == 410
    assert "same" in await audited(data)


async def test_what_was_hers_by_mistake_before_does_not_come_back(tmp_path):
    """A resource was corrected from one patient to another, who is then erased."""
    data, (eve, adam) = tmp_path / "data", both()
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(transaction(eve.patient, adam.patient))
        await feed.put({**vital(adam.name), "id": "moved"})
        await feed.put({**vital(eve.name), "id": "moved"})

    assert (await erase(data, eve.id)).exit_code == 0

    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        assert (await feed.get("/fhir/Observation/moved")).status == 410
        assert await feed.search(f"Observation?patient={adam.name}") == []
        assert (await feed.get("/fhir/Observation/moved/_history/1")).status == 200
    assert "same" in await audited(data)


async def test_what_nobody_could_assign_goes_where_it_names_her(tmp_path):
    data, (eve, adam) = tmp_path / "data", both()
    person = {"resourceType": "Person", "name": eve.patient["name"], "id": "p1"}
    other = {"resourceType": "Person", "name": adam.patient["name"], "id": "p2"}
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(eve.bundle)
        await feed.push(transaction(person, other))
        asked = f"family={eve.family}&given={eve.given}&birthdate=1900-01-01"
        await feed.search(f"Patient?{asked}")

    done = await erase(data, eve.id)

    assert "still name" not in done.output
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        assert (await feed.get("/fhir/Person/p1")).status == 410
        assert (await feed.get("/fhir/Person/p2")).status == 200
        trail = await one.called(AUDITOR).search("AuditEvent?_count=500")
        assert eve.family not in str(trail)


async def test_what_others_say_of_her_stays_theirs_and_is_counted(tmp_path):
    data, (eve, adam) = tmp_path / "data", both()
    about = {**complaint(adam.name, "a visitor"), "id": "hers"}
    about["performer"] = [{"reference": eve.name}]
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(transaction(eve.patient, adam.patient))
        await feed.put(about)

    done = await erase(data, eve.id)

    assert "events of others that still name the patient: 1" in done.output
    async with gateway_inside(data, **RULES) as one:
        assert eve.name in str(await one.called(FEED).read("Observation/hers"))


async def test_answers_of_asynchronous_requests_go_too(tmp_path):
    data, (eve, _) = tmp_path / "data", both()
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        accepted = await feed.push_anything(eve.bundle, Prefer="respond-async")
        where = accepted.headers["Content-Location"].partition("/fhir")[2]

        async def done():
            return (await feed.get(f"/fhir{where}")).status == 200

        await until(done)

    erased = await erase(data, eve.id)

    assert "answers of asynchronous requests removed: 1" in erased.output
    async with gateway_inside(data, **RULES) as one:
        assert (await one.called(FEED).get(f"/fhir{where}")).status == 404


async def test_a_file_that_somebody_left_in_the_folder_is_found(tmp_path):
    data, (eve, _) = tmp_path / "data", both()
    async with gateway_inside(data, **RULES) as one:
        await one.called(FEED).push(eve.bundle)
    (data / "notes.txt").write_text(f"call {eve.family} back")

    done = await erase(data, eve.id)

    assert done.exit_code == 1
    assert "notes.txt" in done.output
    assert eve.family not in done.output


async def test_a_copy_of_the_log_in_the_folder_still_holds_her_key(tmp_path):
    data, (eve, _) = tmp_path / "data", both()
    async with gateway_inside(data, **RULES) as one:
        await one.called(FEED).push(eve.bundle)
    (data / "old").mkdir()
    shutil.copy(data / "log.sqlite", data / "old" / "log.sqlite")

    done = await erase(data, eve.id)

    assert done.exit_code == 1
    assert "old/log.sqlite" in done.output
    assert done.output.count("log.sqlite") == 1


async def test_her_task_is_gone_for_a_nurse_who_still_shows_it(tmp_path):
    data, (eve, _) = tmp_path / "data", both()
    async with gateway_inside(data, **RULES) as one:
        await one.called(FEED).push(eve.bundle)
        task = await open_task(one.called(NURSE), eve.name)
    assert (await erase(data, eve.id)).exit_code == 0

    async with gateway_inside(data, **RULES) as one:
        answer = await step(one.called(NURSE), task, "accepted")

    assert answer.status == 410


@pytest.mark.parametrize("retired", [False, True])
async def test_what_a_guideline_says_in_the_same_words_is_no_trace_of_her(
    tmp_path, retired
):
    data, (eve, _) = tmp_path / "data", both()
    few = tmp_path / "knowledge"
    few.mkdir()
    shutil.copy(starter_folder() / "chest-pain.md", few)
    async with model_server() as (model, url):
        known = {"model_url": url, "model_name": NAME, "knowledge": few}
        async with gateway_inside(data, **known) as one:
            pain = complaint(eve.name, "crushing chest pain")
            await one.called(FEED).push(transaction(eve.patient, pain))
            await open_task(one.called(NURSE), eve.name)
            quoted = quote(model.prompts[-1])
            await one.called(FEED).push(transaction(complaint(eve.name, quoted)))
            await open_task(one.called(NURSE), eve.name)
    if retired:
        (few / "chest-pain.md").unlink()
        shutil.copy(starter_folder() / "sepsis.md", few)
        load = ("knowledge", "load", few, "--data", data, "--only")
        assert (await run(*load)).exit_code == 0

    done = await erase(data, eve.id)

    assert any(quoted in each.read_text() for each in data.glob("knowledge/*.jsonl"))
    assert retired == (quoted.encode() not in (data / "knowledge.sqlite").read_bytes())
    assert done.exit_code == 0, done.output
    assert "that the knowledge base states, too" in done.output
    assert "same" in await audited(data)


def quote(prompt):
    """Return the first sentence of a passage that the model may quote."""
    schema = prompt["response_format"]["json_schema"]["schema"]
    reason = schema["properties"]["reasons"]["items"]["properties"]
    passage = reason["evidence"]["items"]["anyOf"][0]["properties"]
    return passage["quote"]["enum"][0]
