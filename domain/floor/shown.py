"""What shows each picture of signs together: all resources, or none."""

from decimal import Decimal

from domain.floor import signs
from domain.floor.ages import years
from domain.floor.esi_vitals import fast_breathing
from domain.floor.pressure import mean_below
from domain.floor.readings import Readings, distinct, sources
from domain.values import Reference, VitalName

V = VitalName
Found = tuple[Reference, ...]

FROM_65 = years(65)
VOICE = 2  # rank on ACVPU
DROWSY = 13  # Glasgow coma scale; confusion alone is 14
KETOSIS = Decimal(3)  # mmol/L, JBDS 2023: ketoacidosis with glucose or diabetes
KETOTIC_GLUCOSE = Decimal(11)

WEAK = ("weakness", "syncope", "dizziness", "fatigue")
STRUGGLES = ("respiratory-distress", "stridor", "airway-obstruction")


def below(readings: Readings, vital: VitalName, limit: str) -> Found:
    """Return the sources of latest values below a limit, however old they are."""
    most = Decimal(limit)
    return sources(r for r in readings.latest(vital) if r.value < most)


def _fast(readings: Readings) -> Found:
    fast = fast_breathing(readings)
    return (fast.source,) if fast else ()


def _both(*found: Found) -> Found:
    """Return all sources, or none where one of the signs is not shown."""
    return distinct(s for each in found for s in each) if all(found) else ()


def respiratory_failure(readings: Readings) -> Found:
    """Return low oxygen with compromised breathing."""
    told = readings.told.now(*STRUGGLES)
    low = below(readings, V.OXYGEN_SATURATION, "90")
    return _both(low, (*_fast(readings), *told))


def airway(readings: Readings) -> Found:
    """Return low oxygen and fast breathing in one who is not awake."""
    low = below(readings, V.OXYGEN_SATURATION, "92")
    return _both(_drowsy(readings), low, _fast(readings))


def _drowsy(readings: Readings) -> Found:
    """Return what shows more than confusion; words alone may mean any depth."""
    graded = readings.current(V.CONSCIOUSNESS)
    coma = readings.current(V.GLASGOW_COMA_SCALE)
    deep = [r for r in graded if r.value >= VOICE]
    deep += [r for r in coma if r.value <= DROWSY]
    told = () if graded or coma else signs.altered(readings)
    return (*sources(deep), *told)


def shock(readings: Readings) -> Found:
    """Return a very low pressure with poor perfusion."""
    low = [r for r in readings.latest(V.SYSTOLIC) if r.value <= 80]  # noqa: PLR2004 (the limit in the sentence)
    return _both(sources(low), signs.hypoperfusion(readings))


def mean_pressure(readings: Readings) -> Found:
    """Return a mean pressure below 55."""
    return mean_below(readings, Decimal(55))


def low_mean_pressure(readings: Readings) -> Found:
    """Return a mean pressure below 65."""
    return mean_below(readings, Decimal(65))


def weak_and_low(readings: Readings) -> Found:
    """Return weakness with a low pressure or pulse."""
    low = [r for r in readings.current(V.SYSTOLIC) if r.value <= 100]  # noqa: PLR2004 (the limit in the sentence)
    slow = [r for r in readings.current(V.HEART_RATE) if r.value < 50]  # noqa: PLR2004 (the limit in the sentence)
    shown = (*sources((*low, *slow)), *mean_below(readings, Decimal(65)))
    return _both(readings.told.now(*WEAK), shown)


def slow_and_ill(readings: Readings) -> Found:
    """Return a slow pulse with what it does."""
    slow = [r for r in readings.current(V.HEART_RATE) if r.value <= 50]  # noqa: PLR2004 (the limit in the sentence)
    told = readings.told.now("chest-pain", "dyspnoea", "altered-state", *WEAK)
    return _both(sources(slow), told)


def neuroglycopenia(readings: Readings) -> Found:
    """Return low glucose in one who is not alert."""
    return _both(below(readings, V.GLUCOSE, "3.0"), signs.altered(readings))


def ketoacidosis(readings: Readings) -> Found:
    """Return what fits diabetic ketoacidosis."""
    high = [r for r in readings.latest(V.GLUCOSE) if r.value >= Decimal("13.9")]
    told = readings.told.now("vomiting", "ketoacidosis", "abdominal-pain")
    diabetes = readings.known.ever("diabetes")
    measured = _both(sources(high), (*told, *_fast(readings)))
    acidotic = _both(diabetes, readings.told.now("vomiting"), _fast(readings))
    raised = sources(r for r in readings.latest(V.KETONES) if r.value >= KETOSIS)
    sweet = [r for r in readings.latest(V.GLUCOSE) if r.value >= KETOTIC_GLUCOSE]
    ketotic = _both(raised, (*diabetes, *sources(sweet)))
    shown = (*measured, *acidotic, *ketotic)
    return distinct((*shown, *diabetes)) if shown else ()


def adult_fever(readings: Readings) -> Found:
    """Return a fever that the body answers, or of age."""
    fast = [r for r in readings.current(V.HEART_RATE) if r.value > 90]  # noqa: PLR2004 (the limit in the sentence)
    low = [r for r in readings.current(V.SYSTOLIC) if r.value <= 100]  # noqa: PLR2004 (the limit in the sentence)
    hot = signs.fever(readings)
    old = hot if FROM_65.meets(readings.age) else ()
    return _both(hot, (*sources((*fast, *low)), *old))
