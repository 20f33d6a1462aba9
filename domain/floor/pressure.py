"""What is reckoned from pressure and pulse: mean arterial pressure, shock index."""

from decimal import Decimal

from domain.floor.readings import Reading, Readings, sources
from domain.values import Reference, VitalName


def mean_below(readings: Readings, limit: Decimal) -> tuple[Reference, ...]:
    """Return both pressures where the mean arterial pressure is below a limit, mmHg.

    The mean is a third of the systolic and two thirds of the diastolic pressure; of
    several current ones the lowest are taken.
    """
    systolic = readings.current(VitalName.SYSTOLIC)
    diastolic = readings.current(VitalName.DIASTOLIC)
    if not systolic or not diastolic:
        return ()
    upper, lower = systolic[0], diastolic[0]
    low = upper.value + 2 * lower.value < 3 * limit
    return sources((upper, lower)) if low else ()


def shock_index_from(readings: Readings, limit: Decimal) -> tuple[Reference, ...]:
    """Return pulse and systolic pressure where their ratio reaches a limit.

    The papers print "above" and ">"; here the limit itself counts, the safer reading.
    """
    worst = _worst(readings)
    if worst is None:
        return ()
    pulse, pressure = worst
    return sources(worst) if pulse.value >= limit * pressure.value else ()


def _worst(readings: Readings) -> tuple[Reading, Reading] | None:
    pulses = readings.current(VitalName.HEART_RATE)
    pressures = readings.current(VitalName.SYSTOLIC)
    return (pulses[-1], pressures[0]) if pulses and pressures else None
