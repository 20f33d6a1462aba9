"""The small frozen types that every rule, event and command is made of."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum

from domain.particulars import Author, Criticality, Flaw, Onset


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
    KETONES = "ketones"  # mmol/L, beta-hydroxybutyrate in blood
    SUPPLEMENTAL_OXYGEN = "supplemental-oxygen"  # 0 on air, 1 on oxygen, amount unsaid


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
    """The earliest instant at which it can have been measured."""
    quality: Quality = Quality.GOOD
    until: datetime | None = None
    """The latest such instant where that is another: a day, a period. An alarming value
    may be as young as this, a normal one as old as `effective`."""
    flaw: Flaw | None = None
    """Why `quality` is not good; also beside a good value of which more is not known:
    `INCOMPLETE`, the sum of some parts and the best that the others can be."""
    critical: bool = False  # the sender marked it critically abnormal (HH, LL, AA)
    preliminary: bool = False  # not confirmed: good to alarm, not to reassure
    also: tuple[Reference, ...] = ()  # other resources it was made of: parts of a sum


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """Why the patient came, in the words and codes that were sent.

    `text` may have several thousand characters, all of which the rules read.
    """

    text: str
    source: Reference
    codes: tuple[Code, ...] = ()
    author: Author = Author.UNKNOWN
    onset: Onset | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A condition (or Flag, or vaccine not given), medication or allergy on record."""

    text: str
    source: Reference
    codes: tuple[Code, ...] = ()
    criticality: Criticality = Criticality.UNKNOWN  # of an allergy; a severe reaction
    categories: tuple[str, ...] = ()  # of an allergy: food, medication, environment ...
    reactions: tuple[str, ...] = ()  # of an allergy: what it did
    confirmed: bool = True  # False where only suspected; it counts all the same


@dataclass(frozen=True, kw_only=True)
class Age:
    """Age in days as an interval, since a birth date may be a year or a month only."""

    least: int
    most: int


@dataclass(frozen=True, kw_only=True)
class Case:
    """Everything the floor and the model may look at: no name, no identifier.

    `at` is when the data were gathered. How old a value is says `now`, the case's own
    clock: data that were held up on their way are not older for it.
    """

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
    clock: datetime | None = None
    """The newest instant that the current data state; None where they state none."""
    history: tuple[Finding, ...] = ()
    """What was and is not said to be now: resolved conditions, procedures done."""
    gestation: int | None = None  # days of the pregnancy at `now`
    postpartum: int | None = None  # days since the birth at `now`
    last_known_well: Onset | None = None  # when last seen without the complaint
    transferred: bool = False  # from another hospital (admitSource `hosp-trans`)
    priority: str = ""
    """The most urgent that a sender stated: of the encounter a code of v3 ActPriority,
    of a referral one of FHIR's request-priority."""
    deceased: bool = False  # the record says so; never a reason for less urgency

    @property
    def now(self) -> datetime:
        """Return the instant by which a value of this case is old or young."""
        return self.clock or self.at


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
