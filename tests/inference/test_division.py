"""Text is divided for the embedding model, and criteria lists are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.division import MAX_TOKENS, divide, estimated
from inference.embed import EmbeddingUnavailableError
from inference.tokens import counter

LIST = "\n".join(f"- criterion {number} " + "word " * 20 for number in range(12))


def words(text):
    return len(text.split())


def test_a_list_stays_whole_and_with_its_introduction():
    texts = [("Before. " * 200, False), ("Any one of:", False), (LIST, True)]

    parts = list(divide(texts, count=words))

    assert parts[-1] == f"Any one of:\n{LIST}"


def test_running_text_is_cut_between_sentences():
    sentence = "One two three four five six seven eight nine ten."
    parts = list(divide([(" ".join([sentence] * 60), False)], count=words))

    assert len(parts) == 3
    assert all(part.endswith("ten.") for part in parts)
    assert sum(part.count(sentence) for part in parts) == 60


def test_a_heading_takes_its_place_from_the_text():
    text = [("One two three four. " * 40, False)]

    assert len(list(divide(text, count=words))) == 1
    assert len(list(divide(text, taken=200, count=words))) == 3


def test_text_before_a_list_without_a_colon_stays_apart_from_it():
    assert list(divide([("Before.", False), ("- a", True), ("After:", False)])) == [
        "Before.\n\n- a\n\nAfter:"
    ]
    assert list(divide([("", False), ("One:", False), ("Two.", False)])) == [
        "One:\n\nTwo."
    ]


PARAGRAPHS = st.lists(
    st.tuples(st.integers(1, 400), st.booleans()), min_size=1, max_size=6
)


@given(PARAGRAPHS)
def test_dividing_loses_no_word_and_exceeds_the_limit_only_in_what_stays_whole(given_):
    texts = [("word " * length, whole) for length, whole in given_]

    parts = list(divide(texts, count=words))

    assert sum(words(part) for part in parts) == sum(length for length, _ in given_)
    for part in parts:
        assert words(part) <= MAX_TOKENS or "\n\n" not in part


def test_a_folder_without_a_tokenizer_counts_nothing(tmp_path):
    with pytest.raises(EmbeddingUnavailableError, match="No usable tokenizer"):
        counter(tmp_path)


def test_the_estimate_is_near_the_models_own_count_of_english():
    count = counter()
    text = (
        "Think of sepsis when a person with a possible infection has new confusion,"
        " fast breathing, a fast pulse, low blood pressure (hypotension), mottled skin."
    )

    assert 0.8 < estimated(text) / count(text) < 1.4
    assert count("\ud800") > 0
