"""The value of a vital sign in whatever form it was sent: number, text, range, bound.

What has one meaning is read; of an interval the urgent end counts, both ends where
either may be the urgent one; the rest is a flaw, and never a normal value.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from domain.particulars import Flaw
from domain.values import Quality, VitalName
from fhir_profiles.elements import Resource, codes, element, string
from fhir_profiles.units import SCORES, measured, number, ratio
from fhir_profiles.vital_bounds import urgent_end
from fhir_profiles.vital_codes import LIMITS
from fhir_profiles.vital_texts import ordinal, quantity

V = VitalName

_TRIED = frozenset({"error", "not-a-number", "negative-infinity", "positive-infinity"})
_TRIED |= {"as-text", "unsupported", "masked"}
"""Reasons for an absent value by which there is one that cannot be seen here."""


@dataclass(frozen=True, kw_only=True)
class Value:
    """A value in its canonical unit, with a judgement of it."""

    value: Decimal | None = None
    quality: Quality = Quality.GOOD
    flaw: Flaw | None = None


def values(part: Resource, name: VitalName) -> list[Value]:
    """Return what an Observation or component says of a number: one value, or two ends.

    None where nothing was said: no value, or a reason why nobody measured.
    """
    form = next((key for key in part if key.startswith("value")), "")
    if not form:
        tried = {code.code for code in codes(element(part, "dataAbsentReason"))}
        return [_flawed(Flaw.NOT_OBTAINED)] if tried & _TRIED else []
    if "dataAbsentReason" in part:  # A value and a reason for its absence (obs-6).
        return [_flawed(Flaw.CONTRADICTION)]
    if form not in _FORMS:
        return [_flawed(_UNREAD.get(form, Flaw.NO_NUMBER))]
    return list(dict.fromkeys(_FORMS[form](part, name)))


def _flawed(flaw: Flaw) -> Value:
    return Value(quality=Quality.UNREADABLE, flaw=flaw)


def _value(sent: Resource, name: VitalName) -> Value:
    return _judged(measured(sent, name), sent, name)


def _judged(value: Decimal | Flaw, sent: Resource, name: VitalName) -> Value:
    if isinstance(value, Flaw):
        return _flawed(value)
    least, most = LIMITS[name]
    if not least <= value <= most:
        return Value(value=value, quality=Quality.IMPLAUSIBLE, flaw=Flaw.OUT_OF_RANGE)
    if "comparator" not in sent:
        return Value(value=value)
    urgent = urgent_end(value, string(sent, "comparator"), name)
    if urgent is None:
        return Value(value=value, quality=Quality.IMPLAUSIBLE, flaw=Flaw.OPEN_ENDED)
    return Value(value=urgent)


def _of_quantity(part: Resource, name: VitalName) -> list[Value]:
    return [_value(element(part, "valueQuantity"), name)]


def _of_integer(part: Resource, name: VitalName) -> list[Value]:
    return [_value({"value": part["valueInteger"]}, name)]


def _of_string(part: Resource, name: VitalName) -> list[Value]:
    return [_value(quantity(string(part, "valueString"), name), name)]


def _of_concept(part: Resource, name: VitalName) -> list[Value]:
    """Read a coded score: by its ordinal value, else by its words."""
    concept = element(part, "valueCodeableConcept")
    if name not in SCORES:
        return [_flawed(Flaw.NO_NUMBER)]
    texts = (string(concept, "text"), *(each.display for each in codes(concept)))
    read = (quantity(each, name) for each in texts)
    sent = ordinal(concept) or next((each for each in read if each), {})
    return [_value(sent, name)]


def _of_ratio(part: Resource, name: VitalName) -> list[Value]:
    sent = element(part, "valueRatio")
    above, below = element(sent, "numerator"), element(sent, "denominator")
    if name not in SCORES:
        return [_judged(ratio(above, below, name), {}, name)]
    whole = number(below.get("value")) == LIMITS[name][1]  # 7 of 10, 14 of 15
    return [_value(above if whole else {}, name)]


def _of_range(part: Resource, name: VitalName) -> list[Value]:
    """Read both ends: the rules take the worse of two values of one moment."""
    sent = element(part, "valueRange")
    low, high = element(sent, "low"), element(sent, "high")
    if low and high:
        return [_value(low, name), _value(high, name)]
    end = {**low, "comparator": ">="} if low else {**high, "comparator": "<="}
    return [_value(end, name)]


_FORMS: MappingProxyType[str, Callable[[Resource, VitalName], list[Value]]] = (
    MappingProxyType(
        {
            "valueQuantity": _of_quantity,
            "valueInteger": _of_integer,
            "valueString": _of_string,
            "valueCodeableConcept": _of_concept,
            "valueRatio": _of_ratio,
            "valueRange": _of_range,
        }
    )
)
_UNREAD = MappingProxyType({"valueSampledData": Flaw.SERIES})
