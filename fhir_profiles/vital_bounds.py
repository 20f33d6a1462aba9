"""What "less than" and "more than" say of a vital sign: the urgent end, if any."""

from decimal import Decimal
from types import MappingProxyType

from domain.values import VitalName
from fhir_profiles.vital_codes import LIMITS

V = VitalName

_ALARMING: MappingProxyType[VitalName, tuple[str | None, str | None]] = (
    MappingProxyType(
        {
            # At or below, at or above which a bound alone is alarming; None where that
            # side is harmless. NEWS2's three points (RCP 2017); NICE; JBDS; ESI v5.
            V.RESPIRATORY_RATE: ("8", "25"),
            V.HEART_RATE: ("40", "131"),
            V.OXYGEN_SATURATION: ("91", None),
            V.SYSTOLIC: ("90", "220"),
            V.DIASTOLIC: ("40", "110"),
            V.TEMPERATURE: ("35.0", "39.1"),
            V.GLASGOW_COMA_SCALE: ("14", None),
            V.OXYGEN_FLOW: (None, "0"),
            V.INHALED_OXYGEN: (None, "22"),
            V.PAIN: (None, "7"),
            V.GLUCOSE: ("3.9", "13.9"),
            V.LACTATE: (None, "4"),
            V.CAPILLARY_REFILL: (None, "3"),
            V.WEIGHT: (None, None),
            V.KETONES: (None, "3"),
        }
    )
)
_TENTHS = frozenset(
    {V.TEMPERATURE, V.GLUCOSE, V.LACTATE, V.CAPILLARY_REFILL, V.KETONES, V.WEIGHT}
)
"""Vital signs that instruments show to the tenth; the others come in whole numbers."""


def urgent_end(bound: Decimal, comparator: str, name: VitalName) -> Decimal | None:
    """Return the value to judge a bound by; None where it tells too little.

    On the harmless side the bound is the urgent end ("saturation above 95"). On the
    other the nearest possible value counts, if it is alarming already ("pulse below
    40"); else the truth may be normal or deadly ("pulse above 60").
    """
    low, high = _ALARMING[name]
    step = Decimal("0.1") if name in _TENTHS else Decimal(1)
    beyond = step if comparator in {"<", ">"} else Decimal(0)
    found: Decimal | None = None
    if comparator in {"<", "<="}:
        found = _below(bound, beyond, low)
    elif comparator in {">", ">="}:
        # The pain scale has an end, which is the urgent one.
        found = LIMITS[name][1] if name is V.PAIN else _above(bound, beyond, high)
    least, most = LIMITS[name]
    return None if found is None else min(max(found, least), most)


def _below(bound: Decimal, beyond: Decimal, low: str | None) -> Decimal | None:
    if low is None:
        return bound
    return bound - beyond if bound - beyond <= Decimal(low) else None


def _above(bound: Decimal, beyond: Decimal, high: str | None) -> Decimal | None:
    if high is None:
        return bound + beyond
    return bound + beyond if bound + beyond >= Decimal(high) else None
