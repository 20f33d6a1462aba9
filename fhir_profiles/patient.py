"""Patient to age and sex; no name, no identifier leaves this module."""

from datetime import UTC, datetime

from domain.values import Age, Sex
from fhir_profiles.elements import Resource, element, elements, string
from fhir_profiles.moments import dates

_OLDEST = 130 * 366
"""Days of age beyond which a birth date is a placeholder."""

_SEXES = frozenset(sex.value for sex in Sex)


def age(patient: Resource, at: datetime) -> Age | None:
    """Return the age in whole days at an aware instant, by the UTC calendar.

    A birth date that is only a year or a month gives an interval. A birth one day
    ahead is a newborn in an eastern time zone. None without a date that can be true.
    `deceased[x]` is ignored: the dead are not triaged, and the flag is often wrong.
    """
    born = dates(string(patient, "birthDate"))
    if born is None:
        return None
    today = at.astimezone(UTC).date()
    most, least = ((today - day).days for day in born)
    if most < -1 or least > _OLDEST:
        return None
    return Age(least=max(least, 0), most=max(most, 0))


def sex(patient: Resource) -> Sex:
    """Return the administrative sex, unknown where it is absent or another word."""
    gender = string(patient, "gender")
    return Sex(gender) if gender in _SEXES else Sex.UNKNOWN


def same_person(resource: Resource) -> tuple[str, ...]:
    """Return the references of Patient.link, as written; none of another type.

    Each type of link says that the other record is of the same person: `replaced-by`
    and `replaces` of a merge, `refer` and `seealso` of records side by side
    (https://hl7.org/fhir/R4/valueset-link-type.html).
    """
    if string(resource, "resourceType") != "Patient":
        return ()
    named = (
        string(element(link, "other"), "reference")
        for link in elements(resource, "link")
    )
    return tuple(dict.fromkeys(each for each in named if each))
