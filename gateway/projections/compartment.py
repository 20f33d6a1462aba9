"""The resources of one patient that triage reads."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.values import Reference
from fhir_profiles.instants import microseconds
from fhir_profiles.lexical import parse
from gateway.projections import resources
from gateway.projections.database import Database
from gateway.projections.indexing import Resource
from gateway.projections.referring import recent, referring
from gateway.projections.resources import Place

_HISTORY = (
    "MedicationStatement",
    "MedicationRequest",
    "AllergyIntolerance",
    "Condition",
    "Encounter",
    "QuestionnaireResponse",
)
_PREGNANCY = ("82810-3", "11884-4")
_MOST = 500  # of one type; the newest are kept

Sourced = tuple[Reference, Resource]


def of_patient(
    database: Database,
    connection: sqlite3.Connection,
    patients: Iterable[Reference],
    *,
    at: datetime,
    window: timedelta,
) -> list[Sourced]:
    """Return history of every age, and the Observations that may be current.

    `patients` are the records of one person.

    Pregnancy is stated by Observations too, so those of the last year are included
    where they carry one of its codes.
    """
    places = {
        place
        for each in patients
        for place in _places(database, connection, each, at=at, window=window)
    }
    found = (resources.find(database, connection, place) for place in sorted(places))
    return [
        (each.reference, _with_medication(database, connection, parse(each.body)))
        for each in found
        if each is not None
    ]


def _places(
    database: Database,
    connection: sqlite3.Connection,
    patient: Reference,
    *,
    at: datetime,
    window: timedelta,
) -> list[Place]:
    since, year = microseconds(at - window), microseconds(at - timedelta(days=365))
    places = [
        place
        for kind in _HISTORY
        for place in referring(
            database, connection, kind, "patient", patient, limit=_MOST
        )
    ]
    places += recent(
        database, connection, "Observation", patient, since=since, limit=_MOST
    )
    for code in _PREGNANCY:
        places += recent(
            database,
            connection,
            "Observation",
            patient,
            since=year,
            limit=_MOST,
            code=code,
        )
    return places


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
