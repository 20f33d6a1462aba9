"""An erasure leaves nothing of the patient in read models, whatever is damaged."""

from datetime import UTC, datetime

import pytest

from domain.retained import PatientErased
from gateway.projections import resources
from gateway.projections.purge import purge, purge_told
from gateway.store.errors import CiphertextError, LogUnavailableError
from tests.projections.shelf import shelf

CASE = "4b9ad4a5-0a52-4d24-9f2f-6f7f5a7a6f10"
OTHER = "0c6a3f2e-9d1b-4f7a-8a55-2b1c9e8d7f60"
ERASURE = PatientErased(
    erasure_id="e-1",
    patient=b"p" * 16,
    keys=(),
    positions=((1, 2),),
    cases=(f"case/{CASE}",),
    jobs=(),
    reason="request",
    by="the data protection officer",
    at=datetime(2026, 5, 4, tzinfo=UTC),
)
ADVICE = "triage-gateway-rules-1"


def damaged(_stream):
    raise CiphertextError("A row was changed.")


def away(_stream):
    raise LogUnavailableError("The disk is full.")


def audit_event(number, task):
    told = [{"what": {"reference": f"Task/{task}-1"}}]
    return {"resourceType": "AuditEvent", "id": f"log-{number}", "entity": told}


@pytest.fixture
def shelved(tmp_path):
    with shelf(tmp_path) as each:
        yield each


def left(shelved):
    with shelved.database.reader() as connection:
        found = resources.every(shelved.database, connection)
        return sorted(str(each.reference.unversioned()) for each in found)


def spoil(shelved, kind):
    shelved.database.writer.execute(
        "UPDATE resource SET body = CAST(substr(body, 2) AS BLOB) WHERE type = ?",
        (kind,),
    )


def test_of_a_case_whose_events_cannot_be_read_nothing_stays(shelved):
    for case in (CASE, OTHER):
        shelved.put(
            {"resourceType": "Patient", "id": f"p-{case}"},
            {"resourceType": "Task", "id": f"{case}-1"},
            {"resourceType": "ClinicalImpression", "id": case},
        )

    purged = purge(shelved.database, ERASURE, damaged, until=10)

    assert purged == ([], "CiphertextError")
    assert left(shelved) == [
        f"ClinicalImpression/{OTHER}",
        f"Patient/p-{OTHER}",
        f"Task/{OTHER}-1",
    ]


def test_no_audit_event_stays_that_tells_of_such_a_case(shelved):
    shelved.put(*(audit_event(number, CASE) for number in range(1, 5)))
    shelved.put(audit_event(5, OTHER))

    purged = purge_told(shelved.database, ERASURE, damaged, until=10)

    assert purged == ([], "CiphertextError")
    assert left(shelved) == ["AuditEvent/log-5"]


def test_damaged_rows_do_not_keep_her(shelved):
    erasure = PatientErased(**{**vars(ERASURE), "cases": ()})
    shelved.put(
        {"resourceType": "Patient", "id": "eve"},
        {"resourceType": "Device", "id": ADVICE},
        {"resourceType": "Provenance", "id": f"{OTHER}-1"},
    )
    spoil(shelved, "Device")
    spoil(shelved, "Provenance")

    purged = purge(shelved.database, erasure, damaged, until=10)

    assert purged == ([], "CiphertextError")
    count = "SELECT COUNT(*) FROM resource WHERE type <> 'Provenance'"
    assert shelved.database.writer.execute(count).fetchone() == (0,)


def test_a_log_that_is_away_is_asked_again_and_nothing_is_noted(shelved):
    with pytest.raises(LogUnavailableError):
        purge(shelved.database, ERASURE, away, until=10)
