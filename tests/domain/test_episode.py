from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest

from domain.episode import (
    NO_CASES,
    EpisodeCase,
    Placement,
    Visit,
    evolve,
    join_case,
    open_case,
    place,
)
from domain.values import Reference

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = timedelta(hours=24)
FIRST = Reference(type="Encounter", id="first")
SECOND = Reference(type="Encounter", id="second")
NEW = Placement(joins=None, follows=None)


def case(name, encounter=None, hours=0):
    return EpisodeCase(
        case_id=name, encounter=encounter, at=AT - timedelta(hours=hours)
    )


def placed(encounter, *cases, reviewed=()):
    visit = Visit(encounter=encounter, at=AT)
    return place(visit, cases, reviewed=reviewed, window=WINDOW)


@pytest.mark.parametrize("encounter", [None, FIRST])
def test_the_first_data_of_a_patient_open_a_case(encounter):
    assert placed(encounter, *NO_CASES) == NEW


def test_data_of_an_encounter_join_its_case():
    found = placed(FIRST, case("a", FIRST), case("b", SECOND))

    assert found == Placement(joins="a", follows=None)


def test_data_of_an_encounter_join_its_case_however_long_it_is_open():
    found = placed(FIRST, case("a", FIRST, hours=100))

    assert found == Placement(joins="a", follows=None)


def test_data_of_another_encounter_open_a_case():
    assert placed(SECOND, case("a", FIRST)) == NEW


def test_data_without_an_encounter_join_the_latest_case_in_the_window():
    found = placed(None, case("a", FIRST, hours=3), case("b", SECOND, hours=1))

    assert found == Placement(joins="b", follows=None)


def test_data_of_an_encounter_join_a_case_that_knew_none():
    assert placed(FIRST, case("a")) == Placement(joins="a", follows=None)


@pytest.mark.parametrize("encounter", [None, FIRST])
def test_data_beyond_the_window_open_a_case(encounter):
    assert placed(encounter, case("a", hours=25)) == NEW


@pytest.mark.parametrize("encounter", [None, FIRST])
def test_data_after_the_review_open_a_case_that_follows(encounter):
    found = placed(encounter, case("a", FIRST), reviewed={"a"})

    assert found == Placement(joins=None, follows="a")


def test_data_join_the_case_that_follows_a_reviewed_one():
    found = placed(FIRST, case("a", FIRST), case("b", FIRST), reviewed={"a"})

    assert found == Placement(joins="b", follows=None)


def test_cases_are_remembered_in_the_order_they_opened():
    events = [
        *open_case("a", Visit(encounter=None, at=AT)),
        *open_case("b", Visit(encounter=SECOND, at=AT)),
    ]

    assert reduce(evolve, events, NO_CASES) == (case("a"), case("b", SECOND))


def test_a_case_learns_its_encounter_once():
    episodes = (case("a"), case("b", SECOND))
    visit = Visit(encounter=FIRST, at=AT)

    events = join_case("a", visit, episodes)
    after = reduce(evolve, events, episodes)

    assert after == (case("a", FIRST), case("b", SECOND))
    assert join_case("a", visit, after) == []
    assert join_case("b", Visit(encounter=None, at=AT), after) == []
