"""Quantities in their canonical units, by UCUM (https://ucum.org), in exact decimals.

The units are a table and not a UCUM library: vital signs come in a few dozen units, and
ucumvert 0.3 with pint 0.25 in decimal mode fails with TypeError or AssertionError on
legal codes (`[degR]`, `kRAD`, `B[SPL]`), overflows on `10*9999999999`, and needs half a
second at the first Fahrenheit. A unit that is not here makes a value unreadable.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from domain.particulars import Flaw
from domain.values import VitalName
from fhir_profiles.elements import UCUM, Resource, string

_Factors: TypeAlias = Mapping[str, Fraction]


def _exact(factors: Mapping[str, str]) -> _Factors:
    return MappingProxyType({unit: Fraction(each) for unit, each in factors.items()})


# How many canonical units one unit is. The canonical unit of each comes first.
_RATE = _exact({"/min": "1", "min-1": "1", "/s": "60", "Hz": "60", "/h": "1/60"})
_SHARE = _exact({"%": "1", "1": "100", "10*-2": "1"})
_FLOW = _exact(
    {"L/min": "1", "l/min": "1", "mL/min": "1/1000", "ml/min": "1/1000"}
    | {"L/s": "60", "l/s": "60", "L/h": "1/60", "l/h": "1/60"}
)
_TIME = _exact({"s": "1", "ms": "1/1000", "min": "60"})
_MASS = _exact(
    {"kg": "1", "g": "1/1000", "mg": "1/1000000"}
    | {"[lb_av]": "0.45359237", "[oz_av]": "0.028349523125"}
    | {"[stone_av]": "6.35029318"}
)
_TORR = Fraction("0.133322387415")  # kPa in one conventional mm[Hg]
_PRESSURE = MappingProxyType(
    {"mm[Hg]": Fraction(1), "cm[Hg]": Fraction(10), "m[Hg]": Fraction(1000)}
    | {"kPa": 1 / _TORR, "hPa": 1 / (10 * _TORR), "Pa": 1 / (1000 * _TORR)}
    | {"mbar": 1 / (10 * _TORR), "cm[H2O]": Fraction("0.0980665") / _TORR}
)
_AMOUNT = {"mmol/L": "1", "mmol/l": "1", "mol/L": "1000", "umol/L": "1/1000"}
_CONCENTRATION = {"mg/dL": "1", "mg/dl": "1", "g/L": "100", "g/l": "100"}
_CONCENTRATION |= {"mg/L": "1/10", "ug/mL": "1/10", "g/dL": "1000", "mg/mL": "100"}


def _molar(tenth_of_molar_mass: str) -> _Factors:
    """Return amounts and masses in a volume; mg/dL in one mmol/L is the argument."""
    mass = Fraction(tenth_of_molar_mass)
    masses = {unit: Fraction(each) / mass for unit, each in _CONCENTRATION.items()}
    return MappingProxyType(dict(_exact(_AMOUNT)) | masses)


_UNITS: Mapping[VitalName, _Factors] = MappingProxyType(
    {
        VitalName.RESPIRATORY_RATE: _RATE,
        VitalName.HEART_RATE: _RATE,
        VitalName.OXYGEN_SATURATION: _SHARE,
        VitalName.SYSTOLIC: _PRESSURE,
        VitalName.DIASTOLIC: _PRESSURE,
        VitalName.TEMPERATURE: _exact({"Cel": "1", "K": "1", "[degF]": "5/9"}),
        VitalName.OXYGEN_FLOW: _FLOW,
        VitalName.INHALED_OXYGEN: _SHARE,
        VitalName.GLUCOSE: _molar("18.0156"),
        VitalName.LACTATE: _molar("9.008"),
        VitalName.CAPILLARY_REFILL: _TIME,
        VitalName.WEIGHT: _MASS,
        # A visual analogue scale is a line of 10 cm.
        VitalName.PAIN: _exact({"": "1", "1": "1", "cm": "1", "mm": "1/10"}),
        VitalName.GLASGOW_COMA_SCALE: _exact({"": "1", "1": "1"}),
        VitalName.KETONES: _molar("10.411"),
    }
)
SCORES = frozenset({VitalName.PAIN, VitalName.GLASGOW_COMA_SCALE})
"""Numbers that have no unit."""

_ZEROES = _exact({"K": "273.15", "[degF]": "32"})  # what each shows at 0 Cel

# What senders print where they have no UCUM code, without spaces and in lower case.
_PRINTED = MappingProxyType(
    dict.fromkeys(("f", "°f", "ºf", "℉", "degf", "degreesf", "fahrenheit"), "[degF]")
    | dict.fromkeys(("c", "°c", "ºc", "℃", "degc", "degreesc", "celsius"), "Cel")
    | dict.fromkeys(("bpm", "beats/min", "beats/minute", "beatsperminute"), "/min")
    | dict.fromkeys(("breaths/min", "breaths/minute", "breathsperminute"), "/min")
    | dict.fromkeys(("/minute", "perminute", "/min", "1/min", "permin"), "/min")
    | dict.fromkeys(("resp/min", "br/min", "rpm", "min-1", "min^-1"), "/min")
    | dict.fromkeys(("mmhg", "mm[hg]"), "mm[Hg]")
    | dict.fromkeys(("%", "percent"), "%")
    | dict.fromkeys(("l/min", "lpm", "litres/min", "liters/min"), "L/min")
    | dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s")
    | dict.fromkeys(("kg", "kgs", "kilogram", "kilograms"), "kg")
    | dict.fromkeys(("lb", "lbs", "pound", "pounds"), "[lb_av]")
    | dict.fromkeys(("st", "stone", "stones"), "[stone_av]")
    | {"mm": "mm", "cm": "cm", "hpa": "hPa"}
    | {"g": "g", "kpa": "kPa", "mmol/l": "mmol/L", "mg/dl": "mg/dL"}
    | dict.fromkeys(("score", "points", "/10", "/15"), "{score}")
)

_ANNOTATION = re.compile(r"\{[^{}]*\}")
_LARGEST = 12  # decimal exponent beyond which no measurement of a patient lies
_FINEST = Decimal("0.000001")


def number(value: object) -> Decimal | None:
    """Return a JSON number as a decimal as written; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    decimal = Decimal(value)
    if not decimal.is_finite() or decimal.adjusted() > _LARGEST:
        return None
    return _tidy(decimal)


def measured(quantity: Resource, name: VitalName) -> Decimal | Flaw:
    """Return a Quantity's value in the canonical unit of what it measures, or why not.

    The UCUM code counts; the printed unit counts only where there is no code. A unit
    is never guessed: without one, or with one of another dimension, there is no value.
    Scores have no unit. A conversion is exact and then rounded to the sixth decimal.
    """
    value = number(quantity.get("value"))
    if value is None:
        return Flaw.NO_NUMBER
    sent = _sent(quantity)
    units = (_plain_unit(unit) for unit in sent)
    unit = next((each for each in units if each in _UNITS.get(name, {})), None)
    if unit is None:
        return Flaw.FOREIGN_UNIT if any(map(_plain_unit, sent)) else Flaw.NO_UNIT
    return _converted(value, unit, _UNITS[name][unit])


def ratio(
    numerator: Resource, denominator: Resource, name: VitalName
) -> Decimal | Flaw:
    """Return a Ratio in the canonical unit: 7 breaths in 15 s, 90 mg in 1 dL.

    Nothing can be divided by nothing, nor by what is no number.
    """
    below = number(denominator.get("value"))
    if not below:
        return Flaw.NO_NUMBER
    over, under = (
        _plain_unit(next(iter(_sent(each)), "")).removeprefix("1")
        for each in (numerator, denominator)
    )
    unit = f"{over}/{under}" if under else over or "1"
    value = numerator.get("value")
    above = measured({"value": value, "system": UCUM, "code": unit}, name)
    return above if isinstance(above, Flaw) else _tidy(above / below)


def _sent(quantity: Resource) -> tuple[str, ...]:
    """Return the UCUM units that a Quantity may mean, the likelier first."""
    code = string(quantity, "code")
    if code and string(quantity, "system") in {"", UCUM}:
        return code, *_printed(code)  # "degF" and "mmHg" are often sent as codes
    unit = string(quantity, "unit")
    return *_printed(unit), unit


def _printed(unit: str) -> tuple[str, ...]:
    words = "".join(unit.casefold().split())
    return (_PRINTED[words],) if words in _PRINTED else ()


def _plain_unit(unit: str) -> str:
    """Return a unit without its annotations, `1/min` as `/min`."""
    bare = _ANNOTATION.sub("", unit)
    return bare.removeprefix("1") if bare.startswith("1/") else bare


def _converted(value: Decimal, unit: str, factor: Fraction) -> Decimal:
    zero = _ZEROES.get(unit, Fraction(0))
    if factor == 1 and not zero:
        return value
    exact = (Fraction(value) - zero) * factor
    return _tidy((Decimal(exact.numerator) / exact.denominator).normalize())


def _tidy(value: Decimal) -> Decimal:
    """Write a finite decimal without an exponent, to the sixth place at most."""
    if _exponent(value) < _exponent(_FINEST):
        value = value.quantize(_FINEST).normalize()
    return value.quantize(Decimal(1)) if _exponent(value) > 0 else value


def _exponent(value: Decimal) -> int:
    return int(value.as_tuple().exponent)
