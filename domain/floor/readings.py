"""A case prepared for rules: which readings may be judged, and what is doubtful."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from domain.floor import ages, clock, plausibility
from domain.floor.text import Heard, listen
from domain.values import (
    Age,
    Case,
    Consciousness,
    Quality,
    Reference,
    Vital,
    VitalName,
)

ORDER = tuple(Consciousness)  # from alert to unresponsive


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A readable, plausible measurement; `value` is in the vital's canonical unit.

    Consciousness is read as its rank on ACVPU, 0 alert to 4 unresponsive.
    """

    name: VitalName
    value: Decimal
    source: Reference
    age: timedelta | None  # time since it was taken; None when not known

    @property
    def stale(self) -> bool:
        """Say whether the reading is too old to count as the present state."""
        return self.age is not None and self.age > clock.AGE_LIMIT

    @property
    def order(self) -> tuple[Decimal, str]:
        """Give the place of the reading among others of its name."""
        return self.value, str(self.source)


def _reading(vital: Vital, case: Case) -> Reading | None:
    value = vital.value
    if vital.name is VitalName.CONSCIOUSNESS:
        grade = vital.consciousness
        value = None if grade is None else Decimal(ORDER.index(grade))
    if value is None or vital.quality is not Quality.GOOD:
        return None
    if not plausibility.plausible(vital.name, value):
        return None
    since = clock.since(case.at, vital.effective)
    return Reading(name=vital.name, value=value, source=vital.source, age=since)


def _latest(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Keep the newest readings and those of unknown time, any of which may be now."""
    every = tuple(readings)
    newest = min((r.age for r in every if r.age is not None), default=None)
    return tuple(r for r in every if r.age is None or r.age == newest)


class Readings:
    """A read-only view of one case; everything in it is sorted, so order is nothing."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.age: Age = ages.bounded(case.age)
        kept: dict[VitalName, set[Reading]] = {}
        self.unusable: set[VitalName] = set()
        for vital in case.vitals:
            reading = _reading(vital, case)
            if reading is None:
                self.unusable.add(vital.name)
            else:
                kept.setdefault(vital.name, set()).add(reading)
        self._every = {
            name: tuple(sorted(found, key=lambda r: r.order))
            for name, found in kept.items()
        }
        self._latest = {name: _latest(found) for name, found in self._every.items()}

    def every(self, name: VitalName) -> tuple[Reading, ...]:
        """Return all judgeable readings of a vital, lowest first, old ones included."""
        return self._every.get(name, ())

    def latest(self, name: VitalName) -> tuple[Reading, ...]:
        """Return the readings that nothing newer replaces, however old they are."""
        return self._latest.get(name, ())

    def current(self, name: VitalName) -> tuple[Reading, ...]:
        """Return the latest readings that are fresh enough to be the present state."""
        return tuple(reading for reading in self.latest(name) if not reading.stale)

    @cached_property
    def told(self) -> Heard:
        """Return what the complaints say, by concept."""
        return listen(self.case.complaints, year=self.case.at.year)

    @cached_property
    def known(self) -> Heard:
        """Return what conditions and complaints say of the patient's history."""
        return self.told.joined(listen(self.case.conditions, year=self.case.at.year))

    @cached_property
    def taken(self) -> Heard:
        """Return what medications, and the complaints, say of what is taken."""
        return self.told.joined(listen(self.case.medications, year=self.case.at.year))


def sources(readings: Iterable[Reading]) -> tuple[Reference, ...]:
    """Return the Observations behind readings, sorted, each once."""
    return distinct(reading.source for reading in readings)


def distinct(references: Iterable[Reference]) -> tuple[Reference, ...]:
    """Return references sorted by their text, each once."""
    return tuple(sorted(set(references), key=str))
