"""Signs that make a diffuse complaint an emergency, each in words and as a test."""

from decimal import Decimal

from domain.floor import signs
from domain.floor.flag import Sign
from domain.floor.readings import Readings, distinct, sources
from domain.values import Reference, VitalName

V = VitalName
Sources = tuple[Reference, ...]

LOW_SYSTOLIC = Decimal(100)  # mm[Hg], qSOFA (Singer, JAMA 2016)
FAST_HEART = Decimal(100)  # /min, ESI danger zone
RACING_HEART = Decimal(95)  # /min, with fluid loss
SOFT_SYSTOLIC = Decimal(110)  # mm[Hg], NEWS2: 1 point


def _alarming_abdomen(readings: Readings) -> Sources:
    fast = [r for r in readings.current(V.HEART_RATE) if r.value > FAST_HEART]
    low = [r for r in readings.current(V.SYSTOLIC) if r.value <= LOW_SYSTOLIC]
    told = readings.told.now("peritonism", "fever", "distension", "syncope")
    known = readings.known.ever("aneurysm")
    thinned = readings.taken.now("anticoagulant")
    hot = signs.fever(readings)
    pain = signs.severe_pain(readings)
    measured = any(map(readings.every, (V.HEART_RATE, V.SYSTOLIC, V.PAIN)))
    unknown = () if measured else readings.told.now("abdominal-pain")
    found = (*sources((*fast, *low)), *told, *known, *thinned, *hot, *pain, *unknown)
    return distinct(found)


def _dry(readings: Readings) -> Sources:
    fast = [r for r in readings.current(V.HEART_RATE) if r.value >= RACING_HEART]
    low = [r for r in readings.current(V.SYSTOLIC) if r.value <= SOFT_SYSTOLIC]
    return sources((*fast, *low))


def _feverish(readings: Readings) -> Sources:
    told = readings.told.now("fever", "rigors", "told-temperature")
    return distinct((*signs.fever(readings), *told))


ALARMING_ABDOMEN = Sign(
    "pain >= 7, peritonism, fever, distension, fainting, heart rate > 100 /min, "
    "systolic <= 100 mm[Hg], an anticoagulant, a known aneurysm, or neither pulse nor "
    "pressure nor pain known",
    _alarming_abdomen,
)
DRY = Sign("heart rate >= 95 /min or systolic <= 110 mm[Hg]", _dry)
FEVERISH = Sign("a temperature >= 38.0 Cel, or fever or rigors in words", _feverish)
SEVERE_PAIN = Sign("pain >= 7, or severe pain in words", signs.severe_pain)
ALTERED = Sign("an altered state, measured or in words", signs.altered)
