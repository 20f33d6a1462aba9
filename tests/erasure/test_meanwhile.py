"""What others append while an erasure is under way goes with it, or is waited for."""

import json
from datetime import UTC, datetime

import pytest

from domain.access import AccessRecorded
from domain.events import RecordAccepted, RecordCorrected
from domain.values import Reference
from gateway.audit import reading
from gateway.audit.erasure import Decision, ErasureUnit
from gateway.audit.wanted import wanted
from gateway.cli import erase as command
from gateway.intake.streams import record_stream
from gateway.intake.subjects import of_record
from gateway.store.records import Context
from gateway.store.subjects import joint
from tests.callers import FEED
from tests.erasure.command import audited, erase, run
from tests.erasure.stories import Marked
from tests.gateway_inside import gateway_inside
from tests.patients import transaction

EVE, ADAM = Marked("evevev", "eve-chosen-1"), Marked("adamam", "adam-chosen-2")
READ = AccessRecorded(interaction="search-type", status=200, patients=(EVE.name,))


@pytest.fixture
async def data(tmp_path):
    folder = tmp_path / "data"
    async with gateway_inside(folder) as one:
        for who in (EVE, ADAM):  # one by one, so that they share no key yet
            await one.called(FEED).push(transaction(who.patient))
    return folder


def adding(stream, event, subject):
    """Return what lets another gateway, that shares the log, append an event."""

    def work(session):
        context = Context(at=datetime.now(UTC), actor="feed", request=f"r-{stream}")
        session.append(stream, [event], subject=subject, context=context)

    return lambda ledger: ledger.submit_sync(work)


def once(monkeypatch, where, name, add):
    """Let something be appended the first time that a function is asked."""
    plain, done = getattr(where, name), []

    def asked(ledger, *given, **named):
        if not done:
            done.append(True)
            add(ledger)
        return plain(ledger, *given, **named)

    monkeypatch.setattr(where, name, asked)


WHILE = pytest.mark.parametrize(
    ("where", "name"),
    [(reading, "pages"), (command, "wanted")],
    ids=["while the log is read", "before anybody is asked"],
)


def written(resource, *, version=1):
    kind = RecordAccepted if version == 1 else RecordCorrected
    reference = Reference(
        type=resource["resourceType"], id=resource["id"], version=version
    )
    return kind(reference=reference, received=json.dumps(resource).encode())


@WHILE
async def test_what_others_were_shown_meanwhile_goes_and_is_counted(
    data, monkeypatch, where, name
):
    subject = joint([EVE.name, ADAM.name])
    once(monkeypatch, where, name, adding("access/other", READ, subject))

    done = await erase(data, EVE.id)

    assert done.exit_code == 0, done.output
    (proof,) = (data / "erasures").iterdir()
    signed = json.loads(proof.read_text())
    assert f"erased: {events(signed)} events, {keys(signed)} data keys" in done.output
    assert f"erased: {events(signed)}" in await audited(data)


def events(signed):
    return sum(last - first + 1 for first, last in signed["positions"])


def keys(signed):
    return len(signed["keys"])


@WHILE
async def test_what_comes_of_her_meanwhile_is_waited_for(
    data, monkeypatch, where, name
):
    event = written({**EVE.patient, "id": EVE.id, "gender": "other"})
    once(monkeypatch, where, name, adding("record/Patient/new", event, EVE.name))

    refused = await erase(data, EVE.id)
    again = await erase(data, EVE.id)

    assert refused.exit_code == 1
    assert "Nothing was erased: ask again" in refused.output
    assert again.exit_code == 0, again.output


@WHILE
async def test_a_hold_keeps_what_names_her_only_since(data, monkeypatch, where, name):
    """An older version names him, who is held; only the newest says that it is hers."""
    words = ("--data", data, "--patient", ADAM.id, "--by", "court", "--reason", "x")
    await run("hold", *words, "--set")
    async with gateway_inside(data) as one:
        await one.called(FEED).put(booked(ADAM))
    event = written(booked(EVE), version=2)
    add = adding(record_stream(event.reference), event, of_record(event.reference, ""))
    once(monkeypatch, where, name, add)

    refused = await erase(data, EVE.id)

    assert refused.exit_code == 1
    assert "hold is set for another patient" in refused.output


def booked(who):
    actor = {"reference": who.name}
    return {
        "resourceType": "Appointment",
        "id": "both",
        "status": "booked",
        "participant": [{"status": "accepted", "actor": actor}],
    }


async def test_what_another_erasure_destroyed_meanwhile_is_counted_with_that(
    data, monkeypatch
):
    async with gateway_inside(data) as one:
        await one.called(FEED).search("Patient")  # shows both, under one key
    once(monkeypatch, command, "wanted", erasing(ADAM.name))

    done = await erase(data, EVE.id)

    assert done.exit_code == 0, done.output
    proofs = [json.loads(each.read_text()) for each in (data / "erasures").iterdir()]
    destroyed = [key for each in proofs for key in each["keys"]]
    assert len(destroyed) == len(set(destroyed))
    assert f"erased: {sum(map(events, proofs))}," in await audited(data)


def erasing(patient):
    """Return what erases another patient, as a command elsewhere would."""

    def erase_too(ledger):
        elsewhere = reading.Reading(ledger, [patient])
        found = elsewhere.further(patient)
        decision = Decision(by="x", reason="request", at=datetime.now(UTC))
        unit = ErasureUnit(
            ledger=ledger,
            reading=elsewhere,
            patient=patient,
            wanted=wanted(ledger, found),
            jobs=(),
            decision=decision,
        )
        ledger.submit_sync(unit)

    return erase_too
