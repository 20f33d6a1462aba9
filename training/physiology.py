"""Vital signs drawn together: what is usual at an age, moved by an illness's strain.

Usual rates of children are the medians of Fleming S et al., Lancet 2011;377:1011
(doi:10.1016/S0140-6736(10)62226-X); systolic pressure of children is 90 mmHg and twice
the years from one to ten (median, AHA PALS 2020); adults' rise by age follows the
surveys' half a mmHg a year, roughly. They need to be plausible, not exact: the rules
judge the numbers, and the rules have their own citations.
"""

import math
import random
from dataclasses import dataclass

from domain.values import Consciousness, VitalName
from training.scenario import Strain

_MONTH = 1 / 12
# From this age in years on: beats and breaths a minute.
_USUAL = (
    (0.0, 143, 43),
    (3 * _MONTH, 140, 41),
    (6 * _MONTH, 134, 39),
    (9 * _MONTH, 128, 37),
    (1.0, 123, 35),
    (1.5, 116, 31),
    (2.0, 110, 28),
    (3.0, 104, 25),
    (4.0, 98, 23),
    (6.0, 91, 21),
    (8.0, 84, 19),
    (12.0, 78, 18),
    (15.0, 75, 16),
)
_AROUSAL = 0.07  # how far worry and pain move heart and breathing together


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a nurse would measure, in canonical units; consciousness apart."""

    numbers: dict[VitalName, float]
    consciousness: Consciousness


def measured(
    chance: random.Random, *, years: float, strain: Strain, share: float
) -> Measured:
    """Draw the vital signs of a person of an age at a share of an illness's strain.

    Args:
        chance: where the randomness comes from.
        years: age.
        strain: how the illness moves each sign at its worst.
        share: of that strain, 0 to 1.

    """
    heart, breathing = _usual(years)
    arousal = chance.gauss(0, _AROUSAL)
    pressure = _pressure(years) * (1 + strain.systolic * share)
    numbers = {
        VitalName.HEART_RATE: heart
        * (1 + strain.heart * share + arousal + chance.gauss(0, 0.06)),
        VitalName.RESPIRATORY_RATE: breathing
        * (1 + strain.breathing * share + 0.7 * arousal + chance.gauss(0, 0.06)),
        VitalName.SYSTOLIC: pressure * (1 + 0.5 * arousal + chance.gauss(0, 0.06)),
        VitalName.OXYGEN_SATURATION: _saturation(
            97.8 + strain.saturation * share + chance.gauss(0, 0.9)
        ),
        VitalName.TEMPERATURE: 36.8
        + strain.temperature * share
        + chance.gauss(0, 0.25),
    }
    numbers[VitalName.DIASTOLIC] = numbers[VitalName.SYSTOLIC] * chance.uniform(
        0.55, 0.68
    )
    if strain.glucose:
        glucose = 5.8 + strain.glucose * share + chance.gauss(0, 0.5)
        numbers[VitalName.GLUCOSE] = max(1.1, glucose)
    return Measured(
        numbers={name: rounded(name, value) for name, value in numbers.items()},
        consciousness=_mind(chance, share, strain.clouds),
    )


def rounded(name: VitalName, value: float) -> float:
    """Return a value as devices and nurses write it."""
    places = 1 if name in (VitalName.TEMPERATURE, VitalName.GLUCOSE) else 0
    return round(value, places)


def _usual(years: float) -> tuple[float, float]:
    row = [each for each in _USUAL if each[0] <= years][-1]
    return row[1], row[2]


def _pressure(years: float) -> float:
    if years < 1:
        return 85.0
    if years <= 10:  # noqa: PLR2004 (PALS: where the rule of thumb ends)
        return 90 + 2 * years
    return min(140.0, 112 + 0.4 * max(0.0, years - 18))


def _saturation(value: float) -> float:
    """Return a saturation that a probe can show: it saturates at 100 %."""
    return min(100.0, max(60.0, value))


def _mind(chance: random.Random, share: float, clouds: float) -> Consciousness:
    beyond = share - clouds + chance.gauss(0, 0.05)
    if beyond < 0:
        return Consciousness.ALERT
    steps = (
        Consciousness.CONFUSED,
        Consciousness.VOICE,
        Consciousness.PAIN,
        Consciousness.UNRESPONSIVE,
    )
    return steps[min(3, math.floor(beyond * 8))]
