"""The resources of one patient that triage reads."""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from domain.values import Reference
from fhir_profiles import gestation
from fhir_profiles.answers import canonical
from fhir_profiles.instants import microseconds
from fhir_profiles.lexical import parse
from fhir_profiles.medication import medication_of
from fhir_profiles.patient import STATED_AGE
from gateway.projections import resources
from gateway.projections.database import Database
from gateway.projections.indexing import Resource
from gateway.projections.referring import named, recent, referring
from gateway.projections.resources import Place, Version

_HISTORY = (
    "MedicationStatement",
    "MedicationRequest",
    "MedicationAdministration",
    "MedicationDispense",
    "AllergyIntolerance",
    "Condition",
    "Encounter",
    "Flag",
    "Immunization",
    "Procedure",
    "QuestionnaireResponse",
    "ServiceRequest",
)
_LASTING = ("82810-3", *sorted(gestation.CODES), *sorted(STATED_AGE))
"""LOINC codes of Observations that count for longer than the window."""

_MOST = 500  # of one type; the newest are kept
_MOST_FORMS = 20  # versions of a Questionnaire under one canonical URL

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

    Pregnancy and age are stated by Observations too, so those of the last year are
    included where they carry such a code. So are the Medications and Questionnaires
    to which these resources refer.
    """
    places = {
        place
        for each in patients
        for place in _places(database, connection, each, at=at, window=window)
    }
    found = (resources.find(database, connection, place) for place in sorted(places))
    own = [(each.reference, parse(each.body)) for each in found if each is not None]
    shared = {
        each.reference: each
        for _, content in own
        for each in _referred(database, connection, content)
    }
    return [*own, *((name, parse(each.body)) for name, each in shared.items())]


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
    for code in _LASTING:
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


def _referred(
    database: Database, connection: sqlite3.Connection, content: Resource
) -> Iterator[Version]:
    """Yield the Medication and the Questionnaires to which a resource refers."""
    name = medication_of(content)
    if name.startswith("Medication/"):
        found = resources.read(database, connection, Reference.parse(name))
        if found is not None and not found.deleted:
            yield found
    url = canonical(content).partition("|")[0]
    if url:
        forms = named(
            database, connection, "Questionnaire", "url", url, limit=_MOST_FORMS
        )
        found_forms = (resources.find(database, connection, each) for each in forms)
        yield from (each for each in found_forms if each is not None)
