"""Observation to vital signs, in canonical units, each with a judgement of quality.

Codes, units and limits: LOINC, UCUM, https://hl7.org/fhir/R4/observation-vitalsigns.html.
What cannot be read is never taken as normal: it comes back as unreadable.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from domain.values import Quality, Reference, Vital, VitalName
from fhir_profiles.consciousness import consciousness
from fhir_profiles.elements import (
    LOINC,
    Resource,
    codes,
    element,
    elements,
    string,
    strings,
)
from fhir_profiles.moments import Span, first_span, span
from fhir_profiles.units import measured, number

_NAMES = MappingProxyType(
    {"9279-1": VitalName.RESPIRATORY_RATE}
    | dict.fromkeys(("8867-4", "8889-8", "8893-0"), VitalName.HEART_RATE)
    | dict.fromkeys(("2708-6", "59408-5"), VitalName.OXYGEN_SATURATION)
    | {"8480-6": VitalName.SYSTOLIC, "8462-4": VitalName.DIASTOLIC}
    # Temperature: unspecified, axillary, core, oral, rectal, tympanic, bladder,
    # oesophageal, nasopharyngeal, temporal artery, nasal, ear.
    | dict.fromkeys(("8310-5", "8328-7", "8329-5", "8331-1"), VitalName.TEMPERATURE)
    | dict.fromkeys(("8332-9", "8333-7", "8334-5", "60836-4"), VitalName.TEMPERATURE)
    | dict.fromkeys(("60838-0", "75539-7", "76010-8", "76011-6"), VitalName.TEMPERATURE)
    | dict.fromkeys(("67775-7", "80288-4", "11454-5"), VitalName.CONSCIOUSNESS)
    | {"9269-2": VitalName.GLASGOW_COMA_SCALE}
    | {"3151-8": VitalName.OXYGEN_FLOW, "3150-6": VitalName.INHALED_OXYGEN}
    | dict.fromkeys(("72514-3", "38208-5", "38221-8"), VitalName.PAIN)
    # Glucose: the unit decides, not the code; mg/dL is seen under codes of mmol/L.
    | dict.fromkeys(("2339-0", "2340-8", "2345-7", "32016-8"), VitalName.GLUCOSE)
    | dict.fromkeys(("41653-7", "14743-9", "14749-6", "15074-8"), VitalName.GLUCOSE)
    | dict.fromkeys(("2524-7", "32693-4"), VitalName.LACTATE)
    | {"44963-7": VitalName.CAPILLARY_REFILL}
    | dict.fromkeys(("29463-7", "3141-9"), VitalName.WEIGHT)
)

# Least and most that a living patient or a probe can give, both plausible. Oxygen
# below 15 % and saturation up to 1 % are fractions of one, or a probe that fell off.
_LIMITS = MappingProxyType(
    {
        VitalName.RESPIRATORY_RATE: (Decimal(0), Decimal(300)),
        VitalName.HEART_RATE: (Decimal(0), Decimal(350)),
        VitalName.OXYGEN_SATURATION: (Decimal("1.000001"), Decimal(100)),
        VitalName.SYSTOLIC: (Decimal(0), Decimal(375)),
        VitalName.DIASTOLIC: (Decimal(0), Decimal(375)),
        VitalName.TEMPERATURE: (Decimal(26), Decimal(45)),
        VitalName.GLASGOW_COMA_SCALE: (Decimal(3), Decimal(15)),
        VitalName.OXYGEN_FLOW: (Decimal(0), Decimal(100)),
        VitalName.INHALED_OXYGEN: (Decimal(15), Decimal(100)),
        VitalName.PAIN: (Decimal(0), Decimal(10)),
        VitalName.GLUCOSE: (Decimal(0), Decimal(150)),
        VitalName.LACTATE: (Decimal(0), Decimal(50)),
        VitalName.CAPILLARY_REFILL: (Decimal(0), Decimal(60)),
        VitalName.WEIGHT: (Decimal("0.2"), Decimal(700)),
    }
)

# Meters print "LO" and "HI", capillary refill is charted as "<2 s": these bounds are
# measurements. Any other bound ("heart rate above 60") says too little to be judged.
_BOUNDED = frozenset(
    {
        (VitalName.OXYGEN_SATURATION, "<"),
        (VitalName.OXYGEN_SATURATION, "<="),
    }
    | {
        (name, comparator)
        for name in (VitalName.GLUCOSE, VitalName.LACTATE, VitalName.CAPILLARY_REFILL)
        for comparator in ("<", "<=", ">=", ">")
    }
)
_SCORES = frozenset({VitalName.PAIN, VitalName.GLASGOW_COMA_SCALE})
_NOT_MEASURED = frozenset({"entered-in-error", "cancelled"})


def vitals(observation: Resource, source: Reference) -> list[Vital]:
    """Return the vital signs of an Observation and of its components.

    Nothing comes of an Observation that was entered in error or cancelled, of codes
    that are no vital sign, and of a `dataAbsentReason`: those are missing, which the
    rules know. A missing or foreign unit, a text, a range give an unreadable vital,
    also a temperature of "98.6" without a unit: what is obvious at 98.6 is not at 40,
    and a habit of guessing would hide the sender's fault. An implausible value is kept
    and marked. A comparator (`<`, `>`) keeps the bound as value; it is judged only for
    glucose, lactate, capillary refill and a saturation below something.
    """
    if string(observation, "status") in _NOT_MEASURED:
        return []
    at = effective(observation)
    measurements = [observation, *elements(observation, "component")]
    found = (_vital(each, source, at) for each in measurements)
    return [vital for vital in found if vital is not None]


def effective(observation: Resource) -> datetime | None:
    """Return the earliest instant at which an Observation can have been made, in UTC.

    The start of a period or of a partial date: a measurement is rather held too old
    than too young. Without an effective time, the time of issue.
    """
    found = observed(observation)
    return found.start if found else None


def observed(observation: Resource) -> Span | None:
    """Return when an Observation was made, or else when it was issued."""
    timing = element(observation, "effectiveTiming")
    events = [found for text in strings(timing, "event") if (found := span(text))]
    return (
        first_span(observation, ("effectiveDateTime", "effectivePeriod"))
        or first_span(observation, ("effectiveInstant",))
        or min(events, key=lambda event: event.start, default=None)
        or span(string(observation, "issued"))
    )


def _vital(part: Resource, source: Reference, at: datetime | None) -> Vital | None:
    name = _name(part)
    if name is None or not any(key.startswith("value") for key in part):
        return None
    unreadable = Vital(
        name=name, source=source, effective=at, quality=Quality.UNREADABLE
    )
    if "dataAbsentReason" in part:  # A value and a reason for its absence (obs-6).
        return unreadable
    if name is VitalName.CONSCIOUSNESS:
        level = consciousness(part)
        quality = Quality.GOOD if level else Quality.UNREADABLE
        return replace(unreadable, consciousness=level, quality=quality)
    value = _value(part, name)
    if value is None:
        return unreadable
    quality = _quality(part, name, value)
    return replace(unreadable, value=_at_most(part, name, value), quality=quality)


def _name(part: Resource) -> VitalName | None:
    names = (
        _NAMES.get(code.code)
        for code in codes(element(part, "code"))
        if code.system == LOINC
    )
    return next((name for name in names if name is not None), None)


def _value(part: Resource, name: VitalName) -> Decimal | None:
    if name in _SCORES and "valueInteger" in part:
        return number(part["valueInteger"])
    return measured(element(part, "valueQuantity"), name)


def _at_most(part: Resource, name: VitalName, value: Decimal) -> Decimal:
    """Return the highest saturation that "<92" can mean: oximeters show whole percents.

    The bound itself is the one value that was not measured, and rules begin at it.
    """
    below = string(element(part, "valueQuantity"), "comparator") == "<"
    return value - 1 if below and name is VitalName.OXYGEN_SATURATION else value


def _quality(part: Resource, name: VitalName, value: Decimal) -> Quality:
    quantity = element(part, "valueQuantity")
    bound = (name, string(quantity, "comparator"))
    judged = "comparator" not in quantity or bound in _BOUNDED
    least, most = _LIMITS[name]
    return Quality.GOOD if judged and least <= value <= most else Quality.IMPLAUSIBLE
