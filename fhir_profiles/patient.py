"""Patient to age and sex; no name, no identifier leaves this module."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from domain.values import Age, Sex
from fhir_profiles.elements import (
    LOINC,
    Resource,
    element,
    elements,
    has_code,
    string,
)
from fhir_profiles.moments import dates
from fhir_profiles.observed import observed
from fhir_profiles.units import number

_OLDEST = 130 * 366
"""Days of age beyond which a birth date is a placeholder."""

STATED_AGE = frozenset({"30525-0", "21612-7"})
"""LOINC: age; age reported."""

_VOID = frozenset({"entered-in-error", "cancelled"})
_NONE = timedelta()
_YEAR, _MONTH = (Decimal(365), Decimal(366)), (Decimal("30.4"), Decimal("30.5"))
_WEEK, _DAY = (Decimal(7), Decimal(7)), (Decimal(1), Decimal(1))
_DAYS = MappingProxyType(
    # How many days a unit has at the least and at the most.
    dict.fromkeys(("a", "a_g", "a_j", "year", "years", "yr", "yrs", "y"), _YEAR)
    | dict.fromkeys(("mo", "mo_g", "mo_j", "month", "months"), _MONTH)
    | dict.fromkeys(("wk", "week", "weeks"), _WEEK)
    | dict.fromkeys(("d", "day", "days"), _DAY)
)
_SEXES = frozenset(sex.value for sex in Sex)


def age(patient: Resource, at: datetime) -> Age | None:
    """Return the age in whole days at an aware instant, by the UTC calendar.

    A birth date that is only a year or a month gives an interval. A birth one day
    ahead is a newborn in an eastern time zone. None without a date that can be true.
    """
    born = dates(string(patient, "birthDate"))
    if born is None:
        return None
    today = at.astimezone(UTC).date()
    most, least = ((today - day).days for day in born)
    if most < -1 or least > _OLDEST:
        return None
    return Age(least=max(least, 0), most=max(most, 0))


def stated_age(observation: Resource, at: datetime) -> Age | None:
    """Return the age that an Observation states (LOINC 30525-0, 21612-7), grown since.

    A whole number of years, months, weeks or days is an interval of one of them.
    """
    if not has_code(element(observation, "code"), LOINC, STATED_AGE):
        return None
    quantity = element(observation, "valueQuantity")
    value = number(quantity.get("value"))
    unit = _DAYS.get(string(quantity, "code") or string(quantity, "unit").casefold())
    stated = string(observation, "status") not in _VOID and "comparator" not in quantity
    if not stated or value is None or unit is None or value < 0:
        return None
    seen = observed(observation)
    first, last = (seen.start, seen.end) if seen else (at, at)
    least = int(value * unit[0]) + max(at - last, _NONE).days
    most = int((value + 1) * unit[1]) + max(at - first, _NONE).days + 1
    return Age(least=least, most=most) if most <= _OLDEST else None


def is_deceased(patient: Resource) -> bool:
    """Say whether the record calls the patient dead; such flags are often wrong."""
    return patient.get("deceasedBoolean") is True or "deceasedDateTime" in patient


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
