"""What others left in the data folder is found before anything is destroyed."""

import asyncio
import gzip
import json
import shutil
from contextlib import closing

import pytest

from gateway.cli.own_log import own_log
from gateway.store.spool import Spool
from tests.callers import FEED
from tests.erasure.command import erase, killed_at, run
from tests.erasure.stories import Marked
from tests.gateway_inside import gateway_inside
from tests.patients import complaint, transaction

RULES = {"rules": {"binding": "quarantine"}}
EVE, ADAM = Marked("evevev", "eve-chosen-1"), Marked("adamam", "adam-chosen-2")
COMMIT = "gateway.store.recorder:SealedRecorder.insert_events"
CLEAN = "no value of the patient was found in any file"


@pytest.fixture
async def data(tmp_path):
    folder = tmp_path / "data"
    async with gateway_inside(folder, **RULES) as one:
        await one.called(FEED).push(EVE.bundle)
    return folder


async def is_there(data):
    async with gateway_inside(data, **RULES) as one:
        return (await one.called(FEED).get(f"/fhir/{EVE.name}")).status == 200


async def test_she_is_erased_once_what_others_left_is_gone(data):
    (data / "notes.txt").write_text(f"call {EVE.family} back")
    refused = await erase(data, EVE.id)
    there = await is_there(data)
    (data / "notes.txt").unlink()

    done = await erase(data, EVE.id)

    assert (refused.exit_code, there) == (1, True)
    assert "Nothing was erased" in refused.output
    assert "notes.txt" in refused.output
    assert EVE.family not in refused.output
    assert done.exit_code == 0, done.output
    assert CLEAN in done.output


async def test_a_file_s_name_that_tells_her_is_found_and_not_shown(data):
    (data / "scans").mkdir()
    (data / "scans" / f"{EVE.record}.txt").touch()

    refused = await erase(data, EVE.id)

    assert refused.exit_code == 1
    assert f"tells the patient, in {data / 'scans'}" in refused.output
    assert EVE.record not in refused.output


async def test_an_export_with_her_keys_is_found(data, tmp_path):
    words = ("audit", "export", "--data", data, "--disclose-keys", "--output")
    inside = await run(*words, data / "export.ndjson")
    assert (await run(*words, tmp_path / "export.ndjson")).exit_code == 0
    shutil.copy(tmp_path / "export.ndjson", data / "copied.ndjson")

    refused = await erase(data, EVE.id)

    assert inside.exit_code == 1
    assert "outside the data folder" in inside.output
    assert not (data / "export.ndjson").exists()
    assert refused.exit_code == 1
    assert "copied.ndjson" in refused.output
    assert await is_there(data)


async def test_a_copy_of_the_log_from_before_a_new_key_is_found(data):
    (data / "old").mkdir()
    shutil.copy(data / "log.sqlite", data / "old" / "log.sqlite")
    assert (await run("keys", "rotate", "--data", data)).exit_code == 0

    refused = await erase(data, EVE.id)

    assert refused.exit_code == 1
    assert "old/log.sqlite" in refused.output


async def test_what_cannot_be_looked_into_is_named(data):
    (data / "notes.gz").write_bytes(gzip.compress(EVE.family.encode()))

    done = await erase(data, EVE.id)

    assert done.exit_code == 0, done.output
    assert "not searched, because compressed" in done.output
    assert str(data / "notes.gz") in done.output


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("She has <b>crushing</b> chest pain at night", None),
        ("She has <b>crushing</b> chest pain at night", "chest pain at night"),
        ("BP <90 systolic, pulse >120 since noon", None),
        ('Frau Grün says "no air"\nsince last noon', None),
    ],
)
async def test_her_words_are_found_as_they_were_sent(data, said, left):
    async with gateway_inside(data, **RULES) as one:
        await one.called(FEED).push(transaction(complaint(EVE.name, said)))
    (data / "left.txt").write_text(left or said)

    refused = await erase(data, EVE.id)

    assert refused.exit_code == 1
    assert "left.txt" in refused.output


async def test_what_was_destroyed_with_her_is_searched_for_too(data):
    """A request that nobody could assign tells values that her own records do not."""
    unlisted = {**EVE.patient, "gender": "no-such"}
    unlisted["telecom"] = [{"system": "phone", "value": "+49-unlisted-33"}]
    async with gateway_inside(data, **RULES) as one:
        assert (await one.called(FEED).put(unlisted)).status == 202
    (data / "left.txt").write_text("call +49-unlisted-33")

    refused = await erase(data, EVE.id)

    assert refused.exit_code == 1
    assert "left.txt" in refused.output


async def test_after_a_crash_nobody_can_search_any_more_and_that_is_said(data):
    killed_at(data, EVE.id, step=COMMIT, when="after")
    (data / "notes.txt").write_text(f"call {EVE.family} back")

    again = await erase(data, EVE.id)
    (data / "notes.txt").unlink()
    alone = await erase(data, EVE.id)

    assert again.exit_code == 1
    assert "no file can be searched" in again.output
    assert "Look yourself through the 1 files" in again.output
    assert (alone.exit_code, CLEAN in alone.output) == (0, False)
    assert "no file can be searched" in alone.output


async def test_after_a_crash_a_copy_of_the_log_is_known_by_its_keys(data):
    copy = data / "old.sqlite"
    shutil.copy(data / "log.sqlite", data.parent / "log.sqlite")
    killed_at(data, EVE.id, step=COMMIT, when="after")
    shutil.copy(data.parent / "log.sqlite", copy)

    again = await run("erase", "--data", data, "--due", "--by", "x", "--yes")

    assert again.exit_code == 1
    assert "an erasure that was cut off is complete" in again.output
    assert f"a data key, are in {copy}" in again.output


async def test_a_word_of_the_gateway_s_own_files_is_no_reason_to_remove_them(tmp_path):
    data = tmp_path / "data"
    named = {**EVE.patient, "name": [{"family": "Observation"}]}
    async with gateway_inside(data, **RULES) as one:
        await one.called(FEED).push(transaction(named))
        await one.called(FEED).push(ADAM.bundle)

    done = await erase(data, EVE.id)

    assert done.exit_code == 1
    assert "which the gateway keeps itself" in done.output
    assert "remove these files" not in done.output


def wait_for_later(data, head):
    with (
        own_log(data, None) as ledger,
        closing(Spool(data, ledger.derive("jobs"))) as spool,
    ):
        spool.keep("job-1", at=1, head=head, content=b"")


async def test_a_request_that_is_still_to_be_carried_out_must_be_first(data):
    named = {**EVE.patient, "name": [{"family": "Müllerin", "given": ["Anna Lena"]}]}
    async with gateway_inside(data, **RULES) as one:
        await one.called(FEED).put(named)
    head = json.dumps({"method": "GET", "target": "/fhir/Patient?family=M%C3%BCllerin"})
    await asyncio.to_thread(wait_for_later, data, head.encode())

    refused = await erase(data, EVE.id)

    assert refused.exit_code == 1
    assert "let it finish, then erase" in refused.output


async def both_due(data):
    async with gateway_inside(data, retention_most_days=0, **RULES) as one:
        await one.called(FEED).push(ADAM.bundle)


async def due(data, *more, typed=None):
    return await run("erase", "--data", data, "--due", "--by", "x", *more, typed=typed)


async def test_who_cannot_go_does_not_keep_the_others_who_are_due(data):
    await both_due(data)
    (data / "notes.txt").write_text(f"call {ADAM.family}")

    done = await due(data, "--yes")

    assert done.exit_code == 1
    assert "Not erased, though due: 1" in done.output
    assert done.output.count("searched ") == 1
    assert done.output.count("proof:") == 1
    assert not await is_there(data)


async def test_a_no_for_one_who_is_due_is_none_for_the_next(data):
    await both_due(data)

    done = await due(data, typed="no\ny\n")

    assert done.exit_code == 1
    assert done.output.count("due: Patient/") == 2
    assert "Not erased, though due: 1" in done.output
    assert CLEAN in done.output


async def test_what_was_erased_before_an_end_is_searched_for_all_the_same(data):
    await both_due(data)

    done = await due(data, typed="y\n")  # and then the end of the input

    assert done.exit_code == 1
    assert done.output.count("proof:") == 1
    assert CLEAN in done.output


async def test_all_who_are_due_are_searched_for_together(data):
    await both_due(data)

    done = await due(data, "--yes")

    assert done.exit_code == 0, done.output
    assert done.output.count("proof:") == 2
    assert done.output.count(CLEAN) == 1
