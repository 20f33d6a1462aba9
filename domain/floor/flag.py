"""The shape of a red flag: concepts that must be told together, and for whom."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from domain.floor import signs
from domain.floor.ages import ANY_AGE, Band
from domain.floor.readings import Readings, distinct
from domain.floor.rule import Rule
from domain.values import Acuity, Fired, Reference, Sex, VitalName

IMMEDIATE = "ESI handbook v5 (ENA 2023), decision point A"
HIGH_RISK = "ESI handbook v5 (ENA 2023), decision point B and ch. 4"
RESOURCES = "ESI handbook v5 (ENA 2023), decision point C: two resources or more"

ONE, TWO, THREE = Acuity.RESUSCITATION, Acuity.EMERGENT, Acuity.URGENT

UNSTABLE = (
    "to the first level with a systolic pressure below 90 mm[Hg], an oxygen saturation "
    "below 90 %, respiratory distress, hypoperfusion or an altered state"
)


class Sign(NamedTuple):
    """What must be measured or told beside a complaint, in words and as a test."""

    says: str
    shown: Callable[[Readings], tuple[Reference, ...]]


@dataclass(frozen=True, kw_only=True)
class RedFlag:
    """A complaint that floors urgency by itself.

    Of each group in `all_of` one concept must be told; one of `history` must be known;
    `sign`, where given, must show something. `worse` is the level when the patient is
    also unstable. A flag for one sex is raised for every patient who is not known to
    be of the other.
    """

    rule: str
    acuity: Acuity
    sentence: str
    why: str
    citation: str
    all_of: tuple[tuple[str, ...], ...]
    history: tuple[str, ...] = ()
    sign: Sign | None = None
    worse: Acuity | None = None
    ages: Band = ANY_AGE
    not_for: Sex | None = None

    def fired(self, readings: Readings) -> Fired | None:
        """Return what the flag demands of this case, if it is raised."""
        told = [readings.told.now(*names) for names in self.all_of]
        if not all(told) or not self._concerns(readings):
            return None
        known = [readings.known.ever(*self.history)] if self.history else []
        shown = [self.sign.shown(readings)] if self.sign else []
        if not all((*known, *shown)):
            return None
        unstable = instability(readings) if self.worse else ()
        return Fired(
            rule=self.rule,
            acuity=self.worse if self.worse and unstable else self.acuity,
            sentence=self.sentence + (" The patient is unstable." if unstable else ""),
            citation=self.citation,
            sources=distinct(s for f in (*told, *known, *shown, unstable) for s in f),
        )

    def _concerns(self, readings: Readings) -> bool:
        other = self.not_for is not None and readings.case.sex is self.not_for
        return self.ages.meets(readings.age) and not other

    def entry(self, family: str) -> Rule:
        """Return what a clinician reads of this flag."""
        levels = (self.worse, self.acuity) if self.worse else (self.acuity,)
        return Rule(
            rule=self.rule,
            family=family,
            acuities=levels,
            says=f"{self.sentence} {self._asked()}",
            why=self.why,
            citation=self.citation,
            ages=(self.ages,),
            thresholds=(self.sign.says,) if self.sign else (),
        )

    def _asked(self) -> str:
        asked = [_either(names) for names in self.all_of]
        parts = [f"Told: {' with '.join(asked)}."] if asked else []
        parts += [f"Known: {_either(self.history)}."] if self.history else []
        parts += [f"And {self.sign.says}."] if self.sign else []
        parts += (
            [f"Not for a patient known to be {self.not_for}."] if self.not_for else []
        )
        parts += [f"Raised {UNSTABLE}."] if self.worse else []
        return " ".join(parts)


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(name.replace("-", " ") for name in names)


def flag(
    acuity: Acuity,
    concepts: str,
    sentence: str,
    why: str,
    *,
    rule: str = "",
    citation: str = "",
    history: str = "",
    sign: Sign | None = None,
    worse: Acuity | None = None,
    ages: Band = ANY_AGE,
    not_for: Sex | None = None,
) -> RedFlag:
    """Write down a flag: concepts with spaces between, `|` where one will do."""
    groups = tuple(tuple(group.split("|")) for group in concepts.split())
    default = {ONE: IMMEDIATE, TWO: HIGH_RISK}.get(acuity, RESOURCES)
    return RedFlag(
        rule=f"red-flag.{rule or '-and-'.join(names[0] for names in groups)}",
        acuity=acuity,
        sentence=sentence,
        why=why,
        citation=citation or default,
        all_of=groups,
        history=tuple(history.split()),
        sign=sign,
        worse=worse,
        ages=ages,
        not_for=not_for,
    )


def instability(readings: Readings) -> tuple[Reference, ...]:
    """Return what shows failing circulation, breathing or consciousness."""
    pressure = readings.current(VitalName.SYSTOLIC)
    oxygen = readings.current(VitalName.OXYGEN_SATURATION)
    low = [r.source for r in pressure if r.value < 90]  # noqa: PLR2004 (mm[Hg], ESI point A)
    low += [r.source for r in oxygen if r.value < 90]  # noqa: PLR2004 (%, ESI point A)
    told = readings.told.now("respiratory-distress", "hypoperfusion")
    return distinct((*low, *told, *signs.altered(readings)))
