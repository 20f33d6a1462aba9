from decimal import Decimal

import pytest

from inference.agreement import comparisons_hold, names_agree, units_agree
from inference.quantities import measures, numbers

FACTS = "age 54 years, male ; heart rate: 128 /min ; systolic: 88 mmHg"


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("three days", {3}),
        ("half an hour", {Decimal("0.5")}),
        ("two thirds of it", {2, Decimal("0.3")}),
        ("one-sided pain", set()),
        ("a dozen", {12}),
        ("\u00bd", {1, 2}),
    ],
)
def test_numbers_in_words_and_fractions_count(text, stated):
    assert numbers(text) == stated


def test_a_number_knows_its_unit():
    assert measures("for 40 minutes at 38.5 Cel, 92 %, one hour") == {
        (Decimal(40), "min"),
        (Decimal("38.5"), "c"),
        (Decimal(92), "%"),
        (Decimal(1), "h"),
    }


@pytest.mark.parametrize(
    ("claim", "agrees"),
    [
        ("pain for 40 minutes", True),
        ("pain for 40 hours", False),
        ("pain of 40", True),
        ("a 54-year-old", True),
    ],
)
def test_the_unit_is_that_of_the_record(claim, agrees):
    assert units_agree(claim, f"{FACTS} ; pain for 40 minutes") is agrees


@pytest.mark.parametrize(
    ("claim", "agrees"),
    [
        ("a heart rate of 128", True),
        ("heart rate is 88", False),
        ("a systolic pressure of 128", False),
        ("pulse 128 and systolic 88", True),
        ("a temperature of 88", False),
        ("a heart rate of 130", True),
    ],
)
def test_a_value_is_that_of_its_own_sign(claim, agrees):
    quote = "A heart rate of 130 is a danger sign."

    assert names_agree(claim, FACTS, [quote]) is agrees


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        ("heart rate above 100", True),
        ("heart rate below 100", False),
        ("88 is under 90", True),
        ("88 mmHg is above 90", False),
        ("longer than 40 minutes", False),
        ("a temperature above 38", False),
    ],
)
def test_what_is_above_or_below_is_so(claim, holds):
    facts = f"{FACTS} ; pain for 40 minutes"

    assert comparisons_hold(claim, facts, ["A limit of 90, 100 or 38."]) is holds
