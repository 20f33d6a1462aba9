from decimal import Decimal

import pytest
from ucumvert import PintUcumRegistry

from domain.particulars import Flaw
from domain.values import VitalName
from fhir_profiles import units
from fhir_profiles.units import measured, number

MOLAR = {VitalName.GLUCOSE, VitalName.LACTATE, VitalName.KETONES}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (Decimal("36.60"), "36.60"),
        (Decimal("1.2E+2"), "120"),
        (Decimal("0.12345678"), "0.123457"),
        (Decimal("1E-999999"), "0"),
        (-3, "-3"),
    ],
)
def test_a_number_is_kept_as_written_without_an_exponent(sent, kept):
    assert str(number(sent)) == kept


@pytest.mark.parametrize(
    "sent",
    [
        True,
        "80",
        None,
        1.5,
        Decimal("Infinity"),
        Decimal("1E+13"),
        pytest.param(10**5000, id="huge"),
    ],
)
def test_what_is_no_measurable_number_is_none(sent):
    assert number(sent) is None


def test_consciousness_has_no_unit():
    found = measured({"value": 15, "code": "{score}"}, VitalName.CONSCIOUSNESS)

    assert found is Flaw.NO_UNIT


@pytest.mark.parametrize(
    "code",
    ["[degR]", "kRAD", "B[SPL]", "dB", "10*9999999999/min", "m99999", "((((", "\ud800"],
)
def test_a_unit_outside_the_table_makes_every_value_unreadable(code):
    found = {measured({"value": 1, "code": code}, name) for name in VitalName}

    assert found == {Flaw.FOREIGN_UNIT}


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        (name, unit)
        for name, factors in units._UNITS.items()
        for unit in factors
        if len(factors) > 2
        and name is not VitalName.PAIN  # centimetres of a scale are no unit of it
        and not (name in MOLAR and "g/" in unit)
    ],
)
def test_the_table_agrees_with_a_ucum_library(name, unit, registry):
    canonical = registry.from_ucum(next(iter(units._UNITS[name]))).units

    expected = registry.Quantity(36, registry.from_ucum(unit).units).to(canonical)

    found = measured({"value": 36, "code": unit}, name)
    assert float(found) == pytest.approx(expected.magnitude, rel=1e-6, abs=1e-6)


@pytest.fixture(scope="module")
def registry():
    return PintUcumRegistry()
