"""What a synthetic case is drawn from: a family of illness, by degrees of severity.

A family says who falls ill, of what complaints, with which history, and how the vital
signs move together as it gets worse. Nothing in it is a finished sentence or a finished
set of numbers: `training.drawing` draws both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.values import Acuity, Pregnancy, Sex

ONE, TWO, THREE, FOUR, FIVE = Acuity


@dataclass(frozen=True, kw_only=True)
class Strain:
    """How far each vital sign moves, from none of an illness to the worst of it.

    Heart and breathing in multiples of the age's usual rate, systolic pressure in
    multiples of the usual one, saturation in points, temperature in kelvin, glucose in
    mmol/L. `clouds` is the strain from which the mind is no longer clear.
    """

    heart: float = 0.0
    breathing: float = 0.0
    systolic: float = 0.0
    saturation: float = 0.0
    temperature: float = 0.0
    glucose: float = 0.0
    clouds: float = 2.0  # never, by itself


@dataclass(frozen=True, kw_only=True)
class Degree:
    """One degree of an illness: its reference level, and how strained the body is.

    `strain` is the interval of the share of `Family.strain` that is drawn; `core` are
    groups of complaints, of each of which at least one is told.
    """

    name: str
    acuity: Acuity
    strain: tuple[float, float]
    core: tuple[tuple[str, ...], ...]
    weight: float = 1.0
    pain: tuple[int, int] = (0, 3)


@dataclass(frozen=True, kw_only=True)
class Family:
    """An illness as triage meets it.

    `years` is the age in years (least, most); a child's may be fractions. `minutes` is
    how long it has lasted. `some`, `history` and `medicines` give the probability of
    each; `absent` are complaints that are asked for and denied.
    """

    name: str
    why: str
    citation: str
    years: tuple[float, float]
    minutes: tuple[float, float]
    degrees: tuple[Degree, ...]
    strain: Strain = field(default_factory=Strain)
    some: Mapping[str, float] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    history: Mapping[str, float] = field(default_factory=dict)
    medicines: Mapping[str, float] = field(default_factory=dict)
    allergies: Mapping[str, float] = field(default_factory=dict)
    female: float = 0.5
    pregnancy: Pregnancy | None = None
    gestation: tuple[int, int] | None = None  # days

    def sexes(self) -> tuple[tuple[Sex, float], ...]:
        """Return the sexes with their probabilities."""
        return ((Sex.FEMALE, self.female), (Sex.MALE, 1 - self.female))

    def complaints(self) -> frozenset[str]:
        """Return every complaint that a case of this family may tell or deny."""
        told = (
            name for degree in self.degrees for group in degree.core for name in group
        )
        return frozenset(told) | frozenset(self.some) | frozenset(self.absent)
