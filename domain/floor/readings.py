"""A case prepared for rules: which readings may be judged, and what is doubtful."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property, reduce

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
    age: timedelta | None  # the least time since it was taken; None when not known
    oldest: timedelta | None = None  # the most, where only a day or a period is known
    sure: bool = True  # False while preliminary, or where parts of it are missing

    @property
    def stale(self) -> bool:
        """Say whether the reading is too old to count as the present state."""
        return self.age is not None and self.age > clock.ALARMING

    @property
    def reassures(self) -> bool:
        """Say whether a normal value here may be believed: final, and surely fresh."""
        return self.sure and not self.older(clock.REASSURING)

    def older(self, limit: timedelta) -> bool:
        """Say whether it may have been taken longer ago than a limit."""
        return self.oldest is not None and self.oldest > limit

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
    oldest = clock.since(case.now, vital.effective)
    return Reading(
        name=vital.name,
        value=value,
        source=vital.source,
        age=clock.since(case.now, vital.until) if vital.until else oldest,
        oldest=oldest,
        sure=not vital.preliminary and vital.flaw is None,
    )


def _latest(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Keep what no reading surely follows; one of unknown time may always be now."""
    every = tuple(readings)
    newest = min((r.oldest for r in every if r.oldest is not None), default=None)
    return tuple(r for r in every if _unreplaced(r, newest))


def _unreplaced(reading: Reading, newest: timedelta | None) -> bool:
    return newest is None or reading.age is None or reading.age <= newest


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
        self._current = {
            name: tuple(reading for reading in found if not reading.stale)
            for name, found in self._latest.items()
        }
        self._replaced = {
            name: tuple(r for r in found if r not in self._latest[name])
            for name, found in self._every.items()
            if len(found) > len(self._latest[name])
        }

    def every(self, name: VitalName) -> tuple[Reading, ...]:
        """Return all judgeable readings of a vital, lowest first, old ones included."""
        return self._every.get(name, ())

    def latest(self, name: VitalName) -> tuple[Reading, ...]:
        """Return the readings that nothing newer replaces, however old they are."""
        return self._latest.get(name, ())

    def replaced(self, name: VitalName) -> tuple[Reading, ...]:
        """Return the readings that a newer one replaced, lowest first."""
        return self._replaced.get(name, ())

    def current(self, name: VitalName) -> tuple[Reading, ...]:
        """Return the latest readings that are fresh enough to be the present state."""
        return self._current.get(name, ())

    @cached_property
    def each_told(self) -> tuple[Heard, ...]:
        """Return what each complaint says that has words or codes."""
        year = self.case.at.year
        said = (c for c in self.case.complaints if c.text.strip() or c.codes)
        return tuple(
            listen((complaint,), year=year) for complaint in dict.fromkeys(said)
        )

    @cached_property
    def told(self) -> Heard:
        """Return what the complaints say, by concept."""
        nothing = Heard(present={}, past={})
        return reduce(Heard.joined, self.each_told, nothing)

    @cached_property
    def recorded(self) -> Heard:
        """Return what conditions say, and as past what was resolved or done."""
        year = self.case.at.year
        past = listen(self.case.history, year=year)
        was = Heard(present={}, past=past.present).joined(
            Heard(present={}, past=past.past)
        )
        return listen(self.case.conditions, year=year).joined(was)

    @cached_property
    def known(self) -> Heard:
        """Return what conditions and complaints say of the patient's history."""
        return self.told.joined(self.recorded)

    @cached_property
    def taken(self) -> Heard:
        """Return what medications, and the complaints, say of what is taken."""
        return self.told.joined(listen(self.case.medications, year=self.case.at.year))


def sources(readings: Iterable[Reading]) -> tuple[Reference, ...]:
    """Return the Observations behind readings, sorted, each once."""
    return distinct(reading.source for reading in readings)


def distinct(references: Iterable[Reference]) -> tuple[Reference, ...]:
    """Return references sorted by their text, each once."""
    found = set(references)
    return tuple(sorted(found, key=str) if len(found) > 1 else found)
