"""The internal level in the words and waiting times of five published scales."""

from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from domain.values import Acuity

WORDS = MappingProxyType(
    {
        Acuity.RESUSCITATION: "Critical",
        Acuity.EMERGENT: "High",
        Acuity.URGENT: "Medium",
        Acuity.LESS_URGENT: "Low",
        Acuity.NON_URGENT: "Low",
    }
)
"""Four words for five levels; the two least urgent share one, so none sounds calmer."""


@dataclass(frozen=True, kw_only=True)
class Level:
    """A level of a scale; no minutes where the scale prescribes none."""

    name: str
    minutes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A published five-level scale; the levels stand from the most urgent on."""

    name: str
    title: str
    citation: str
    levels: tuple[Level, Level, Level, Level, Level]

    def level(self, acuity: Acuity) -> Level:
        """Return the scale's level for an internal one; all five run alike."""
        return self.levels[acuity - 1]

    def time_limit(self, acuity: Acuity) -> timedelta | None:
        """Return the longest wait that the scale allows, None where it says none."""
        minutes = self.level(acuity).minutes
        return None if minutes is None else timedelta(minutes=minutes)


def _levels(
    names: str, minutes: tuple[int | None, ...]
) -> tuple[Level, Level, Level, Level, Level]:
    one, two, three, four, five = (
        Level(name=name.strip(), minutes=wait)
        for name, wait in zip(names.split(","), minutes, strict=True)
    )
    return one, two, three, four, five


ESI = Scale(
    name="ESI",
    title="Emergency Severity Index",
    citation="ESI handbook v5 (ENA 2023); it prescribes no waiting times",
    levels=_levels(
        "Resuscitation, Emergent, Urgent, Less urgent, Non-urgent", (None,) * 5
    ),
)
CTAS = Scale(
    name="CTAS",
    title="Canadian Triage and Acuity Scale",
    citation="CTAS; times from Zachariasse, BMJ Open 2019;9:e026471",
    levels=_levels(
        "Resuscitation, Emergent, Urgent, Less urgent, Non-urgent", (0, 15, 30, 60, 120)
    ),
)
MTS = Scale(
    name="MTS",
    title="Manchester Triage System",
    citation="MTS; times from Zachariasse, BMJ Open 2019;9:e026471",
    levels=_levels("Red, Orange, Yellow, Green, Blue", (0, 10, 60, 120, 240)),
)
ATS = Scale(
    name="ATS",
    title="Australasian Triage Scale",
    citation="ACEM P06, treatment acuity",
    levels=_levels(
        "Category 1, Category 2, Category 3, Category 4, Category 5",
        (0, 10, 30, 60, 120),
    ),
)
KTAS = Scale(
    name="KTAS",
    title="Korean Triage and Acuity Scale",
    citation="KTAS; times as in CTAS, from which it was made",
    levels=_levels(
        "Resuscitation, Emergent, Urgent, Less urgent, Non-urgent", (0, 15, 30, 60, 120)
    ),
)

SCALES: tuple[Scale, ...] = (ESI, CTAS, MTS, ATS, KTAS)
