"""The lines of an export's file: what stands, or what is gone.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html#response---complete-status
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from fhir_profiles.elements import Resource, element, elements
from fhir_profiles.lexical import parse, serialise
from fhir_profiles.linking import references
from gateway.access import Principal
from gateway.http.sight import visible
from gateway.intake.subjects import concerns_somebody
from gateway.projections import resources
from gateway.projections.database import Database
from gateway.projections.resources import Version

_TYPE: Final = re.compile(
    r"(?:^|/)([A-Z][A-Za-z]{1,40})/[^/?#]{1,64}(?:/_history/[^/]{1,64})?$"
)
_WHOM: Final = ("subject", "for", "target")


def lines(
    database: Database,
    connection: sqlite3.Connection,
    found: Iterable[Version],
    *,
    caller: Principal,
    of_patients: bool,
) -> Iterator[bytes]:
    """Give a resource a line, or a Bundle a line that deletes what is gone.

    What is gone is told to whoever could see what stood before.
    """
    for each in found:
        stood = _stood(database, connection, each)
        if visible(caller, stood) and not (of_patients and _is_nobodys(stood)):
            yield serialise(_deletion(each)) if each.deleted else each.body


def _stood(
    database: Database, connection: sqlite3.Connection, version: Version
) -> Version:
    """Return the version that says something: where it is gone, the one before."""
    if not version.deleted:
        return version
    before = replace(version.reference, version=version.reference.version - 1)
    return resources.read(database, connection, before) or version


def _deletion(version: Version) -> dict[str, Any]:
    request = {"method": "DELETE", "url": str(version.reference.unversioned())}
    return {
        "resourceType": "Bundle",
        "meta": {"lastUpdated": version.at.isoformat(timespec="milliseconds")},
        "type": "transaction",
        "entry": [{"request": request}],
    }


def _is_nobodys(version: Version) -> bool:
    """Say whether a resource refers to no patient, nor to what may be a patient's.

    Whom it names without a reference, by an identifier or in words, may be one. It is
    said by the resource alone, so that a file says the same whenever it is read.
    """
    if not version.body:  # an erasure took what it had said of somebody
        return False
    content = parse(version.body)
    named = (each.text for each in references(content) if each.key == "reference")
    if any(map(_may_be_somebodys, named)):
        return False
    whom = (each for name in _WHOM for each in _at(content, name))
    return not any(each and "reference" not in each for each in whom)


def _may_be_somebodys(reference: str) -> bool:
    """Say so of what does not tell its type, too."""
    found = _TYPE.search(reference)
    return found is None or concerns_somebody(found[1])


def _at(content: Resource, name: str) -> tuple[Resource, ...]:
    return (element(content, name), *elements(content, name))
