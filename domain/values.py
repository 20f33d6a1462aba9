"""The small frozen types that every rule, event and command is made of."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum


class Acuity(IntEnum):
    """Five-level urgency, 1 the most urgent (the scale of ESI, CTAS and ATS)."""

    RESUSCITATION = 1
    EMERGENT = 2
    URGENT = 3
    LESS_URGENT = 4
    NON_URGENT = 5

    @property
    def time_limit(self) -> timedelta:
        """Return the longest wait before a nurse has looked.

        Minutes 0, 10, 30, 60 and 120: the Australasian Triage Scale's treatment
        acuity (ACEM P06), the strictest of the published five-level scales.
        """
        return timedelta(minutes=(0, 10, 30, 60, 120)[self - 1])


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One version of one FHIR resource; version 0 means 'whichever is current'."""

    type: str
    id: str
    version: int = 0

    def __str__(self) -> str:
        """Return the relative literal reference, versioned where a version is known."""
        current = f"{self.type}/{self.id}"
        return f"{current}/_history/{self.version}" if self.version else current

    def unversioned(self) -> "Reference":
        """Return the reference to the resource, whatever its version."""
        return Reference(type=self.type, id=self.id) if self.version else self

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """Read `Type/id` or `Type/id/_history/n`.

        Raises:
            ValueError: the text has another shape.

        """
        parts = text.split("/")
        if len(parts) == 2 and all(parts):  # noqa: PLR2004 (Type, id)
            return cls(type=parts[0], id=parts[1])
        if len(parts) == 4 and all(parts) and parts[2] == "_history":  # noqa: PLR2004
            return cls(type=parts[0], id=parts[1], version=int(parts[3]))
        raise ValueError("A literal reference has the form Type/id.")


@dataclass(frozen=True, kw_only=True)
class Code:
    """A coded concept: system URI, code, and the display its sender gave."""

    system: str
    code: str
    display: str = ""


class Sex(StrEnum):
    """Administrative sex as FHIR's `Patient.gender` states it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Pregnancy(StrEnum):
    """What is known of pregnancy; postpartum means the six weeks after birth."""

    PREGNANT = "pregnant"
    POSTPARTUM = "postpartum"
    NOT_PREGNANT = "not-pregnant"
    UNKNOWN = "unknown"


class Consciousness(StrEnum):
    """The ACVPU scale (RCP, NEWS2 2017)."""

    ALERT = "alert"
    CONFUSED = "confused"
    VOICE = "voice"
    PAIN = "pain"
    UNRESPONSIVE = "unresponsive"


class VitalName(StrEnum):
    """What is measured; the canonical unit of each stands behind it."""

    RESPIRATORY_RATE = "respiratory-rate"  # /min
    HEART_RATE = "heart-rate"  # /min
    OXYGEN_SATURATION = "oxygen-saturation"  # %
    SYSTOLIC = "systolic"  # mm[Hg]
    DIASTOLIC = "diastolic"  # mm[Hg]
    TEMPERATURE = "temperature"  # Cel
    CONSCIOUSNESS = "consciousness"  # coded: Vital.consciousness
    GLASGOW_COMA_SCALE = "glasgow-coma-scale"  # {score}
    OXYGEN_FLOW = "oxygen-flow"  # L/min
    INHALED_OXYGEN = "inhaled-oxygen"  # %
    PAIN = "pain"  # {score}, 0-10
    GLUCOSE = "glucose"  # mmol/L
    LACTATE = "lactate"  # mmol/L
    CAPILLARY_REFILL = "capillary-refill"  # s
    WEIGHT = "weight"  # kg


class Quality(StrEnum):
    """Whether a measured value may be judged by rules."""

    GOOD = "good"
    IMPLAUSIBLE = "implausible"  # outside what a living patient or a probe can give
    UNREADABLE = "unreadable"  # no number, or a unit that does not fit the code


@dataclass(frozen=True, kw_only=True)
class Vital:
    """One measurement in its canonical unit, with the Observation it came from."""

    name: VitalName
    source: Reference
    value: Decimal | None = None
    consciousness: Consciousness | None = None
    effective: datetime | None = None
    quality: Quality = Quality.GOOD


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """Why the patient came, in the words and codes that were sent."""

    text: str
    source: Reference
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A condition, medication or allergy of the patient's history."""

    text: str
    source: Reference
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Age:
    """Age in days as an interval, since a birth date may be a year or a month only."""

    least: int
    most: int


@dataclass(frozen=True, kw_only=True)
class Case:
    """Everything the floor and the model may look at: no name, no identifier."""

    patient: Reference
    at: datetime
    age: Age | None = None
    sex: Sex = Sex.UNKNOWN
    pregnancy: Pregnancy = Pregnancy.UNKNOWN
    complaints: tuple[Complaint, ...] = ()
    vitals: tuple[Vital, ...] = ()
    conditions: tuple[Finding, ...] = ()
    medications: tuple[Finding, ...] = ()
    allergies: tuple[Finding, ...] = ()
    inputs: tuple[Reference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Fired:
    """A rule that applied: what it demands, on which resources, by which source."""

    rule: str
    acuity: Acuity
    sentence: str
    citation: str
    sources: tuple[Reference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Floor:
    """The deterministic assessment: the least urgent level that may be given."""

    acuity: Acuity
    rules: str  # version of the rule set
    fired: tuple[Fired, ...] = ()
    missing: tuple[str, ...] = ()  # vital signs that were not there
    doubts: tuple[str, ...] = ()  # contradictory, implausible or unreadable data

    @property
    def complete(self) -> bool:
        """Say whether nothing was missing; unknown is never normal."""
        return not self.missing
