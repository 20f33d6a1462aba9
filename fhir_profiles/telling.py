"""By whom something was told, and since when it has been so."""

from collections.abc import Sequence
from datetime import timedelta
from types import MappingProxyType

from domain.particulars import Author, Onset
from fhir_profiles.elements import Resource, element, elements, plain, string
from fhir_profiles.moments import Span, span
from fhir_profiles.units import number

_AUTHORS = MappingProxyType(
    {"Patient": Author.PATIENT, "RelatedPerson": Author.CARER}
    | dict.fromkeys(("Practitioner", "PractitionerRole"), Author.CLINICIAN)
    | dict.fromkeys(("Organization", "CareTeam"), Author.CLINICIAN)
)
_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)  # the farthest zones


def author(resource: Resource, names: Sequence[str]) -> Author:
    """Return who spoke, by the first of these References that tells the type."""
    for name in names:
        for each in (element(resource, name), *elements(resource, name)):
            found = _AUTHORS.get(_type(resource, each))
            if found is not None:
                return found
    return Author.UNKNOWN


def _type(resource: Resource, reference: Resource) -> str:
    """Return the type of a Reference, as said, as written, or as contained."""
    written = string(reference, "reference")
    if written.startswith("#"):
        own = (each for each in elements(resource, "contained") if _is(each, written))
        return string(next(own, {}), "resourceType")
    parts = written.partition("/_history/")[0].split("/")
    return string(reference, "type") or (parts[-2] if len(parts) > 1 else "")


def _is(contained: Resource, reference: str) -> bool:
    return f"#{string(contained, 'id')}" == reference


def onset(resource: Resource) -> Onset | None:
    """Return the onset of a Condition: an interval, or the words that tell it.

    A period says between when and when it began. An age at onset is kept as words:
    whoever is counted in years began too long ago for any limit in hours.
    """
    when = element(resource, "onsetPeriod")
    began, latest = (span(string(when, name)) for name in ("start", "end"))
    instant = span(string(resource, "onsetDateTime"))
    if instant or began or latest:
        return interval(instant or began, instant or latest)
    words = plain(string(resource, "onsetString")) or _aged(resource)
    return Onset(words=words) if words else None


def interval(first: Span | None, last: Span | None) -> Onset:
    """Return from the start of one to the end of another, as far apart as can be.

    A date is no time zone's: it may begin half a day before or end half a day after.
    """
    return Onset(
        earliest=None if first is None else first.start - _EAST * (not first.exact),
        latest=None if last is None else last.end + _WEST * (not last.exact),
    )


def _aged(resource: Resource) -> str:
    age = element(resource, "onsetAge")
    value = number(age.get("value"))
    unit = plain(string(age, "unit") or string(age, "code"))
    return f"at the age of {value} {unit}".rstrip() if value is not None else ""
