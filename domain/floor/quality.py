"""What is missing from a case, and what in it cannot be trusted."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import chain

from domain.floor import clock
from domain.floor.ages import FROM_12
from domain.floor.plausibility import plausible
from domain.floor.readings import Reading, Readings
from domain.values import Quality, Vital, VitalName

V = VitalName

CORE: tuple[VitalName, ...] = (
    V.RESPIRATORY_RATE,
    V.OXYGEN_SATURATION,
    V.SYSTOLIC,
    V.HEART_RATE,
    V.TEMPERATURE,
    V.CONSCIOUSNESS,
)
"""What every assessment needs; under 12 the blood pressure may wait."""

_ALERTNESS = (V.CONSCIOUSNESS, V.GLASGOW_COMA_SCALE)
_NEEDED = frozenset({*CORE, *_ALERTNESS})

FAR_APART: dict[VitalName, Decimal] = {
    V.RESPIRATORY_RATE: Decimal(8),
    V.HEART_RATE: Decimal(30),
    V.OXYGEN_SATURATION: Decimal(5),
    V.SYSTOLIC: Decimal(30),
    V.DIASTOLIC: Decimal(30),
    V.TEMPERATURE: Decimal("1.5"),
    V.CONSCIOUSNESS: Decimal(1),
    V.GLASGOW_COMA_SCALE: Decimal(2),
    V.GLUCOSE: Decimal(5),
    V.PAIN: Decimal(4),
}
"""How far two readings of one moment may differ before one of them must be wrong."""


def required(readings: Readings) -> tuple[VitalName, ...]:
    """Return the vital signs that an assessment at this age needs."""
    pressure = FROM_12.meets(readings.age)
    return tuple(name for name in CORE if pressure or name is not V.SYSTOLIC)


def absent(readings: Readings) -> tuple[VitalName, ...]:
    """Return the vital signs of an assessment that were not there or not current."""
    return tuple(n for n in required(readings) if not _known(readings, n))


def missing(readings: Readings) -> tuple[str, ...]:
    """Name the vital signs, and other facts, that were not there or not current."""
    names = [str(name) for name in absent(readings)]
    if readings.case.age is None:
        names.append("age")
    if not readings.each_told:
        names.append("complaint")
    return tuple(sorted(names))


def _known(readings: Readings, name: VitalName) -> bool:
    names = _ALERTNESS if name in _ALERTNESS else (name,)
    return any(r.reassures for each in names for r in readings.current(each))


def doubts(readings: Readings) -> tuple[str, ...]:
    """Say which data contradict each other or cannot be judged, sorted."""
    found = chain(
        chain.from_iterable(_single(vital, readings) for vital in readings.case.vitals),
        chain.from_iterable(_old(name, readings) for name in V),
        chain.from_iterable(_spread(name, readings) for name in FAR_APART),
        _pressures(readings),
        _alertness(readings),
        _deceased(readings),
    )
    return tuple(sorted(set(found)))


def _single(vital: Vital, readings: Readings) -> Iterator[str]:
    at = readings.case.now
    if vital.preliminary or (vital.flaw and vital.quality is Quality.GOOD):
        yield f"{vital.name}: not final or not whole, confirm it"
    if clock.future(at, vital.effective):
        yield f"{vital.name}: taken at a time that has not come"
    if vital.quality is Quality.UNREADABLE or _valueless(vital):
        yield f"{vital.name}: a value that cannot be read, measure again"
    elif vital.quality is Quality.IMPLAUSIBLE or _impossible(vital):
        yield f"{vital.name}: an implausible value, measure again"


def _old(name: VitalName, readings: Readings) -> Iterator[str]:
    """Say which newest values are too old: to count, or to show that all is well."""
    found = readings.latest(name)
    if any(reading.older(clock.ALARMING) for reading in found):
        hours = clock.ALARMING // timedelta(hours=1)
        yield f"{name}: older than {hours} hours, measure again"
    elif found and name in _NEEDED and not _known(readings, name):
        minutes = clock.REASSURING // timedelta(minutes=1)
        if any(reading.older(clock.REASSURING) for reading in found):
            yield f"{name}: older than {minutes} minutes, measure again"


def _valueless(vital: Vital) -> bool:
    if vital.name is V.CONSCIOUSNESS:
        return vital.consciousness is None
    return vital.value is None or not vital.value.is_finite()


def _impossible(vital: Vital) -> bool:
    return vital.value is not None and not plausible(vital.name, vital.value)


def _spread(name: VitalName, readings: Readings) -> Iterator[str]:
    """Compare readings of one moment; those of unknown time may be of any."""
    found = readings.latest(name)
    if _far(found, FAR_APART[name]):
        low, high = found[0].value, found[-1].value
        yield f"{name}: readings of the same time differ by {high - low}"


def _far(found: Sequence[Reading], apart: Decimal) -> bool:
    return len(found) > 1 and found[-1].value - found[0].value >= apart


def _pressures(readings: Readings) -> Iterable[str]:
    systolic = readings.latest(V.SYSTOLIC)
    diastolic = readings.latest(V.DIASTOLIC)
    if systolic and diastolic and systolic[0].value <= diastolic[-1].value:
        yield "systolic: not above the diastolic pressure"


def _deceased(readings: Readings) -> Iterable[str]:
    if readings.case.deceased:
        yield "patient: recorded as deceased, check whose data these are"


def _alertness(readings: Readings) -> Iterable[str]:
    graded = readings.latest(V.CONSCIOUSNESS)
    coma = readings.latest(V.GLASGOW_COMA_SCALE)
    if graded and coma and (graded[-1].value > 0) != (coma[0].value < 15):  # noqa: PLR2004 (the full score)
        yield "consciousness: does not agree with the Glasgow coma scale"
