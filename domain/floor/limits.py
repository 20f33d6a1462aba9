"""Thresholds as data: one vital sign, one limit, one age band, one level."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter, ge, gt, le, lt

from domain.floor.ages import ANY_AGE, Band
from domain.floor.readings import Reading, Readings
from domain.floor.rule import Rule
from domain.values import Acuity, Fired, VitalName

Comparison = Callable[[Decimal, Decimal], bool]

_WORDS: dict[Comparison, str] = {
    lt: "below",
    le: "at or below",
    gt: "above",
    ge: "at or above",
}
UNITS: dict[VitalName, str] = {
    VitalName.RESPIRATORY_RATE: "/min",
    VitalName.HEART_RATE: "/min",
    VitalName.OXYGEN_SATURATION: "%",
    VitalName.SYSTOLIC: "mmHg",
    VitalName.DIASTOLIC: "mmHg",
    VitalName.TEMPERATURE: "°C",
    VitalName.OXYGEN_FLOW: "L/min",
    VitalName.INHALED_OXYGEN: "%",
    VitalName.GLUCOSE: "mmol/L",
    VitalName.LACTATE: "mmol/L",
    VitalName.KETONES: "mmol/L",
    VitalName.CAPILLARY_REFILL: "s",
    VitalName.WEIGHT: "kg",
}
"""Units as a clinician writes them; what is not here is a score."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A rule about one vital; the limit is in the vital's canonical unit."""

    rule: str
    vital: VitalName
    compare: Comparison
    limit: Decimal
    acuity: Acuity
    citation: str
    why: str = ""
    ages: Band = ANY_AGE
    meaning: str = ""

    def broken_by(self, reading: Reading) -> bool:
        """Say whether a reading lies beyond the limit."""
        return self.compare(reading.value, self.limit)

    def fired(self, reading: Reading, acuity: Acuity | None = None) -> Fired:
        """State that a reading broke this limit."""
        beyond = f"{_WORDS[self.compare]} {shown(self.limit)}"
        meaning = f": {self.meaning}" if self.meaning else ""
        return Fired(
            rule=self.rule,
            acuity=acuity or self.acuity,
            sentence=(
                f"{named(self.vital)} {shown(reading.value)} is {beyond}{meaning}."
            ),
            citation=self.citation,
            sources=(reading.source,),
        )

    @property
    def threshold(self) -> str:
        """Write the limit with its unit and age: 'Heart rate below 40 /min'."""
        unit = UNITS.get(self.vital, "")
        number = f"{_WORDS[self.compare]} {shown(self.limit)} {unit}".rstrip()
        ages = "" if self.ages == ANY_AGE else f", {self.ages.words}"
        return f"{named(self.vital)} {number}{ages}"


def named(vital: VitalName) -> str:
    """Write a vital's name at the start of a sentence."""
    return vital.value.replace("-", " ").capitalize()


def shown(value: Decimal) -> str:
    """Write a number as a clinician would, with at most two decimals."""
    text = f"{value:.2f}"
    return text.rstrip("0").rstrip(".")


def catalogued(family: str, limits: Iterable[Limit]) -> tuple[Rule, ...]:
    """Describe limits for the catalogue, those with one id as one rule."""
    by_rule = attrgetter("rule")
    groups = groupby(sorted(limits, key=by_rule), key=by_rule)
    return tuple(_rule(family, tuple(found)) for _, found in groups)


def _rule(family: str, limits: tuple[Limit, ...]) -> Rule:
    first = limits[0]
    meaning = f": {first.meaning}" if first.meaning else ""
    return Rule(
        rule=first.rule,
        family=family,
        acuities=tuple(sorted({limit.acuity for limit in limits})),
        says=f"{named(first.vital)} is beyond the limit{meaning}.",
        why=first.why,
        citation=first.citation,
        ages=tuple(dict.fromkeys(limit.ages for limit in limits)),
        thresholds=tuple(dict.fromkeys(limit.threshold for limit in limits)),
    )


def broken(limits: Iterable[Limit], readings: Readings) -> Iterator[Fired]:
    """Yield each limit that a current reading of a patient of that age has broken."""
    for limit in limits:
        if limit.ages.meets(readings.age):
            worst = beyond(limit, readings.current(limit.vital))
            if worst:
                yield limit.fired(worst)


def beyond(limit: Limit, found: tuple[Reading, ...]) -> Reading | None:
    """Return the reading furthest beyond a limit, from readings lowest first."""
    if not found:
        return None
    furthest = found[0] if limit.compare in {lt, le} else found[-1]
    return furthest if limit.broken_by(furthest) else None
