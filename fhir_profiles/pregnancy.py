"""What a patient's record says of pregnancy and of the six weeks after it.

Maternal rules hold in both, so a pregnancy counts for nine months and six weeks after
it was last stated, unless something newer says otherwise.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from domain.values import Pregnancy
from fhir_profiles.elements import (
    LOINC,
    SNOMED,
    Resource,
    codes,
    element,
    has_code,
    plain,
    status_code,
    string,
)
from fhir_profiles.gestation import (
    LONGEST_TERM,
    TERM,
    age_then,
    birth,
    states_pregnancy,
)
from fhir_profiles.moments import Span, first_span
from fhir_profiles.observed import observed

_POSTPARTUM = timedelta(weeks=6)
_NEGATIVE_HOLDS = timedelta(days=7)
"""How long a "not pregnant" is believed; nothing newer makes it unknown."""

_STATUS = frozenset({"82810-3"})
_ANSWERS = MappingProxyType(
    {
        (LOINC, "LA15173-0"): Pregnancy.PREGNANT,
        (LOINC, "LA26683-5"): Pregnancy.NOT_PREGNANT,
        (SNOMED, "77386006"): Pregnancy.PREGNANT,
        (SNOMED, "146799005"): Pregnancy.PREGNANT,  # possible: treated as present
        (SNOMED, "60001007"): Pregnancy.NOT_PREGNANT,
        ("", "pregnant"): Pregnancy.PREGNANT,
        ("", "not pregnant"): Pregnancy.NOT_PREGNANT,
    }
)
_ICD = re.compile(r"O\d\d|Z33|Z34|Z3A", re.IGNORECASE)
_ICD_PUERPERIUM = re.compile(r"Z39", re.IGNORECASE)
_ICD_SYSTEM = "http://hl7.org/fhir/sid/icd-10"  # and its national editions, "-cm" ...
_CONDITIONS = frozenset(
    # Pregnant; normal, uncertain dates, high risk, multiple, ectopic.
    {"77386006", "72892002", "237238006", "47200007", "16356006", "34801009"}
)
_PUERPERIUM = frozenset({"86569001"})
_OVER = frozenset({"inactive", "remission", "resolved"})
_UNTRUE = frozenset({"refuted", "entered-in-error"})
_NEVER = datetime.min.replace(tzinfo=UTC)
_NOT_MEASURED = frozenset({"entered-in-error", "cancelled"})


@dataclass(frozen=True, kw_only=True)
class _Statement:
    says: Pregnancy
    at: datetime


def pregnancy(resources: Iterable[Resource], at: datetime) -> Pregnancy:
    """Return what a patient's Observations and Conditions say of pregnancy at a time.

    Read are the pregnancy status (LOINC 82810-3), gestational ages and due dates, a
    birth (see `gestation`), and Conditions in SNOMED CT and ICD-10 (chapter O, Z33,
    Z34, Z3A, Z39). A birth ends what was stated before it. Pregnant wins over
    postpartum, postpartum over not pregnant. "Not pregnant" after a pregnancy
    means postpartum, and alone it is believed for a week. Without a date a pregnancy
    is taken as present. Age and sex are not looked at: what nobody stated is unknown.
    """
    known = list(resources)
    born = birth(known, at)
    read = [found for each in known if (found := _statement(each, at))]
    if born is not None:
        read = [each for each in read if each.at > born.end]
        read += filter(None, [_ended(min(born.end, at), at)])
    said = {statement.says for statement in read}
    if Pregnancy.PREGNANT in said:
        stated = _newest(read, Pregnancy.PREGNANT)
        ended = _newest(read, Pregnancy.NOT_PREGNANT) > stated
        return Pregnancy.POSTPARTUM if ended else Pregnancy.PREGNANT
    order = (Pregnancy.POSTPARTUM, Pregnancy.NOT_PREGNANT)
    return next((each for each in order if each in said), Pregnancy.UNKNOWN)


def _newest(read: list[_Statement], says: Pregnancy) -> datetime:
    times = (statement.at for statement in read if statement.says is says)
    return max(times, default=_NEVER)


def _statement(resource: Resource, at: datetime) -> _Statement | None:
    kind = string(resource, "resourceType")
    if kind == "Condition":
        return _of_condition(resource, at)
    if kind != "Observation" or string(resource, "status") in _NOT_MEASURED:
        return None
    code, seen = element(resource, "code"), observed(resource)
    if has_code(code, LOINC, _STATUS):
        return _of_status(resource, seen, at)
    if states_pregnancy(resource):
        stated, age = age_then(resource, at)
        return _advanced(stated, at, age)
    return None


def _of_status(answer: Resource, seen: Span | None, at: datetime) -> _Statement | None:
    concept = element(answer, "valueCodeableConcept")
    keys = [(code.system, code.code) for code in codes(concept)]
    texts = (string(concept, "text"), string(answer, "valueString"))
    keys += [("", plain(text).casefold()) for text in texts]
    says = next((_ANSWERS[key] for key in keys if key in _ANSWERS), None)
    if says is Pregnancy.PREGNANT:
        return _advanced(seen.end if seen else at, at)
    if says is Pregnancy.NOT_PREGNANT and seen and at - seen.start <= _NEGATIVE_HOLDS:
        return _Statement(says=says, at=seen.start)
    return None


def _of_condition(condition: Resource, at: datetime) -> _Statement | None:
    if status_code(condition, "verificationStatus") in _UNTRUE:
        return None
    code = element(condition, "code")
    since = _since(condition, at)
    if has_code(code, SNOMED, _PUERPERIUM) or _has_icd(code, _ICD_PUERPERIUM):
        return _ended(since, at)
    if not has_code(code, SNOMED, _CONDITIONS) and not _has_icd(code, _ICD):
        return None
    abated = first_span(condition, ("abatementDateTime", "abatementPeriod"))
    if abated and abated.start <= at:
        return _ended(abated.end, at)
    if status_code(condition, "clinicalStatus") in _OVER:
        return _ended(since + TERM, at)  # When it ended is not known.
    return _advanced(since, at)


def _has_icd(concept: Resource, pattern: re.Pattern[str]) -> bool:
    return any(
        code.system.startswith(_ICD_SYSTEM) and pattern.match(code.code)
        for code in codes(concept)
    )


def _since(condition: Resource, at: datetime) -> datetime:
    """Return the latest date of a Condition: the later, the longer it counts."""
    names = ("recordedDate", "onsetDateTime", "onsetPeriod")
    spans = (first_span(condition, (name,)) for name in names)
    return max((found.end for found in spans if found), default=at)


def _advanced(
    stated: datetime, at: datetime, age: timedelta | None = None
) -> _Statement | None:
    """Return what a pregnancy has become that was stated then, at that age if known."""
    term = TERM if age is None else max(LONGEST_TERM - age, timedelta())
    passed = at - stated
    if passed <= term:
        return _Statement(says=Pregnancy.PREGNANT, at=stated)
    if passed <= term + _POSTPARTUM:
        return _Statement(says=Pregnancy.POSTPARTUM, at=stated)
    return None


def _ended(latest: datetime, at: datetime) -> _Statement | None:
    if at - latest > _POSTPARTUM:
        return None
    return _Statement(says=Pregnancy.POSTPARTUM, at=latest)
