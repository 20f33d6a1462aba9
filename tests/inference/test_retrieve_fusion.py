from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.retrieve.fusion import best_of, reciprocal_rank_fusion
from inference.schema import Passage, SourceKind

PASSAGE = Passage(
    id="a",
    text="Rest.",
    heading="Knee",
    source="A. Author, 2020",
    kind=SourceKind.CLINIC_GUIDELINE,
    date="2020",
    population=("adult",),
    licence="Apache-2.0",
    sha256="",
)
RANKINGS = st.lists(
    st.lists(st.integers(1, 30), unique=True, max_size=10), min_size=1, max_size=5
)


def passage(identifier, score, kind=SourceKind.CLINIC_GUIDELINE):
    return replace(PASSAGE, id=identifier, score=score, kind=kind)


def ids(passages):
    return [each.id for each in passages]


def test_first_in_every_ranking_scores_one():
    scores = reciprocal_rank_fusion([[7, 8], [7, 9], [7]])

    assert scores[7] == 1
    assert 0 < scores[8] < 1


def test_what_two_rankings_find_beats_what_one_finds_alone():
    scores = reciprocal_rank_fusion([[1, 2], [3, 2]])

    assert scores[2] > scores[1] == scores[3]


@given(RANKINGS)
def test_the_order_of_the_rankings_does_not_matter(rankings):
    backwards = reciprocal_rank_fusion(rankings[::-1])

    assert backwards == reciprocal_rank_fusion(rankings)
    assert all(0 < score <= 1 for score in backwards.values())


def test_no_ranking_gives_no_score():
    assert reciprocal_rank_fusion([]) == {}


def test_only_the_best_scored_are_taken():
    found = {number: passage(f"p{number}", number / 10) for number in range(9)}

    assert ids(best_of(found, limit=3)) == ["p8", "p7", "p6"]


def test_among_equals_the_rarer_kind_comes_first():
    found = {
        1: passage("a", 0.5),
        2: passage("b", 0.5),
        3: passage("c", 0.5, SourceKind.DRUG_INFORMATION),
    }

    assert ids(best_of(found, limit=2)) == ["a", "c"]


def test_a_rare_kind_never_displaces_a_better_score():
    found = {
        1: passage("a", 0.6),
        2: passage("b", 0.5),
        3: passage("c", 0.4, SourceKind.DRUG_INFORMATION),
    }

    assert ids(best_of(found, limit=2)) == ["a", "b"]


@pytest.mark.parametrize("limit", [0, 1, 6])
def test_never_more_than_the_limit(limit):
    found = {number: passage(f"p{number}", 0.5) for number in range(4)}

    assert len(best_of(found, limit=limit)) == min(limit, 4)
