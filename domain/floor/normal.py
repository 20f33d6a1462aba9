"""What is normal at an age, so that 'otherwise well' can be said and be checked."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial

from domain.floor import news2_score, quality
from domain.floor.ages import FROM_16, Band, months, years
from domain.floor.readings import Reading, Readings
from domain.values import VitalName

CITATION = "ESI handbook v5 (ENA 2023), normal vital signs by age; NEWS2 from 16 years"

V = VitalName
Range = tuple[Decimal, Decimal]

LOW_PAIN = Decimal(3)


def _child(
    ages: Band, heart: tuple[int, int], breath: tuple[int, int]
) -> tuple[Band, dict[VitalName, Range]]:
    return ages, {
        V.HEART_RATE: (Decimal(heart[0]), Decimal(heart[1])),
        V.RESPIRATORY_RATE: (Decimal(breath[0]), Decimal(breath[1])),
        V.OXYGEN_SATURATION: (Decimal(96), Decimal(100)),
        V.TEMPERATURE: (Decimal("36.1"), Decimal("38.0")),
    }


CHILDREN: tuple[tuple[Band, dict[VitalName, Range]], ...] = (
    _child(months(0, 1), (90, 190), (35, 60)),
    _child(months(1, 12), (90, 180), (30, 55)),
    _child(years(1, 3), (80, 140), (22, 40)),
    _child(years(3, 5), (65, 120), (18, 35)),
    _child(years(5, 12), (70, 120), (16, 30)),
    _child(years(12, 16), (60, 100), (12, 20)),
)


def abnormal(readings: Readings) -> list[Reading]:
    """Return the current readings that are not normal for the age."""
    tests = tuple(_tests(readings))
    return [
        reading
        for name in V
        for reading in readings.current(name)
        if not all(test(reading) for test in tests)
    ]


def otherwise_normal(readings: Readings, besides: Iterable[VitalName]) -> bool:
    """Say whether every other vital sign is known and normal.

    Oxygen saturation may be unknown, since many places measure it only where breathing
    is the trouble; pain is not asked for, since it is the complaint itself.
    """
    left = {*besides, V.PAIN}
    absent = set(quality.absent(readings)) - left - {V.OXYGEN_SATURATION}
    doubtful = readings.unusable - left
    return not absent and not doubtful and {r.name for r in abnormal(readings)} <= left


def _tests(readings: Readings) -> Iterable[Callable[[Reading], bool]]:
    """Yield a test for every age band that the patient may be in."""
    yield lambda reading: reading.name is not V.PAIN or reading.value <= LOW_PAIN
    if FROM_16.meets(readings.age):
        yield _normal_adult
    for ages, ranges in CHILDREN:
        if ages.meets(readings.age):
            yield partial(_within, ranges)


def _normal_adult(reading: Reading) -> bool:
    bands = news2_score.BANDS.get(reading.name)
    return bands is None or news2_score.band_points(reading, bands) == 0


def _within(ranges: dict[VitalName, Range], reading: Reading) -> bool:
    if reading.name not in ranges:
        return True
    least, most = ranges[reading.name]
    return least <= reading.value <= most
