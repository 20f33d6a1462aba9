"""The shape of a red flag: concepts that must be told together, and for whom."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.floor import signs
from domain.floor.ages import ANY_AGE, Band
from domain.floor.readings import Readings, distinct
from domain.values import Acuity, Fired, Reference, VitalName

Signs = Callable[[Readings], tuple[Reference, ...]]


@dataclass(frozen=True, kw_only=True)
class RedFlag:
    """A complaint that floors urgency by itself.

    `all_of` must each be told; `history` must be known; `signs`, where given, must
    show something. `worse` is the level when the patient is also unstable.
    """

    rule: str
    acuity: Acuity
    sentence: str
    citation: str
    all_of: tuple[str, ...]
    history: tuple[str, ...] = ()
    signs: Signs | None = None
    worse: Acuity | None = None
    ages: Band = ANY_AGE

    def fired(self, readings: Readings) -> Fired | None:
        """Return what the flag demands of this case, if it is raised."""
        if not self.ages.meets(readings.age):
            return None
        told = [readings.told.now(name) for name in self.all_of]
        known = [readings.known.ever(*self.history)] if self.history else []
        shown = [self.signs(readings)] if self.signs else []
        if not all((*told, *known, *shown)):
            return None
        unstable = instability(readings) if self.worse else ()
        return Fired(
            rule=self.rule,
            acuity=self.worse if self.worse and unstable else self.acuity,
            sentence=self.sentence + (" The patient is unstable." if unstable else ""),
            citation=self.citation,
            sources=distinct(s for f in (*told, *known, *shown, unstable) for s in f),
        )


def instability(readings: Readings) -> tuple[Reference, ...]:
    """Return what shows failing circulation, breathing or consciousness."""
    pressure = readings.current(VitalName.SYSTOLIC)
    oxygen = readings.current(VitalName.OXYGEN_SATURATION)
    low = [r.source for r in pressure if r.value < 90]  # noqa: PLR2004 (mm[Hg], ESI point A)
    low += [r.source for r in oxygen if r.value < 90]  # noqa: PLR2004 (%, ESI point A)
    told = readings.told.now("respiratory-distress", "hypoperfusion")
    return distinct((*low, *told, *signs.altered(readings)))
