"""The records of one person: a Patient, and those that are linked with it.

Links count from both sides and over several steps, so that whichever record of a
merge somebody sends to, nothing that is known of the person is left out.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from domain.values import Reference
from fhir_profiles.lexical import parse
from fhir_profiles.patient import same_person
from gateway.projections import resources
from gateway.projections.database import Database
from gateway.projections.indexing import Resource
from gateway.projections.referring import referring

_MOST = 50  # records of one person; beyond, somebody links at random

Sourced = tuple[Reference, Resource]


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whom a Patient's address means: `patients` are all records, the own one first.

    `own` is None where it was never sent, or deleted; `linked` leaves such out.
    """

    patients: tuple[Reference, ...]
    own: Sourced | None
    linked: tuple[Sourced, ...]


def person(
    database: Database, connection: sqlite3.Connection, patient: Reference
) -> Person:
    """Return the person behind a Patient's address."""
    found: dict[Reference, Sourced | None] = {}
    waiting = [patient.unversioned()]
    while waiting and len(found) < _MOST:
        whom = waiting.pop(0)
        if whom in found:
            continue
        found[whom] = record = _record(database, connection, whom)
        waiting += _named(record) if record else ()
        waiting += _naming(database, connection, whom)
    own, *others = found.values()
    linked = tuple(each for each in others if each is not None)
    return Person(patients=tuple(found), own=own, linked=linked)


def _record(
    database: Database, connection: sqlite3.Connection, patient: Reference
) -> Sourced | None:
    version = resources.read(database, connection, patient)
    if version is None or version.deleted:
        return None
    return version.reference, parse(version.body)


def _named(record: Sourced) -> Iterator[Reference]:
    """Give the Patients that a record links to."""
    for text in same_person(record[1]):
        try:
            other = Reference.parse(text).unversioned()
        except ValueError:
            continue
        if other.type == "Patient":
            yield other


def _naming(
    database: Database, connection: sqlite3.Connection, patient: Reference
) -> list[Reference]:
    """Return the Patients whose records link to this one."""
    places = referring(database, connection, "Patient", "link", patient, limit=_MOST)
    found = (resources.find(database, connection, place) for place in places)
    return [each.reference.unversioned() for each in found if each is not None]
