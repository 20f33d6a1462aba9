"""The catalogue that a clinician reads says what the rules do."""

import pytest
from hypothesis import given, settings

from domain.floor.ages import ANY_AGE, Band, days, months, years
from domain.floor.compose import CATALOGUE, RULES, assess
from tests.domain.floor.test_properties import ANY_CASE, LEVELLED, measured_adults

BY_RULE = {rule.rule: rule for rule in CATALOGUE}


def test_every_rule_stands_once_in_the_catalogue():
    assert len(BY_RULE) == len(CATALOGUE) > 200
    assert RULES


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.rule)
def test_every_rule_says_what_it_means_why_and_by_which_source(rule):
    assert rule.family
    assert rule.says.endswith(".")
    assert len(rule.why) > 10
    assert rule.why.endswith((".", ")"))
    assert rule.citation
    assert rule.acuities == tuple(sorted(set(rule.acuities)))
    assert all(band.words for band in rule.ages)


def unlisted(case):
    """Return what fires on a case and is not in the catalogue at that level."""
    listed = {(each.rule, acuity) for each in CATALOGUE for acuity in each.acuities}
    return {(fired.rule, fired.acuity) for fired in assess(case).fired} - listed


@settings(max_examples=150, deadline=None)
@given(ANY_CASE)
def test_whatever_fires_on_any_case_is_in_the_catalogue_at_that_level(case):
    assert unlisted(case) == set()


@settings(max_examples=100, deadline=None)
@given(measured_adults())
def test_whatever_fires_on_measured_adults_is_in_the_catalogue(case):
    assert unlisted(case) == set()


@settings(max_examples=100, deadline=None)
@given(LEVELLED)
def test_whatever_fires_on_children_is_in_the_catalogue(case):
    assert unlisted(case) == set()


@pytest.mark.parametrize(
    ("band", "words"),
    [
        (ANY_AGE, "any age"),
        (days(0, 28), "under 28 days"),
        (months(3, 36), "3 months to under 3 years"),
        (months(1, 2), "1 month to under 2 months"),
        (years(1, 2), "1 year to under 2 years"),
        (years(16), "16 years and over"),
        (Band(100, 200), "100 days to under 200 days"),
    ],
)
def test_an_age_band_is_written_as_a_clinician_says_it(band, words):
    assert band.words == words


def test_thresholds_carry_number_unit_and_age():
    zone = BY_RULE["esi.danger-zone.heart-rate"]

    assert "Heart rate above 190 /min, under 1 month" in zone.thresholds
    assert zone.acuities[-1] == 4
