"""Which Patients are the same person, as their records say (R4, Patient.link).

Every link type says so: `replaced-by` and `replaces` of a merge, `refer` and
`seealso` of records that live side by side. A link holds in both directions from the
moment that one record states it, until that record states it no more.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, assert_never

from domain.values import Reference


@dataclass(frozen=True, kw_only=True)
class PatientsLinked:
    """A Patient's record says that another Patient is the same person."""

    topic: ClassVar[str] = "patients.linked.v1"
    patient: Reference  # whose record says so
    other: Reference


@dataclass(frozen=True, kw_only=True)
class PatientsUnlinked:
    """A Patient's record says so no more."""

    topic: ClassVar[str] = "patients.unlinked.v1"
    patient: Reference
    other: Reference


KinshipEvent = PatientsLinked | PatientsUnlinked
Links = Mapping[Reference, frozenset[tuple[Reference, Reference]]]
"""Of each Patient the statements about it: whose record it stands in, and the other."""
UNRELATED: Links = MappingProxyType({})


def state_links(
    patient: Reference, stated: Collection[Reference], known: Links
) -> list[KinshipEvent]:
    """Let the links of a Patient's record be exactly those that it states now."""
    about = known.get(patient, frozenset())
    before = {other for says, other in about if says == patient}
    now = {each for each in stated if each != patient}
    linked = [
        PatientsLinked(patient=patient, other=each)
        for each in sorted(now - before, key=str)
    ]
    unlinked = [
        PatientsUnlinked(patient=patient, other=each)
        for each in sorted(before - now, key=str)
    ]
    return [*linked, *unlinked]


def others(patient: Reference, known: Links) -> list[Reference]:
    """Return whom a Patient is linked with, whichever of the two says so."""
    found = {each for link in known.get(patient, ()) for each in link}
    return sorted(found - {patient}, key=str)


def evolve(known: Links, event: KinshipEvent) -> Links:
    """Remember who is linked with whom."""
    link = (event.patient, event.other)
    return {**known, **{each: _after(known, each, link, event) for each in link}}


def _after(
    known: Links,
    patient: Reference,
    link: tuple[Reference, Reference],
    event: KinshipEvent,
) -> frozenset[tuple[Reference, Reference]]:
    about = known.get(patient, frozenset())
    match event:
        case PatientsLinked():
            return about | {link}
        case PatientsUnlinked():
            return about - {link}
        case _:
            assert_never(event)
