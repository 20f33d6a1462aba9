import math
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.retrieve import keywords

FIELDS = [
    ("Knee", "Rest the sore knee."),
    ("Fever", "A fever with a rash is urgent, a fever without one may wait."),
    ("Chest", "Pain in the chest; breathing hurts."),
]


@pytest.fixture
def index():
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(keywords.TABLE)
        yield connection


def match(index, text, size=3):
    (terms,) = keywords.query_terms([text])
    return keywords.match(index, terms, size)


def test_a_word_counts_as_bm25_says(index):
    keywords.write_postings(index, FIELDS)

    found = match(index, "fever")

    rarity = math.log1p((3 - 1 + 0.5) / (1 + 0.5))
    length = 13 / ((4 + 13 + 6) / 3)
    frequency = 2.0 / 1 + 2 / (0.25 + 0.75 * length)
    assert found.scores == pytest.approx(
        [0, rarity * frequency * 2.2 / (frequency + 1.2), 0], rel=1e-6
    )


def test_words_are_found_in_other_forms_and_cases(index):
    keywords.write_postings(index, FIELDS)

    assert match(index, "FEVERS").scores.argmax() == 1
    assert match(index, "to breathe").scores.argmax() == 2


def test_a_word_of_the_heading_counts_more_than_one_of_the_text(index):
    keywords.write_postings(index, [("Knee", "Pain there."), ("Pain", "Knee there.")])

    scores = match(index, "knee", 2).scores

    assert scores[0] > scores[1] > 0


def test_the_coverage_is_the_share_of_the_words_by_their_rarity(index):
    keywords.write_postings(index, FIELDS)
    rows = np.arange(3)

    assert match(index, "sore knee").coverage(rows).tolist() == [1, 0, 0]
    partly = match(index, "sore unheardof").coverage(rows)
    assert 0 < partly[0] < 0.5
    assert match(index, "?!").coverage(rows).tolist() == [0, 0, 0]


def test_a_word_that_many_passages_hold_says_nothing(index):
    fields = [
        ("Advice", f"patient {'urgent' if n < 21 else f'word{n}'} common{n % 5}")
        for n in range(100)
    ]
    keywords.write_postings(index, fields)

    for common in ("patient", "advice", "urgent"):
        found = match(index, common, 100)
        assert not found.scores.any()
        assert not found.coverage(np.arange(100)).any()
    assert np.count_nonzero(match(index, "common3", 100).scores) == 20


def test_a_search_reads_a_bounded_number_of_words(index):
    keywords.write_postings(index, FIELDS)
    crowd = " ".join(f"w{number}" for number in range(500))

    assert not match(index, f"{crowd} knee").scores.any()
    assert len(keywords.query_terms([crowd])[0]) == 64


def test_no_passage_has_no_word(index):
    keywords.write_postings(index, [])

    assert match(index, "knee", 0).scores.tolist() == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=8)
)
def test_every_text_that_has_a_word_finds_itself(texts):
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(keywords.TABLE)
        keywords.write_postings(connection, [("", text) for text in texts])

        for row, terms in enumerate(keywords.query_terms(texts)):
            found = keywords.match(connection, terms, len(texts))
            assert bool(terms) == bool(found.scores[row] > 0)
            whole = found.coverage(np.array([row]))[0]
            assert whole == pytest.approx(float(bool(terms)))
