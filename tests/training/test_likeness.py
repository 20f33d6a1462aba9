"""Answers of two engines are compared without a word of them being told."""

import json
from dataclasses import asdict, replace

import pytest

from training.likeness import Difference, Said, acuity, faults, likeness


def answer(level):
    whole = {
        "reasons": [],
        "red_flags": [],
        "questions": [],
        "suggested_actions": [],
        "missing_data": [],
        "confidence": "low",
        "acuity": level,
    }
    text = json.dumps(whole)
    tokens = (*text, "<end>")
    return Said(
        text=text,
        finish="stop",
        asked=100,
        tokens=tokens,
        logprobs=(-0.5,) * len(tokens),
    )


URGENT, CALM = answer(2), answer(4)


def test_the_same_answers_reach_every_bar():
    found = likeness([URGENT, CALM], [URGENT, CALM])

    assert (found.rows, found.equal_prompts, found.equal_texts) == (2, 2, 2)
    assert (found.acuities, found.equal_acuities) == (2, 2)
    assert found.logprob_difference == 0
    assert found.differences == ()
    assert [*faults(found, None), *faults(found, 1.0)] == []


def test_where_answers_part_is_told_by_row_and_token_alone():
    found = likeness([URGENT, URGENT], [URGENT, CALM])

    place = URGENT.text.index("2") + 1
    assert found.differences == (Difference(row=2, token=place),)
    assert "acuity" not in json.dumps(asdict(found)["differences"])
    assert [*faults(found, None)] == ["1 of 2 texts are equal; all have to be."]


def test_an_answer_that_stops_sooner_parts_where_the_other_goes_on():
    cut = replace(
        URGENT, text=URGENT.text[:9], finish="length", tokens=URGENT.tokens[:9],
        logprobs=URGENT.logprobs[:9],
    )  # fmt: skip

    found = likeness([URGENT], [cut])

    assert found.differences == (Difference(row=1, token=10),)


def test_another_end_is_another_answer():
    unfinished = replace(URGENT, finish="length")

    assert likeness([URGENT], [unfinished]).equal_texts == 0


@pytest.mark.parametrize(("least", "said"), [(0.5, []), (0.6, ["50", "60.0%"])])
def test_a_share_of_the_acuities_may_be_asked_instead(least, said):
    found = likeness([URGENT] * 100, [URGENT] * 50 + [CALM] * 50)

    told = " ".join(faults(found, least))
    assert bool(told) == bool(said)
    assert all(each in told for each in said)


def test_the_bar_of_elsewhere_is_met_by_199_of_200():
    found = likeness([URGENT] * 200, [URGENT] * 199 + [CALM])
    one_less = likeness([URGENT] * 200, [URGENT] * 198 + [CALM] * 2)

    assert not [*faults(found, 0.995)]
    assert [*faults(one_less, 0.995)]


def test_answers_without_an_acuity_prove_nothing_about_acuities():
    noise = replace(URGENT, text="noise")

    found = likeness([noise], [noise])

    assert [*faults(found, None)] == []
    assert [*faults(found, 0.995)] == [
        "No answer gives an acuity: there is nothing to compare."
    ]


def test_an_acuity_that_only_one_engine_gives_is_no_equal_one():
    found = likeness([URGENT], [replace(URGENT, text="noise")])

    assert (found.acuities, found.equal_acuities) == (1, 0)


def test_not_to_assess_is_something_to_agree_upon():
    declined = answer("cannot_assess")

    found = likeness([declined, declined], [declined, CALM])

    assert acuity(declined) == "cannot_assess"
    assert (found.acuities, found.equal_acuities) == (2, 1)


def test_a_server_with_another_chat_template_is_told_to_take_the_adapters():
    found = likeness([URGENT], [replace(URGENT, asked=101)])

    (said,) = faults(found, None)
    assert said.startswith("1 of 1 prompts have another number of tokens")
    assert "chat template" in said


def test_probabilities_are_compared_as_far_as_the_tokens_are_the_same():
    length = len(URGENT.tokens)
    surer = replace(URGENT, logprobs=(-0.5, -0.1, *(-0.5,) * (length - 2)))
    place = CALM.text.index("4")
    parted = replace(CALM, logprobs=(*(-0.5,) * place, -9.0, *(-9.0,) * 3))

    assert likeness([URGENT], [surer]).logprob_difference == pytest.approx(0.4)
    assert likeness([URGENT], [parted]).logprob_difference == 0


def test_no_row_is_no_proof():
    assert [*faults(likeness([], []), None)] == ["There is no row to compare."]
