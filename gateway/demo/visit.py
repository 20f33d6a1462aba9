"""A visit as data: who comes, why, what was measured, what is taken."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True)
class Code:
    """A coded concept with its display."""

    system: str
    code: str
    display: str


@dataclass(frozen=True)
class Quantity:
    """A value as the device printed it, its UCUM code and its printed unit."""

    value: str
    code: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One Observation: its codes, and a quantity, an answer, or named parts."""

    codes: tuple[Code, ...]
    text: str
    quantity: Quantity | None = None
    answer: Code | None = None
    parts: "tuple[Measurement, ...]" = ()
    category: str = "vital-signs"
    before: timedelta = timedelta(minutes=8)


@dataclass(frozen=True)
class Medicine:
    """What a patient takes: as written, its ingredient in RxNorm, and how."""

    text: str
    rxnorm: str
    dosage: str


class Channel(StrEnum):
    """Where the reason for the visit is written."""

    ENCOUNTER = "Encounter.reasonCode"
    OBSERVATION = "Observation 8661-1"
    CONDITION = "encounter-diagnosis Condition"
    QUESTIONNAIRE = "QuestionnaireResponse"


@dataclass(frozen=True, kw_only=True)
class Person:
    """An invented patient; the age is exact at the moment of the visit."""

    given: str
    family: str
    gender: str
    years: int = 0
    days: int = 0

    def born(self, today: date) -> date:
        """Return a birth date that gives the age, between two birthdays."""
        if self.years == 0:
            return today - timedelta(days=self.days)
        return today - timedelta(days=round(365.25 * (self.years + 0.4)))


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What the demonstration's nurse does; without acuity, the one proposed."""

    decision: str  # accepted, overridden, corrected
    acuity: int | None = None
    reason: str = ""
    correction: str = ""


ACCEPTED = Decision(decision="accepted")


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A visit, or a history alone where nobody is here: then no case is expected."""

    key: str
    person: Person
    complaint: str
    code: Code | None = None
    channel: Channel = Channel.ENCOUNTER
    measured: tuple[Measurement, ...] = ()
    takes: tuple[Medicine, ...] = ()
    has: tuple[Code, ...] = ()
    allergic_to: tuple[Code, ...] = ()
    ended: timedelta | None = None  # how long ago, where the visit is over
    decision: Decision | None = ACCEPTED


@dataclass(frozen=True, kw_only=True)
class DemoCase:
    """A Bundle to send, and what is to come of it."""

    key: str
    bundle: dict[str, object]
    opens_case: bool
    decision: Decision | None


def aware(now: datetime, before: timedelta) -> str:
    """Return a FHIR dateTime so long before now.

    Raises:
        ValueError: `now` has no offset.

    """
    if now.utcoffset() is None:
        raise ValueError("Give a time with its offset from UTC.")
    return (now - before).isoformat(timespec="seconds")
