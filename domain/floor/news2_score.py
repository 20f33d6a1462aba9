"""The points of the National Early Warning Score 2 for what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from domain.floor.readings import Reading
from domain.values import VitalName

SINGLE = 3
"""Points of one parameter that ask for review by themselves."""

Bands = tuple[tuple[str, int], ...]
"""Points up to and including each limit, lowest first; the last band is open."""

BANDS: Mapping[VitalName, Bands] = {
    VitalName.RESPIRATORY_RATE: (("8", 3), ("11", 1), ("20", 0), ("24", 2), ("Inf", 3)),
    VitalName.OXYGEN_SATURATION: (("91", 3), ("93", 2), ("95", 1), ("Inf", 0)),
    VitalName.SYSTOLIC: (("90", 3), ("100", 2), ("110", 1), ("219", 0), ("Inf", 3)),
    VitalName.HEART_RATE: (
        *(("40", 3), ("50", 1), ("90", 0)),
        *(("110", 1), ("130", 2), ("Inf", 3)),
    ),
    # Rank on ACVPU: all but alert score three.
    VitalName.CONSCIOUSNESS: (("0", 0), ("Inf", 3)),
    VitalName.TEMPERATURE: (
        *(("35.0", 3), ("36.0", 1), ("38.0", 0)),
        *(("39.0", 1), ("Inf", 2)),
    ),
}
SCALE_2_ON_AIR: Bands = (("83", 3), ("85", 2), ("87", 1), ("Inf", 0))
SCALE_2_ON_OXYGEN: Bands = (
    *(("83", 3), ("85", 2), ("87", 1), ("92", 0)),
    *(("94", 1), ("96", 2), ("Inf", 3)),
)
OXYGEN_POINTS = 2
_STEPS = {VitalName.TEMPERATURE: Decimal("0.1")}


@dataclass(frozen=True, kw_only=True)
class News2:
    """Points by parameter; a parameter that was not measured is not in `points`."""

    points: Mapping[str, int]
    missing: tuple[str, ...]

    @property
    def total(self) -> int:
        """Return the sum of what was measured, a lower bound while some is missing."""
        return sum(self.points.values())

    @property
    def single(self) -> bool:
        """Say whether one parameter alone scores three."""
        return SINGLE in self.points.values()


def news2(
    values: Mapping[VitalName, Decimal],
    *,
    oxygen: bool | None,
    scale2: bool = False,
) -> News2:
    """Score what was measured.

    Args:
        values: canonical units; consciousness as its ACVPU rank, 0 alert.
        oxygen: whether the patient breathes supplemental oxygen; None if not known.
        scale2: only where a clinician prescribed a target of 88-92 %.

    """
    bands = bands_of(oxygen=oxygen, scale2=scale2)
    points = {
        str(name): points_of(values[name], bands[name], _STEPS.get(name, Decimal(1)))
        for name in bands
        if name in values
    }
    missing = [str(name) for name in bands if name not in values]
    if oxygen is None:
        missing.append("oxygen")
    else:
        points["oxygen"] = OXYGEN_POINTS if oxygen else 0
    return News2(points=points, missing=tuple(missing))


def bands_of(*, oxygen: bool | None, scale2: bool) -> Mapping[VitalName, Bands]:
    """Return the bands of every vital, with the saturation scale that applies."""
    if not scale2:
        return BANDS
    on = SCALE_2_ON_OXYGEN if oxygen else SCALE_2_ON_AIR
    return {**BANDS, VitalName.OXYGEN_SATURATION: on}


def points_of(value: Decimal, bands: Bands, step: Decimal = Decimal(1)) -> int:
    """Return the points of a value; between two printed bands the higher count."""
    return max(
        _points(value.quantize(step, rounding=way), bands)
        for way in (ROUND_FLOOR, ROUND_CEILING)
    )


def _points(value: Decimal, bands: Bands) -> int:
    return next(points for limit, points in bands if value <= Decimal(limit))


def band_points(reading: Reading, bands: Bands) -> int:
    """Return the points of a reading in the bands of its vital sign."""
    return points_of(reading.value, bands, _STEPS.get(reading.name, Decimal(1)))
