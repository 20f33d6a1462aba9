"""All that is stored about a person, and what it refers to beside her."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from domain.values import Reference
from fhir_profiles.lexical import parse
from fhir_profiles.linking import references
from fhir_profiles.patient_compartment import COMPARTMENT
from gateway.projections import resources
from gateway.projections.database import Database
from gateway.projections.persons import Person
from gateway.projections.referring import referring
from gateway.projections.resources import Place, Version

_PATIENT = "Patient"
_KINDS = {
    **{kind: names for kind, names in COMPARTMENT.items() if kind != "AuditEvent"},
    "Task": ("patient",),
}
"""The compartment, without the trail of accesses and with what is to be done."""

KINDS = frozenset({_PATIENT, *_KINDS})
_MOST = 100_000  # of one type and parameter
Mark = tuple[str, bytes]
"""Type and key of the resource after which a page goes on."""
_ROUNDS = 2  # a role refers to its practitioner, that is as far as it matters


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Where a person's resources are: how many, and those after a mark, in order."""

    size: int
    places: tuple[Place, ...]


def chart(
    database: Database,
    connection: sqlite3.Connection,
    whose: Person,
    kinds: Collection[str],
    *,
    after: Mark | None = None,
) -> Chart:
    """Return where all resources of these types are that are about a person.

    The order is always the same, the own Patient first and the linked ones next, so
    that a page goes on where the one before ended, whatever was written in between.
    """
    first = database.key(whose.patients[0].id)
    found = {
        *_records(database, whose, kinds),
        *_about(database, connection, whose.patients, kinds),
    }

    def rank(kind: str, key: bytes) -> tuple[bool, bool, str, bytes]:
        return (kind, key) != (_PATIENT, first), kind != _PATIENT, kind, key

    ordered = sorted(found, key=lambda each: rank(each.type, each.key))
    rest = [each for each in ordered if not after or rank(*each[:2]) > rank(*after)]
    return Chart(size=len(ordered), places=tuple(rest))


def _records(
    database: Database, whose: Person, kinds: Collection[str]
) -> Iterator[Place]:
    for record in (whose.own, *whose.linked):
        if record is not None and _PATIENT in kinds:
            reference = record[0]
            yield Place(_PATIENT, database.key(reference.id), reference.version)


def _about(
    database: Database,
    connection: sqlite3.Connection,
    patients: Iterable[Reference],
    kinds: Collection[str],
) -> Iterator[Place]:
    for patient in patients:
        for kind in kinds:
            for name in _KINDS.get(kind, ()):
                yield from referring(
                    database, connection, kind, name, patient, limit=_MOST
                )


def supporting(
    database: Database, connection: sqlite3.Connection, shown: Iterable[Version]
) -> list[Version]:
    """Return what resources refer to and is about nobody, such as practitioners."""
    found: dict[Reference, Version] = {}
    fresh = list(shown)
    for _ in range(_ROUNDS):
        coming = {address for each in fresh for address in _referred(each)}
        versions = (
            resources.read(database, connection, each)
            for each in sorted(coming - found.keys(), key=str)
        )
        fresh = [each for each in versions if each is not None and not each.deleted]
        found |= {each.reference.unversioned(): each for each in fresh}
    return list(found.values())


def _referred(version: Version) -> Iterator[Reference]:
    for link in references(parse(version.body)):
        try:
            address = Reference.parse(link.text).unversioned()
        except ValueError:
            continue  # elsewhere, contained, or no literal reference
        if address.type not in KINDS:
            yield address
