from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_profiles.instants import span
from gateway.projections import magnitudes
from gateway.projections.asking import SearchError, alternatives, plain, split
from gateway.projections.dating import _compared
from gateway.projections.ranges import (
    LARGEST,
    between,
    days,
    of_date,
    of_number,
    ordinal,
)

NUMBERS = st.decimals(min_value=-(10**6), max_value=10**6, places=3)
DATES = st.dates(date(1000, 1, 1), date(2999, 12, 31))
PREFIXES = st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"])


def begins(units, beginnings):
    """How many of the beginnings a trail has."""
    return sum(units[: len(each)] == each for each in beginnings)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_number_begins_with_one_beginning_of_the_ranges_that_hold_it(one, two, other):
    low, high = sorted((ordinal(one), ordinal(two)))

    beginnings = list(between(low, high))

    assert begins(of_number(other), beginnings) == (low <= ordinal(other) <= high)
    assert len(beginnings) < 400


@given(NUMBERS, NUMBERS)
def test_numbers_keep_their_order(one, two):
    one, two = round(one, 1), round(two, 1)

    assert (ordinal(one) < ordinal(two)) == (one < two)


@pytest.mark.parametrize("huge", ["1e30", "-1e30"])
def test_what_is_too_large_counts_as_the_largest(huge):
    assert abs(ordinal(Decimal(huge))) == LARGEST


def test_what_is_too_small_counts_as_nothing():
    assert of_number(Decimal("1e-30")) == of_number(Decimal(0))


@pytest.mark.parametrize(
    ("asked", "matching", "other"),
    [
        ("100", ["99.5", "100", "100.49"], ["99.4", "100.5"]),
        ("100.00", ["99.995", "100", "100.004"], ["100.005", "99.99"]),
        ("1e2", ["50", "149"], ["49", "150"]),
        ("0", ["0", "-0.5", "0.4"], ["0.5", "-0.6"]),
        ("-5", ["-5", "-5.5", "-4.6"], ["-4.5", "5"]),
        ("gt5.4", ["5.5", "5.401"], ["5.4", "-6", "0"]),
        ("sa5.4", ["5.5"], ["5.4"]),
        ("ge5.4", ["5.4", "90"], ["5.39"]),
        ("lt5.4", ["5.39", "0", "-1000"], ["5.4", "6"]),
        ("eb5.4", ["5.39"], ["5.4"]),
        ("le5.4", ["5.4", "-7"], ["5.41"]),
        ("ne5.4", ["5.45", "5.3", "0"], ["5.4", "5.44"]),
        ("ap100", ["90", "110"], ["89", "111"]),
        ("12345678.9", ["12345678.9"], ["12345680"]),
    ],
)
def test_a_searched_number_matches_as_fhir_says(asked, matching, other):
    beginnings = list(magnitudes.numbers("value-quantity", asked))

    assert all(begins(of_number(Decimal(each)), beginnings) for each in matching)
    assert not any(begins(of_number(Decimal(each)), beginnings) for each in other)


@given(DATES, DATES, DATES)
def test_a_day_begins_with_one_beginning_of_the_days_that_hold_it(one, two, other):
    first, last = sorted((one, two))

    beginnings = list(days(first, last))

    within = first <= other <= last
    assert begins(of_date(other.isoformat()), beginnings) == within
    assert len(beginnings) < 160


PARTIAL = st.builds(
    lambda day, size: day.isoformat()[:size],
    st.dates(date(1985, 1, 1), date(1986, 12, 31)),
    st.sampled_from([4, 7, 10]),
)


@given(PREFIXES, PARTIAL, PARTIAL)
def test_dates_of_persons_match_as_other_dates_do(prefix, asked, stored):
    beginnings = list(magnitudes.dates("birthdate", prefix + asked))

    found = begins(of_date(stored), beginnings) > 0

    assert found == as_intervals(prefix or "eq", span(stored), span(asked))


def as_intervals(prefix, stored, wanted):
    """What the condition on clear dates says, worked out by Python."""
    sql, values = _compared(prefix, "low", "high", wanted)
    for value in values:
        sql = sql.replace("?", str(value), 1)
    words = sql.replace("AND", "and").replace("NOT", "not")
    return eval(words, {"low": stored.low, "high": stored.high})


@pytest.mark.parametrize("text", ["", "1990-1", "soon", "0999", "3000", "9999-12-31"])
def test_what_is_no_date_of_a_person_is_refused(text):
    with pytest.raises(SearchError):
        list(magnitudes.dates("birthdate", text))


@pytest.mark.parametrize(
    "text", ["", "one", "1.", "0x1", "1e9999", "NaN", "٣", "gtgt1"]
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(SearchError):
        list(magnitudes.numbers("probability", text))


@given(st.lists(st.text(alphabet="ab,|$\\", max_size=5), min_size=1, max_size=4))
def test_escaped_values_come_back_as_they_were(values):
    sent = ",".join(
        "".join(f"\\{char}" if char in ",|$\\" else char for char in each)
        for each in values
    )

    assert [plain(each) for each in split(sent, ",")] == values


def test_an_empty_value_between_commas_is_refused():
    with pytest.raises(SearchError):
        alternatives("code", "a,,b")


def test_a_leap_day_is_in_its_month():
    assert days(date(2024, 2, 1), date(2024, 3, 1) - timedelta(days=1)).__next__() == (
        *"2024",
        "02",
    )
