"""What Tasks point to: the data that somebody who works on them may read.

A Task points to its patient, and so to every resource in the compartment of that person
(http://hl7.org/fhir/R4/compartmentdefinition-patient.html): focus, encounter, inputs,
and what an assessment rests on. Provenance belongs to whom its targets belong to.
Devices, practitioners, places and medicines are nobody's data.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from domain.values import Reference
from fhir_profiles.compartment import subject_of
from fhir_profiles.lexical import parse
from gateway.projections import resources
from gateway.projections.database import Database
from gateway.projections.persons import person
from gateway.projections.referring import referring

Resource = Mapping[str, Any]
_NOBODYS = frozenset(
    {
        "Device",
        "Location",
        "Medication",
        "Organization",
        "Practitioner",
        "PractitionerRole",
    }
)
_ADDRESS = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/\d{1,18})?")
_MOST = 20  # targets of one Provenance that are looked up


def points_to(database: Database, kind: str, resource: Resource) -> bool:
    """Say whether any Task points to a resource; it reads the disk."""
    if kind in _NOBODYS and subject_of(dict(resource)) is None:
        return True
    with database.reader() as connection:
        whom = set(_patients(database, connection, kind, resource))
        return any(_has_task(database, connection, each) for each in whom)


def _patients(
    database: Database, connection: sqlite3.Connection, kind: str, content: Resource
) -> Iterator[Reference]:
    own = _whose(kind, content)
    if own is not None:
        yield own
    elif kind == "Provenance":
        yield from _of_targets(database, connection, content)


def _whose(kind: str, content: Resource) -> Reference | None:
    if kind == "Patient":
        return Reference(type="Patient", id=content["id"])
    return _local(subject_of(dict(content)))


def _of_targets(
    database: Database, connection: sqlite3.Connection, content: Resource
) -> Iterator[Reference]:
    for target in content.get("target", ())[:_MOST]:
        address = _local(target.get("reference"))
        if address is None:
            continue
        found = resources.read(database, connection, address)
        whom = _whose(address.type, parse(found.body)) if found and found.body else None
        if whom is not None:
            yield whom


def _local(text: object) -> Reference | None:
    found = _ADDRESS.fullmatch(text) if isinstance(text, str) else None
    return Reference(type=found[1], id=found[2]) if found else None


def _has_task(
    database: Database, connection: sqlite3.Connection, whom: Reference
) -> bool:
    """Say whether there is a Task for any record of a person (Patient.link)."""
    return any(
        referring(database, connection, "Task", "patient", each, limit=1)
        for each in person(database, connection, whom).patients
    )
