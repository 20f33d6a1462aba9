"""Pictures that several rules ask for, each with the resources that show it."""

from decimal import Decimal

from domain.floor.readings import Reading, Readings, distinct, sources
from domain.values import Reference, VitalName

Sources = tuple[Reference, ...]

FEVER = Decimal("38.0")
COLD = Decimal("36.0")
SLOW_REFILL = Decimal(3)  # seconds
HIGH_LACTATE = Decimal(4)  # mmol/L
SEVERE_PAIN = Decimal(7)
FULL_COMA_SCALE = Decimal(15)


def fever(readings: Readings) -> Sources:
    """Return the current temperatures at or above 38.0 Cel."""
    found = readings.current(VitalName.TEMPERATURE)
    return sources(r for r in found if r.value >= FEVER)


def infection(readings: Readings) -> Sources:
    """Return what suggests infection: fever, a low temperature, or words and codes."""
    found = readings.current(VitalName.TEMPERATURE)
    cold = sources(r for r in found if r.value < COLD)
    told = readings.told.now("infection", "fever", "urinary-infection", "sepsis")
    return distinct((*fever(readings), *cold, *told))


def altered(readings: Readings) -> Sources:
    """Return what shows a patient who is not fully alert."""
    graded = readings.current(VitalName.CONSCIOUSNESS)
    coma = readings.current(VitalName.GLASGOW_COMA_SCALE)
    measured: list[Reading] = [r for r in graded if r.value > 0]
    measured += [r for r in coma if r.value < FULL_COMA_SCALE]
    told = readings.told.now("altered-state", "unresponsive", "active-seizure")
    return distinct((*sources(measured), *told))


def hypoperfusion(readings: Readings) -> Sources:
    """Return what shows that blood does not reach the tissues."""
    refill = readings.current(VitalName.CAPILLARY_REFILL)
    lactate = readings.current(VitalName.LACTATE)
    measured: list[Reading] = [r for r in refill if r.value >= SLOW_REFILL]
    measured += [r for r in lactate if r.value >= HIGH_LACTATE]
    told = readings.told.now("hypoperfusion", "syncope")
    return distinct((*sources(measured), *told, *altered(readings)))


def severe_pain(readings: Readings) -> Sources:
    """Return pain of 7 of 10 or more, measured or in words."""
    scored = readings.current(VitalName.PAIN)
    told = readings.told.now("severe-pain")
    return distinct((*sources(r for r in scored if r.value >= SEVERE_PAIN), *told))
