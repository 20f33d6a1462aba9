"""A case as training may see it: rebuilt from closed lists, never copied.

After HIPAA's Safe Harbor, 45 CFR 164.514(b)(2): nothing of a name, place, date, number
or free text is carried over. A case is made anew of measured numbers, of the concepts
of the rules' own catalogue, and of times relative to its opening; whatever cannot be
said so is no part of it, and the whole case is left out. Ages over 89 are one group
(b)(2)(i)(C). The rules have to judge the new case as they judged the old one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from domain.floor.compose import RULES_VERSION, assess
from domain.floor.ordinary import word_set
from domain.particulars import Onset
from domain.values import (
    Age,
    Case,
    Complaint,
    Finding,
    Floor,
    Reference,
    Vital,
)
from gateway.translate import relative
from gateway.translate.catalogued import UnknownWordsError, reworded
from gateway.translate.relative import UnsafeCaseError

_KNOWN: Final = MappingProxyType[type, frozenset[str]](
    {
        Case: word_set(
            "patient at age sex pregnancy complaints vitals conditions medications "
            "allergies inputs clock history gestation postpartum last_known_well "
            "transferred priority deceased"
        ),
        Vital: word_set(
            "name source value consciousness effective quality until flaw critical "
            "preliminary also"
        ),
        Complaint: word_set("text source codes author onset"),
        Finding: word_set(
            "text source codes criticality categories reactions confirmed"
        ),
        Onset: word_set("earliest latest words"),
        Age: frozenset({"least", "most"}),
    }
)
_YEAR: Final = Decimal("365.25")
_MONTHS: Final = 12
_BY_DAY: Final = 90  # days of life that count singly; then whole months, then years
_BY_MONTH: Final = 731
_OLDEST: Final = 90  # years: all above 89
_CATEGORIES: Final = frozenset({"food", "medication", "environment", "biologic"})
_PRIORITIES: Final = word_set(
    "A CR CS CSP CSR EL EM P PRN R RR S T UD UR routine urgent asap stat"
)
"""HL7 v3 ActPriority and FHIR's request-priority."""

__all__ = ["Safe", "UnsafeCaseError", "safe"]


@dataclass(frozen=True, kw_only=True)
class Safe:
    """A case without anything of a person, and the rules' judgement of it."""

    case: Case
    floor: Floor
    omitted: Mapping[str, int] = field(default_factory=dict)


def safe(case: Case, floor: Floor, *, opened: datetime, omit: bool) -> Safe:
    """Return a case as it may be shown.

    `omit` leaves out those conditions, medications and allergies that the catalogue
    does not know, and counts them; else they are a reason to refuse the case.

    Raises:
        UnsafeCaseError: something in it is unknown, or it would mean something else.

    """
    _require_known_fields()
    if floor.rules != RULES_VERSION:
        raise UnsafeCaseError("rules.other-version")
    year = case.at.year
    sources = _Sources()
    again = _Again(year=year, sources=sources, omit=omit, opened=opened)
    made = Case(
        patient=sources.of(case.patient),
        at=relative.since(case.at, opened),
        clock=relative.moment(case.clock, opened),
        age=_age(case.age),
        sex=case.sex,
        pregnancy=case.pregnancy,
        complaints=tuple(again.complaint(each) for each in case.complaints),
        gestation=case.gestation,
        postpartum=case.postpartum,
        last_known_well=relative.onset(case.last_known_well, opened),
        transferred=case.transferred,
        priority=case.priority if case.priority in _PRIORITIES else "",
        deceased=case.deceased,
        vitals=tuple(relative.vital(e, opened, sources.of) for e in case.vitals),
        conditions=again.findings("conditions", case.conditions),
        medications=again.findings("medications", case.medications),
        allergies=again.findings("allergies", case.allergies),
        history=again.findings("history", case.history),
    )
    judged = assess(made)
    if _verdict(judged) != _verdict(floor):
        raise UnsafeCaseError("floor.differs")
    return Safe(case=made, floor=judged, omitted=again.omitted)


class _Sources:
    """Numbers instead of ids, in the order in which resources are met."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Reference] = {}

    def of(self, source: Reference) -> Reference:
        kind = source.type if source.type in _TYPES else "Basic"
        number = len(self._known) + 1
        fresh = Reference(type=kind, id=f"r{number}")
        return self._known.setdefault((source.type, source.id), fresh)


_TYPES: Final = frozenset(
    {
        "AllergyIntolerance",
        "Condition",
        "Encounter",
        "Flag",
        "Immunization",
        "MedicationAdministration",
        "MedicationDispense",
        "MedicationRequest",
        "MedicationStatement",
        "Observation",
        "Patient",
        "Procedure",
        "QuestionnaireResponse",
        "ServiceRequest",
    }
)


@dataclass
class _Again:
    """Says again what a case says; counts what is left out."""

    year: int
    sources: _Sources
    omit: bool
    opened: datetime
    omitted: dict[str, int] = field(default_factory=dict)

    def complaint(self, said: Complaint) -> Complaint:
        try:
            again = reworded(said, year=self.year, source=self.sources.of(said.source))
        except UnknownWordsError as error:
            raise UnsafeCaseError(f"complaint.{error}") from None
        onset = relative.onset(said.onset, self.opened)
        return replace(again, author=said.author, onset=onset)

    def findings(self, kind: str, found: Iterable[Finding]) -> tuple[Finding, ...]:
        return tuple(self._findings(kind, found))

    def _findings(self, kind: str, found: Iterable[Finding]) -> Iterator[Finding]:
        for each in found:
            source = self.sources.of(each.source)
            try:
                again = reworded(each, year=self.year, source=source)
                yield replace(
                    again,
                    criticality=each.criticality,
                    categories=tuple(sorted({*each.categories} & _CATEGORIES)),
                    confirmed=each.confirmed,
                )
            except UnknownWordsError as error:
                if not self.omit:
                    raise UnsafeCaseError(f"{kind}.{error}") from None
                self.omitted[kind] = self.omitted.get(kind, 0) + 1


def _require_known_fields() -> None:
    """Refuse all where a field is new: nobody has thought of what it may hold."""
    for kind, known in _KNOWN.items():
        if {each.name for each in fields(kind)} != known:
            raise UnsafeCaseError(f"field.unknown:{kind.__name__}")


def _age(age: Age | None) -> Age | None:
    if age is None:
        return None
    if age.least < 0 or age.least > age.most:
        raise UnsafeCaseError("age.impossible")
    return Age(least=_pooled(age.least), most=_pooled(age.most))


def _pooled(days: int) -> int:
    """Return an age as coarse as its group: by days, months, years, and over 89."""
    if days < _BY_DAY:
        return days
    if days < _BY_MONTH:
        return int(int(days * _MONTHS / _YEAR) * _YEAR / _MONTHS) + 1
    return int(min(int(days / _YEAR), _OLDEST) * _YEAR) + 1


def _verdict(floor: Floor) -> tuple[object, ...]:
    """Return what the rules said, without on which resources."""
    rules = frozenset((each.rule, each.acuity) for each in floor.fired)
    return floor.acuity, rules, frozenset(floor.missing)
