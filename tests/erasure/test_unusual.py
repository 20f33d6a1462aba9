"""What senders may write, and what was set aside for it, keeps nobody."""

import asyncio
import shutil
from contextlib import closing

import pytest

from gateway.cli.own_log import own_log
from gateway.store.spool import Spool
from inference.knowledge import starter_folder
from tests.callers import AUDITOR, FEED, NURSE
from tests.erasure.command import audited, erase
from tests.erasure.stories import Marked
from tests.gateway_inside import gateway_inside
from tests.model_server import NAME, model_server
from tests.patients import complaint, transaction, vital
from tests.worklist import open_task

RULES = {"rules": {"binding": "quarantine", "structure": "quarantine"}}
EVE, ADAM = Marked("evevev", "eve-chosen-1"), Marked("adamam", "adam-chosen-2")
CLEAN = "no value of the patient was found in any file"


@pytest.mark.parametrize("given", [None, 5, "Anna"])
async def test_a_name_that_was_set_aside_as_none_goes_with_her(tmp_path, given):
    data = tmp_path / "data"
    named = {**EVE.patient, "name": [{"family": "Evelina", "given": given}]}
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(EVE.bundle)
        assert (await feed.put(named)).status == 202

    done = await erase(data, EVE.id)

    assert done.exit_code == 0, done.output
    assert CLEAN in done.output
    async with gateway_inside(data, **RULES) as one:
        assert (await one.called(FEED).get("/fhir/$quarantine")).resources == []


@pytest.mark.parametrize(
    ("said", "code"), [(b"1", 0), (f'"call {EVE.given} {EVE.family}"'.encode(), 1)]
)
async def test_a_request_that_is_nested_too_deeply_is_read_all_the_same(
    tmp_path, said, code
):
    data = tmp_path / "data"
    async with gateway_inside(data, **RULES) as one:
        await one.called(FEED).push(EVE.bundle)

    def keep():
        with (
            own_log(data, None) as ledger,
            closing(Spool(data, ledger.derive("jobs"))) as spool,
        ):
            content = b'{"a":' * 5000 + said + b"}" * 5000
            spool.keep("job", at=1, head=b'{"target":"/fhir"}', content=content)

    await asyncio.to_thread(keep)

    done = await erase(data, EVE.id)

    assert done.exit_code == code, done.output
    assert ("is not done yet" in done.output) == bool(code)


async def test_a_word_of_the_gateway_s_as_the_id_of_what_is_contained_is_no_trace(
    tmp_path,
):
    data = tmp_path / "data"
    nurse = {"resourceType": "Practitioner", "id": "patient"}
    inside = {"contained": [nurse], "performer": [{"reference": "#patient"}]}
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(EVE.bundle)
        put = await feed.put({**vital(EVE.name), "id": "v1", **inside})
        assert put.status == 201

    done = await erase(data, EVE.id)

    assert done.exit_code == 0, done.output


@pytest.fixture
async def judged(tmp_path):
    """A folder with a knowledge base, in which a patient's complaint was judged."""
    few = tmp_path / "knowledge"
    few.mkdir()
    for name in ("chest-pain.md", "abdomen-and-groin.md"):
        shutil.copy(starter_folder() / name, few)

    async def live(patient, pain):
        data = tmp_path / "data"
        async with model_server() as (_, url):
            known = {"model_url": url, "model_name": NAME}
            async with gateway_inside(data, **RULES, **known, knowledge=few) as one:
                await one.called(FEED).push(transaction(patient, pain))
                await open_task(one.called(NURSE), EVE.name)
        assert len(list(data.glob("knowledge/*.jsonl"))) == 1
        return data

    return live


async def test_of_two_alphabets_one_alone_is_no_trace_of_her(judged):
    data = await judged(EVE.patient, complaint(EVE.name, "Жалоба chest pain"))

    done = await erase(data, EVE.id)

    assert done.exit_code == 0, done.output
    assert CLEAN in done.output


@pytest.mark.parametrize("word", ["Younger", "Stroke"])
async def test_who_is_called_like_a_word_in_a_guideline_is_found_elsewhere(
    judged, word
):
    named = {**EVE.patient, "name": [{"family": word, "given": ["Xqa"]}]}
    data = await judged(named, EVE.pain)
    notes = data / "notes.txt"
    notes.write_text(f"call Mrs {word} back")

    refused = await erase(data, EVE.id)
    notes.unlink()
    done = await erase(data, EVE.id)

    assert refused.exit_code == 1
    assert "notes.txt" in refused.output
    assert done.exit_code == 0, done.output
    assert "that are not looked for in its own files: 1" in done.output


@pytest.mark.parametrize("known_at_once", [True, False])
async def test_records_of_reads_go_with_what_nobody_could_assign(
    tmp_path, known_at_once
):
    data = tmp_path / "data"
    hers = {"resourceType": "Person", "id": "pers2", "name": EVE.patient["name"]}
    other = {"resourceType": "Person", "id": "pers3", "name": [{"family": "Other"}]}
    vague = {"resourceType": "Person", "id": "pers4"}
    vague["link"] = [{"target": {"reference": "Person/pers2"}}]
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(EVE.bundle)
        if not known_at_once:
            await feed.put({**hers, "name": other["name"]}, Idempotency_Key="before")
        else:
            await feed.put(hers)
        for each in ("pers2", "pers3"):
            await feed.put({**other, "id": "pers3"})
            await feed.get(f"/fhir/Person/{each}")
        await feed.put(vague)
        await feed.put(hers)
        before = str(await one.called(AUDITOR).search("AuditEvent?_count=100"))
    assert "Person/pers2" in before

    done = await erase(data, EVE.id)

    assert done.exit_code == 0, done.output
    assert "and that stay: 1 (1 record.accepted.v1)" in done.output
    async with gateway_inside(data, **RULES) as one:
        after = str(await one.called(AUDITOR).search("AuditEvent?_count=100"))
        assert (await one.called(FEED).get("/fhir/Person/pers4")).status == 200
    assert "Person/pers2" not in after
    assert "Person/pers3" in after
    assert "same" in await audited(data)


async def test_it_is_said_that_others_are_named_in_what_goes(tmp_path):
    data = tmp_path / "data"
    members = [{"entity": {"reference": each.name}} for each in (EVE, ADAM)]
    group = {"resourceType": "Group", "id": "g", "type": "person", "actual": True}
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(transaction(EVE.patient, ADAM.patient))
        await feed.put({**group, "member": members})

    refused = await erase(data, EVE.id, typed="no\n")

    said, _, _ = refused.output.partition("will be unreadable")
    assert "other patients whom these name, too: 1." in said
    assert ADAM.id not in refused.output
