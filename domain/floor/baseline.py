"""The level where no rule demands more: unknown is never normal."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import partial

from domain.floor import news2, quality
from domain.floor.ages import FROM_16, Band, months, years
from domain.floor.readings import Reading, Readings, sources
from domain.values import Acuity, Fired, VitalName

CITATION = "ESI handbook v5 (ENA 2023): no level without an assessment and vital signs"
NORMAL = "ESI handbook v5 (ENA 2023), normal vital signs by age"

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


def always(readings: Readings) -> Iterator[Fired]:
    """Fire where there is no vital sign to go by, or one that nobody could read."""
    measured = [n for n in quality.CORE if readings.every(n)]
    if not measured and not readings.every(V.GLASGOW_COMA_SCALE):
        yield _level("no-vitals", Acuity.URGENT, "No vitals: never below 3.")
    lost = sorted(n for n in readings.unusable if n in quality.CORE)
    unread = [name for name in lost if not readings.current(name)]
    if unread:
        names = ", ".join(unread)
        yield _level(
            "unread-vital",
            Acuity.URGENT,
            f"Measured but not usable: {names}. It may have been alarming.",
        )


def default(
    readings: Readings, *, missing: tuple[str, ...], doubts: tuple[str, ...]
) -> Fired:
    """Return the level of a case in which nothing else fired, and why."""
    if missing:
        names = ", ".join(missing)
        return _level("incomplete", Acuity.LESS_URGENT, f"Not known: {names}.")
    if doubts:
        return _level("doubtful", Acuity.LESS_URGENT, "Some data are in doubt.")
    found = [r for name in V for r in readings.current(name)]
    odd = abnormal(readings)
    if odd:
        names = ", ".join(sorted({str(r.name) for r in odd}))
        return _level(
            "not-quite-normal",
            Acuity.LESS_URGENT,
            f"Outside the normal range, below every limit: {names}.",
            odd,
        )
    sentence = "All vital signs are known and normal, and no rule applies."
    return _level("all-normal", Acuity.NON_URGENT, sentence, found)


def abnormal(readings: Readings) -> list[Reading]:
    """Return the current readings that are not normal for the age."""
    return [
        reading
        for name in V
        for reading in readings.current(name)
        if not all(test(reading) for test in _tests(readings))
    ]


def _tests(readings: Readings) -> Iterable[Callable[[Reading], bool]]:
    """Yield a test for every age band that the patient may be in."""
    yield lambda reading: reading.name is not V.PAIN or reading.value <= LOW_PAIN
    if FROM_16.meets(readings.age):
        yield _normal_adult
    for ages, ranges in CHILDREN:
        if ages.meets(readings.age):
            yield partial(_within, ranges)


def _normal_adult(reading: Reading) -> bool:
    bands = news2.BANDS.get(reading.name)
    if bands is None:
        return True
    step = Decimal("0.1") if reading.name is V.TEMPERATURE else Decimal(1)
    return news2.points_of(reading.value, bands, step) == 0


def _within(ranges: dict[VitalName, Range], reading: Reading) -> bool:
    if reading.name not in ranges:
        return True
    least, most = ranges[reading.name]
    return least <= reading.value <= most


def _level(
    rule: str, acuity: Acuity, sentence: str, found: Iterable[Reading] = ()
) -> Fired:
    return Fired(
        rule=f"baseline.{rule}",
        acuity=acuity,
        sentence=sentence,
        citation=NORMAL if found else CITATION,
        sources=sources(found),
    )
