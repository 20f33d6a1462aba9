"""Whose entries an erasure takes: all of hers, and nobody else's unseen."""

import asyncio
import copy
import re
from contextlib import closing
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec
import pytest

from domain.keeping import HoldPatient
from gateway.audit import due
from gateway.audit.foretold import foretold
from gateway.audit.reading import Reading
from gateway.cli.own_log import own_log
from gateway.intake.retention import HoldUnit
from gateway.store.records import Context
from gateway.store.spool import Spool
from tests.callers import FEED, NURSE
from tests.erasure.command import audited, erase, run
from tests.erasure.stories import Marked
from tests.gateway_inside import gateway_inside
from tests.patients import statement, transaction
from tests.worklist import open_task, step, until

RULES = {"rules": {"binding": "quarantine"}}
EVE, ADAM = Marked("evevev", "eve-chosen-1"), Marked("adamam", "adam-chosen-2")


def named(who, **name):
    """Return a patient's record under another name."""
    known = copy.deepcopy(who.patient)
    known["name"] = [{**known["name"][0], **name}]
    return known


def person(identity, **more):
    return {"resourceType": "Person", "id": identity, **more}


def appointment(identity, who, display):
    actor = {"reference": who.name, "display": display}
    return {
        "resourceType": "Appointment",
        "id": identity,
        "status": "booked",
        "participant": [{"status": "accepted", "actor": actor}],
    }


async def held(data, who):
    words = ("--data", data, "--patient", who.id, "--by", "court", "--reason", "x")
    assert "hold set" in (await run("hold", *words, "--set")).output


async def status(data, *paths):
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        return [(await feed.get(f"/fhir/{each}")).status for each in paths]


async def counted(data):
    """Return how many events are erased, as the log is verified."""
    return int(re.search(r"erased: (\d+)", await audited(data))[1])


async def test_a_hold_on_a_linked_patient_keeps_what_was_judged_on_both(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data, **RULES) as one:
        feed, nurse = one.called(FEED), one.called(NURSE)
        await feed.push(EVE.bundle)
        await feed.push(transaction(statement(EVE.name, "warfarin")))
        await feed.push(ADAM.bundle)
        link = {"other": {"reference": EVE.name}, "type": "seealso"}
        await feed.put({**ADAM.patient, "link": [link]})

        async def judged_on_both():
            task = await open_task(nurse, ADAM.name)
            return task if "MedicationStatement" in str(task) else None

        task = await until(judged_on_both)
    version = f"Task/{task['id']}/_history/{task['meta']['versionId']}"
    await held(data, ADAM)

    refused = await erase(data, EVE.id)

    assert refused.exit_code == 1
    assert "hold is set for another patient" in refused.output
    assert ADAM.id not in refused.output
    assert await status(data, version, EVE.name) == [200, 200]
    words = ("--data", data, "--patient", ADAM.id, "--by", "court", "--reason", "x")
    await run("hold", *words, "--lift")
    assert (await erase(data, EVE.id)).exit_code == 0
    assert await status(data, version, EVE.name) == [404, 410]


async def test_a_hold_does_not_protect_who_was_shown_on_the_same_list(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(EVE.bundle)
        await feed.push(ADAM.bundle)
        assert len(await one.called(NURSE).search("Patient")) == 2
    await held(data, ADAM)

    done = await erase(data, EVE.id)

    assert done.exit_code == 0, done.output
    assert await status(data, EVE.name, ADAM.name) == [410, 200]


@pytest.mark.parametrize("earlier", [False, True])
async def test_a_hold_keeps_an_entry_that_names_both(tmp_path, earlier):
    data = tmp_path / "data"
    both = appointment("both", EVE, "Eve")
    adams = appointment("both", ADAM, "Adam")
    both["participant"] += [] if earlier else adams["participant"]
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(transaction(EVE.patient, ADAM.patient))
        if earlier:
            await feed.put(adams)
        await feed.put(both)
    await held(data, ADAM)

    refused = await erase(data, EVE.id)

    assert "hold is set for another patient" in refused.output
    assert await status(data, "Appointment/both") == [200]


async def test_who_shares_one_name_with_her_loses_nothing(tmp_path):
    data = tmp_path / "data"
    adam = named(ADAM, given=["Johnny"])
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(transaction(named(EVE, given=["Johnny"])))
        await feed.push(transaction(adam))
        await feed.put(appointment("his", ADAM, f"Johnny {ADAM.family}"))
        await feed.put({**adam, "gender": "no-such-code"})
    await held(data, ADAM)

    done = await erase(data, EVE.id)

    assert done.exit_code == 0, done.output
    assert (
        "may mean the patient or somebody alike, and that stay: 2 "
        "(1 intake.quarantined.v1, 1 record.accepted.v1), at positions "
    ) in done.output
    assert "Johnny" not in done.output
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        assert (await feed.get("/fhir/Appointment/his")).status == 200
        assert len((await feed.get("/fhir/$quarantine")).resources) == 1
    assert "same" in await audited(data)


async def test_who_is_called_like_a_type_takes_nobody_along(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(transaction(named(EVE, family="Person", given=["Ann"])))
        await feed.put(person("p1", name=[{"family": "Other"}]))

    done = await erase(data, EVE.id)

    assert "nobody could assign" not in done.output
    assert await status(data, "Person/p1") == [200]


async def test_who_has_a_short_name_is_found_in_what_nobody_could_assign(tmp_path):
    data = tmp_path / "data"
    li = {"family": "Wu", "given": ["Li"]}
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(transaction(named(EVE, **li)))
        await feed.put(person("p1", name=[li], birthDate="1980-03-04"))
        await feed.search("Patient?family=Wu&given=Li&birthdate=1900-01-01")
        await feed.put(person("p2", name=[li], birthDate="1999-09-09"))

    done = await erase(data, EVE.id)

    assert done.exit_code == 0, done.output
    assert "that go: 2 (1 access.recorded.v1, 1 record.accepted.v1), at" in done.output
    assert "and that stay: 1 (1 record.accepted.v1), at position" in done.output
    assert await status(data, "Person/p1", "Person/p2") == [410, 200]


async def test_what_goes_unassigned_is_said_before_anybody_is_asked(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(EVE.bundle)
        await feed.put(person("p1", name=EVE.patient["name"]))

    refused = await erase(data, EVE.id, typed="no\n")

    said, _, _ = refused.output.partition("will be unreadable")
    assert "name the patient, and that go: 1 (1 record.accepted.v1)" in said
    assert await status(data, "Person/p1") == [200]


async def test_the_proof_counts_every_version_of_what_names_her_later(tmp_path):
    data = tmp_path / "data"
    number = {"system": "urn:example:person", "value": "17"}
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(EVE.bundle)
        neutral = person("p1", name=[{"family": "Neutral"}], identifier=[number])
        await feed.put(neutral, Idempotency_Key="neutral")
        await feed.put({**neutral, "name": EVE.patient["name"]}, Idempotency_Key="hers")

    done = await erase(data, EVE.id)

    told = int(re.search(r"erased: (\d+) events", done.output)[1])
    assert told == await counted(data)
    paths = ("Person/p1", "Person/p1/_history/1", "Person/p1/_history/2")
    assert await status(data, *paths) == [410, 410, 410]
    assert "same" in await audited(data)


async def test_what_was_his_before_nobody_said_whose_does_not_come_back(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(transaction(EVE.patient, ADAM.patient))
        moved = {**ADAM.pain, "id": "moved"}
        await feed.put(moved)
        hers = {"subject": {"display": f"{EVE.given} {EVE.family}"}}
        await feed.put({**moved, **hers})
        await feed.put({**moved, "id": "deleted-then"})
        assert (await feed.delete("Observation/deleted-then")).status == 204
        await feed.put({**moved, **hers, "id": "deleted-then"})

    done = await erase(data, EVE.id)

    assert done.exit_code == 0, done.output
    paths = ("Observation/moved", "Observation/moved/_history/1")
    assert await status(data, *paths, "Observation/deleted-then") == [410, 200, 410]
    assert "same" in await audited(data)


async def test_what_is_in_doubt_goes_once_it_is_said_to_be_hers(tmp_path):
    data = tmp_path / "data"
    vague = {**EVE.pain, "id": "vague-one", "subject": {"display": EVE.family}}
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(EVE.bundle)
        await feed.put(vague)
        aside = await feed.create({**vague, "status": "no-such-code"})
        await feed.put({**vague, "subject": {"reference": EVE.name}})
        path = f"{urlsplit(aside.headers['Location']).path}/$dismiss"
        reason = {"name": "reason", "valueString": f"It is of {EVE.name}."}
        told = {"resourceType": "Parameters", "parameter": [reason]}
        assert (await feed.request("POST", path, told)).status == 200

    done = await erase(data, EVE.id)

    assert "and that stay" not in done.output
    paths = ("Observation/vague-one", "Observation/vague-one/_history/1")
    assert await status(data, *paths) == [410, 410]
    async with gateway_inside(data, **RULES) as one:
        shown = await one.called(FEED).get("/fhir/$quarantine?status=dismissed")
    assert shown.resources == []


async def test_she_who_was_erased_is_erased_where_something_came_since(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data, **RULES) as one:
        await one.called(FEED).push(EVE.bundle)
    assert (await erase(data, EVE.id)).exit_code == 0
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        link = {"target": {"reference": EVE.name}}
        assert (await feed.put(person("p9", link=[link]))).status == 201

    done = await erase(data, EVE.id)

    assert done.exit_code == 0, done.output
    assert await status(data, "Person/p9") == [410]
    assert "erased before" in (await erase(data, EVE.id)).output


async def test_she_who_was_never_admitted_is_erased_and_searched_for(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data, **RULES) as one:
        aside = await one.called(FEED).put({**EVE.patient, "gender": "no-such-code"})
        assert aside.status == 202
    (data / "left.txt").write_text(f"call {EVE.phone}")

    found = await erase(data, EVE.id)

    assert found.exit_code == 1
    assert "left.txt" in found.output
    (data / "left.txt").unlink()
    await erase(data, EVE.id)
    async with gateway_inside(data, **RULES) as one:
        assert (await one.called(FEED).get("/fhir/$quarantine")).resources == []


async def test_what_an_older_version_said_is_searched_for_too(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data, **RULES) as one:
        feed = one.called(FEED)
        await feed.push(EVE.bundle)
        await feed.put(person("p1", name=[{"family": "Maidenname"}]))
        await feed.put(person("p1", name=EVE.patient["name"]))

    def look():
        with own_log(data, None) as ledger:
            found = Reading(ledger, [EVE.name]).further(EVE.name)
        return found.marks.values(), list(foretold(found))

    values, said = await asyncio.to_thread(look)

    assert "Maidenname" in values
    assert "that go: 2 (1 record.accepted.v1, 1 record.corrected.v1)" in said[0]


async def test_times_of_keeping_count_from_a_later_review(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data, retention_most_days=1, **RULES) as one:
        feed, nurse = one.called(FEED), one.called(NURSE)
        await feed.push(EVE.bundle)
        await feed.push(ADAM.bundle)
        task = await open_task(nurse, EVE.name)
        await open_task(nurse, ADAM.name)
        assert (await step(nurse, task, "accepted")).status == 200

    def look():
        with own_log(data, None) as ledger:
            rows = [each for each in ledger.log.recorder.rows_after(0) if each.key]
            entries = {row.topic: ledger.log.reader.entry(row) for row in rows}
            accepted = entries["task.accepted.v1"].at
            a_day = timedelta(days=1)
            context = Context(at=accepted, actor="x", request="y")
            hold = HoldPatient(by="court", reason="x", at=accepted)
            before = due.patients(ledger, accepted + a_day)
            after = due.patients(ledger, accepted + 2 * a_day)
            unit = HoldUnit(patient=EVE.name, command=hold, context=context)
            ledger.submit_sync(unit)
            return before, after, due.patients(ledger, accepted + 2 * a_day)

    before, after, then = await asyncio.to_thread(look)

    assert before == [ADAM.name]
    assert after == [ADAM.name, EVE.name]
    assert then == [ADAM.name]


ENCODED = {"method": "GET", "target": "/fhir/Patient?family=M%C3%BCllerin"}


@pytest.mark.parametrize(
    ("done", "head", "goes"),
    [
        (False, ENCODED, None),
        (True, ENCODED, False),
        (True, {"target": "/fhir/Patient?given=Anna&family=M%C3%BCllerin"}, True),
        (False, {"target": "/fhir/Patient?family=Somebody"}, False),
    ],
)
async def test_a_request_for_later_that_names_her_is_done_first(
    tmp_path, done, head, goes
):
    data = tmp_path / "data"
    async with gateway_inside(data, **RULES) as one:
        known = named(EVE, family="Müllerin", given=["Anna"])
        await one.called(FEED).push(transaction(known))

    def later(look):
        with (
            own_log(data, None) as ledger,
            closing(Spool(data, ledger.derive("jobs"))) as spool,
        ):
            return look(spool)

    def keep(spool):
        told = msgspec.json.encode(head)
        spool.keep("job", at=1, head=told, content=b"")
        if done:
            spool.finish("job", at=2, head=told, content=b"")

    await asyncio.to_thread(later, keep)

    answer = await erase(data, EVE.id)

    left = await asyncio.to_thread(later, Spool.every)
    assert len(left) == (not goes)
    assert answer.exit_code == (goes is None), answer.output
    if goes is None:
        assert "is not done yet" in answer.output
