"""From events of the log to the AuditEvents that an auditor's search finds."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from domain.access import AccessesUnrecorded, AccessRecorded
from domain.claimed import IdentityClaimed
from domain.events import REGISTRY, RecordAccepted, RecordCorrected, RecordWithdrawn
from domain.values import Reference
from fhir_profiles.lexical import parse
from gateway.projections import resources
from gateway.projections.audit import AuditProjector, settled
from gateway.projections.database import AUDIT_FILE, Database
from gateway.store.ledger import Ledger
from gateway.store.records import Context

AT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
VITAL = Reference(type="Observation", id="o")
RECEIVED = b'{"resourceType":"Observation"}'


def version(number):
    return Reference(type="Observation", id="o", version=number)


@pytest.fixture
def ledger(tmp_path):
    with closing(Ledger.open(tmp_path / "data", registry=REGISTRY)) as opened:
        yield opened


@pytest.fixture
def database(tmp_path):
    with closing(Database(tmp_path / "data" / AUDIT_FILE, b"k" * 32)) as opened:
        yield opened


def happened(ledger, stream, *events, minute=0):
    context = Context(
        at=AT + timedelta(minutes=minute),
        actor="feed-1",
        request="r-1",
        address="192.0.2.7",
    )
    ledger.submit_sync(
        lambda session: session.append(
            stream, events, subject="Patient/p", context=context
        )
    )


async def shown(ledger, database):
    """Return the AuditEvents once all of the log is projected."""
    projector = AuditProjector(ledger, database, tenant="default", settle=settled)
    await projector.catch_up()
    assert projector.poisoned() == 0
    with database.reader() as connection:
        found = [parse(each.body) for each in resources.every(database, connection)]
    return sorted(found, key=lambda each: int(each["id"].removeprefix("log-")))


def told(content):
    data = [
        each["what"]["reference"]
        for each in content["entity"]
        if each.get("role", {}).get("code") == "4"
    ]
    patients = [
        each["what"]["reference"]
        for each in content["entity"]
        if each.get("role", {}).get("code") == "1"
    ]
    return content["subtype"][0]["code"], data, patients


async def test_writes_are_told_by_the_events_that_they_left(ledger, database):
    accepted = {"received": RECEIVED, "patient": "Patient/p"}
    happened(
        ledger, "record/Observation/o", RecordAccepted(reference=version(1), **accepted)
    )
    happened(
        ledger,
        "record/Observation/o",
        RecordCorrected(reference=version(2), **accepted),
    )
    happened(ledger, "record/Observation/o", RecordWithdrawn(reference=version(3)))

    written = await shown(ledger, database)

    assert [told(each) for each in written] == [
        ("create", ["Observation/o/_history/1"], ["Patient/p"]),
        ("update", ["Observation/o/_history/2"], ["Patient/p"]),
        ("delete", ["Observation/o/_history/3"], ["Patient/p"]),
    ]
    assert {each["agent"][0]["network"]["address"] for each in written} == {"192.0.2.7"}


async def test_what_is_nobody_s_names_no_patient(ledger, database):
    first = RecordAccepted(reference=version(1), received=RECEIVED)
    happened(ledger, "record/Observation/o", first)
    happened(ledger, "record/Observation/o", RecordWithdrawn(reference=version(2)))

    assert [told(each)[2] for each in await shown(ledger, database)] == [[], []]


async def test_the_parts_of_a_write_leave_no_audit_event_of_their_own(ledger, database):
    happened(ledger, "identity/x", IdentityClaimed(reference=VITAL))

    assert await shown(ledger, database) == []


async def test_an_access_is_told_as_it_was_recorded(ledger, database):
    access = AccessRecorded(
        interaction="vread",
        status=200,
        user="Practitioner/jo",
        display="Jo",
        purpose="TREAT",
        references=(version(2),),
        patients=("Patient/p",),
    )
    happened(ledger, "access/2026-05-04", access)

    (content,) = await shown(ledger, database)

    assert told(content) == ("vread", ["Observation/o/_history/2"], ["Patient/p"])
    assert content["recorded"] == "2026-05-04T03:02:01.000Z"
    assert content["agent"][2]["name"] == "Jo"


async def test_refusals_without_a_record_of_their_own_are_told_together(
    ledger, database
):
    happened(ledger, "access/2026-05-04", AccessesUnrecorded(count=7, since=AT))

    (content,) = await shown(ledger, database)

    assert content["outcome"] == "8"
    assert content["outcomeDesc"].startswith("7 requests were refused")


async def test_ids_are_positions_in_the_log_so_that_they_are_the_same_again(
    ledger, database, tmp_path
):
    for number in range(200):
        happened(
            ledger,
            "access/2026-05-04",
            AccessRecorded(interaction="read", status=404),
            minute=number,
        )

    first = await shown(ledger, database)

    with closing(Database(tmp_path / AUDIT_FILE, b"k" * 32)) as again:
        assert await shown(ledger, again) == first
    assert [each["id"] for each in first] == [f"log-{n}" for n in range(1, 201)]
