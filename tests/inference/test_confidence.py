"""What the tokens of an answer tell of how sure the model was of its level."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.confidence import acuity_probabilities
from inference.endpoint import Alternative, Choice, Token, _Text


def token(text, **alternatives):
    return Token(
        token=text,
        logprob=math.log(alternatives.get(text, 1.0)),
        top_logprobs=[
            Alternative(token=other, logprob=math.log(share))
            for other, share in alternatives.items()
        ],
    )


def place(text, shares):
    return token(text, **shares)


def answer(*last):
    """Return an answer that ends with the place of its level, and what follows it."""
    return [token('{"confidence": "low", '), token('"acu'), token('ity":'), *last]


def test_the_level_is_a_token_of_its_own():
    shares = {"1": 0.1, "2": 0.6, "3": 0.2, "4": 0.05, "5": 0.05}

    found = acuity_probabilities(
        answer(token(" "), place("2", shares), token("}"), token("<|end|>"))
    )

    assert found == pytest.approx([0.1, 0.6, 0.2, 0.05, 0.05])


def test_what_belongs_to_no_level_is_left_out_of_the_five():
    shares = {"2": 0.4, "3": 0.1, '"': 0.5}

    found = acuity_probabilities(answer(token(" "), place("2", shares), token("}")))

    assert found == pytest.approx([0, 0.8, 0.2, 0, 0])


def test_a_token_may_hold_the_space_before_and_the_brace_behind_a_level():
    shares = {" 2}": 0.5, " 2": 0.1, " 1": 0.3, ' "': 0.1}

    found = acuity_probabilities(answer(place(" 2}", shares), token("<|end|>")))

    assert found == pytest.approx([0.3 / 0.9, 0.6 / 0.9, 0, 0, 0])


@pytest.mark.parametrize(
    "shares",
    [
        {" 2": 0.6, " ": 0.3, " 3": 0.1},  # a space: nobody knows of which level
        {" 2": 0.6},  # the rest is not told
        {" 2": 0.6, " 23": 0.4},  # no level
        {" 2": 0.6, "2": 0.4},  # it would not stand in the same place
    ],
)
def test_where_too_much_is_not_told_nothing_is_said(shares):
    assert acuity_probabilities(answer(place(" 2", shares), token("}"))) == ()


@pytest.mark.parametrize(
    "tokens",
    [
        [],
        answer(token(' "cannot_assess"}')),
        answer(token(" 6}")),
        answer(token(" 1"), token("2}")),
        [token("{}")],
    ],
)
def test_an_answer_without_a_level_has_no_probabilities(tokens):
    assert acuity_probabilities(tokens) == ()


def test_words_in_a_text_are_not_taken_for_the_level():
    shares = {" 4": 0.7, " 5": 0.3}
    text = token('{"text": "\\"acuity\\": 1}", ')

    found = acuity_probabilities(
        [text, token('"acuity":'), place(" 4", shares), token("}")]
    )

    assert found == pytest.approx([0, 0, 0, 0.7, 0.3])


def test_a_server_that_tells_nonsense_gives_none():
    nothing = Token(token=" 2", logprob=-1e300, top_logprobs=[])
    certain = Token(
        token=" 2",
        logprob=1e300,
        top_logprobs=[Alternative(token=' "', logprob=1e300)],
    )
    only_another = Token(
        token=" 2",
        logprob=-1e300,
        top_logprobs=[Alternative(token=' "', logprob=0)],
    )

    assert acuity_probabilities(answer(nothing, token("}"))) == ()
    assert acuity_probabilities(answer(only_another, token("}"))) == ()
    assert acuity_probabilities(answer(certain, token("}"))) == (0, 1, 0, 0, 0)


@given(
    shares=st.lists(st.floats(0.001, 1), min_size=5, max_size=5),
    calibration=st.floats(0.05, 20),
)
def test_a_calibration_keeps_the_order_and_the_sum(shares, calibration):
    share = {f" {n}": each / sum(shares) for n, each in enumerate(shares, 1)}
    tokens = answer(place(" 3", share), token("}"))

    told = acuity_probabilities(tokens)
    scaled = acuity_probabilities(tokens, calibration)

    assert sum(scaled) == pytest.approx(1)
    for one in range(5):
        for other in range(5):
            if told[one] < told[other]:
                assert scaled[one] <= scaled[other]
    if calibration > 1:
        assert max(scaled) <= max(told) + 1e-12


@pytest.mark.parametrize(
    "told",
    [b"null", b"{}", b'{"content": null}', b'{"content": [{"token": 1}]}', b"[1]"],
)
def test_probabilities_that_cannot_be_read_lose_no_answer(told):
    choice = Choice(message=_Text(content="{}"))
    choice.logprobs = told

    assert choice.tokens == []
