"""The resources of one patient that triage reads."""

import sqlite3
from datetime import datetime, timedelta

from domain.values import Reference
from fhir_profiles.instants import microseconds
from fhir_profiles.lexical import parse
from gateway.projections import resources
from gateway.projections.database import Database
from gateway.projections.indexing import Resource
from gateway.projections.resources import Place

_HISTORY = (
    "MedicationStatement",
    "MedicationRequest",
    "AllergyIntolerance",
    "Condition",
    "Encounter",
    "QuestionnaireResponse",
)
_MOST = 500  # of one type; the newest are kept

Sourced = tuple[Reference, Resource]


def patient(
    database: Database, connection: sqlite3.Connection, reference: Reference
) -> Sourced | Reference:
    """Return the Patient, or the bare reference where none was sent yet."""
    version = resources.read(database, connection, reference)
    if version is None or version.deleted:
        return reference
    return version.reference, parse(version.body)


def of_patient(
    database: Database,
    connection: sqlite3.Connection,
    reference: Reference,
    *,
    at: datetime,
    window: timedelta,
) -> list[Sourced]:
    """Return history of every age, and the Observations that may be current.

    Pregnancy is stated by Observations too, so those of the last year are included
    where they carry one of its codes.
    """
    digest = database.digest(str(reference))
    places = [place for kind in _HISTORY for place in _newest(connection, kind, digest)]
    earliest = microseconds(at - window)
    places += _observations(connection, digest, earliest)
    year = microseconds(at - timedelta(days=365))
    for code in ("82810-3", "11884-4"):
        places += _coded(connection, digest, database.digest(code), year)
    found = (
        resources.find(database, connection, place) for place in sorted(set(places))
    )
    return [
        (each.reference, _with_medication(database, connection, parse(each.body)))
        for each in found
        if each is not None
    ]


def _with_medication(
    database: Database, connection: sqlite3.Connection, content: Resource
) -> Resource:
    """Add the code of a Medication that a statement or request only refers to."""
    text = content.get("medicationReference", {}).get("reference", "")
    named = text.partition("/_history/")[0]
    if not named.startswith("Medication/"):
        return content
    found = resources.read(database, connection, Reference.parse(named))
    code = parse(found.body).get("code") if found and found.body else None
    return {**content, "medicationCodeableConcept": code} if code else content


def _newest(connection: sqlite3.Connection, kind: str, digest: bytes) -> list[Place]:
    rows = connection.execute(
        "SELECT latest.key, latest.version FROM term JOIN latest "
        "ON latest.type = term.type AND latest.key = term.key "
        "WHERE term.type = ? AND term.param = 'patient' AND term.digest = ? "
        "ORDER BY latest.at DESC LIMIT ?",
        (kind, digest, _MOST),
    )
    return [Place(kind, *row) for row in rows]


def _observations(
    connection: sqlite3.Connection, digest: bytes, earliest: int
) -> list[Place]:
    """Return Observations made since an instant, or at no known time."""
    rows = connection.execute(
        "SELECT latest.key, latest.version FROM term JOIN latest "
        "ON latest.type = term.type AND latest.key = term.key "
        "WHERE term.type = 'Observation' AND term.param = 'patient' "
        "AND term.digest = ? AND NOT EXISTS (SELECT 1 FROM moment WHERE "
        "moment.type = 'Observation' AND moment.key = latest.key "
        "AND moment.param = 'date' AND moment.high < ?) "
        "ORDER BY latest.at DESC LIMIT ?",
        (digest, earliest, _MOST),
    )
    return [Place("Observation", *row) for row in rows]


def _coded(
    connection: sqlite3.Connection, digest: bytes, code: bytes, earliest: int
) -> list[Place]:
    rows = connection.execute(
        "SELECT latest.key, latest.version FROM term JOIN latest "
        "ON latest.type = term.type AND latest.key = term.key "
        "JOIN term AS coded ON coded.type = term.type AND coded.key = term.key "
        "AND coded.param = 'code' AND coded.digest = ? "
        "WHERE term.type = 'Observation' AND term.param = 'patient' "
        "AND term.digest = ? AND NOT EXISTS (SELECT 1 FROM moment WHERE "
        "moment.type = 'Observation' AND moment.key = latest.key "
        "AND moment.param = 'date' AND moment.high < ?) LIMIT ?",
        (code, digest, earliest, _MOST),
    )
    return [Place("Observation", *row) for row in rows]
