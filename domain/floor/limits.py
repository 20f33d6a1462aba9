"""Thresholds as data: one vital sign, one limit, one age band, one level."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from operator import ge, gt, le, lt

from domain.floor.ages import ANY_AGE, Band
from domain.floor.readings import Reading, Readings
from domain.values import Acuity, Fired, VitalName

Comparison = Callable[[Decimal, Decimal], bool]

_WORDS: dict[Comparison, str] = {
    lt: "below",
    le: "at or below",
    gt: "above",
    ge: "at or above",
}


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A rule about one vital; the limit is in the vital's canonical unit."""

    rule: str
    vital: VitalName
    compare: Comparison
    limit: Decimal
    acuity: Acuity
    citation: str
    ages: Band = ANY_AGE
    meaning: str = ""

    def broken_by(self, reading: Reading) -> bool:
        """Say whether a reading lies beyond the limit."""
        return self.compare(reading.value, self.limit)

    def fired(self, reading: Reading, acuity: Acuity | None = None) -> Fired:
        """State that a reading broke this limit."""
        name = self.vital.value.replace("-", " ").capitalize()
        beyond = f"{_WORDS[self.compare]} {shown(self.limit)}"
        meaning = f": {self.meaning}" if self.meaning else ""
        return Fired(
            rule=self.rule,
            acuity=acuity or self.acuity,
            sentence=f"{name} {shown(reading.value)} is {beyond}{meaning}.",
            citation=self.citation,
            sources=(reading.source,),
        )


def shown(value: Decimal) -> str:
    """Write a number as a clinician would, with at most two decimals."""
    text = f"{value:.2f}"
    return text.rstrip("0").rstrip(".")


def broken(limits: Iterable[Limit], readings: Readings) -> Iterator[Fired]:
    """Yield each limit that a current reading of a patient of that age has broken."""
    for limit in limits:
        if limit.ages.meets(readings.age):
            worst = beyond(limit, readings.current(limit.vital))
            if worst:
                yield limit.fired(worst)


def beyond(limit: Limit, found: tuple[Reading, ...]) -> Reading | None:
    """Return the reading furthest beyond a limit, from readings lowest first."""
    broke = [reading for reading in found if limit.broken_by(reading)]
    if not broke:
        return None
    return broke[0] if limit.compare in {lt, le} else broke[-1]
