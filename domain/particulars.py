"""What is said beside a value, a complaint or a finding: why, by whom, since when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Flaw(StrEnum):
    """Why a value is not good, so that whoever measures again knows what to mend."""

    NO_NUMBER = "no-number"
    NO_UNIT = "no-unit"
    FOREIGN_UNIT = "foreign-unit"  # not known, or of another dimension
    SERIES = "series"  # a curve, not a value
    NOT_OBTAINED = "not-obtained"  # it was tried: dataAbsentReason `error` and the like
    CONTRADICTION = "contradiction"  # a value, and a reason why there is none
    OPEN_ENDED = "open-ended"  # only a bound; on its far side lies worse
    INCOMPLETE = "incomplete"  # some parts of a sum
    OUT_OF_RANGE = "out-of-range"  # what no living patient or probe gives


class Author(StrEnum):
    """Whose words a complaint is in."""

    PATIENT = "patient"
    CARER = "carer"
    CLINICIAN = "clinician"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Onset:
    """When something began, as an interval in UTC; an open end is None."""

    earliest: datetime | None = None
    latest: datetime | None = None
    words: str = ""
    """Where it was told in words or as an age: these."""


class Criticality(StrEnum):
    """How bad the next reaction may be (AllergyIntolerance.criticality)."""

    LOW = "low"
    HIGH = "high"
    UNKNOWN = "unknown"
