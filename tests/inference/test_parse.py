import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers import Draft, Evidence, Question, Reason
from domain.values import Acuity
from inference.parse import LONGEST_ANSWER, UnreadableDraft, parse
from tests.inference.scenes import QUOTE, answer, reason

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
FIELDS = tuple(json.loads(answer()))


def test_a_good_answer_is_a_draft():
    assert parse(answer(), "stop") == Draft(
        acuity=Acuity.RESUSCITATION,
        reasons=(
            Reason(
                text="Crushing chest pain with sweating suggests cardiac danger.",
                case_refs=("C1",),
                evidence=(Evidence(passage="E1", quote=QUOTE),),
            ),
        ),
        red_flags=("chest-pain",),
        questions=(Question(text="Does the pain spread to the arm or jaw?"),),
        actions=("ecg-within-10-minutes",),
        missing=("temperature",),
        confidence="medium",
    )


def test_a_model_may_say_that_it_cannot_assess():
    draft = parse(answer(acuity="cannot_assess"), "stop")

    assert isinstance(draft, Draft)
    assert draft.acuity is None


def test_an_option_named_twice_counts_once():
    draft = parse(answer(red_flags=["stroke-signs", "stroke-signs"]), "stop")

    assert isinstance(draft, Draft)
    assert draft.red_flags == ("stroke-signs",)


def test_hidden_characters_are_dropped_from_what_a_model_says():
    draft = parse(answer(reasons=[reason("Chest\u202e pain\u200b.")]), "stop")

    assert isinstance(draft, Draft)
    assert draft.reasons[0].text == "Chest pain."


@pytest.mark.parametrize("finish", ["length", "abort", "refusal", ""])
def test_an_unfinished_answer_is_no_draft(finish):
    assert isinstance(parse(answer(), finish), UnreadableDraft)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "I think level 5.",
        answer()[:-1],
        answer() + answer(),
        "```json\n" + answer() + "\n```",
        answer().replace('"acuity": 1', '"acuity": 5, "acuity": 1'),
        answer(diagnosis="myocardial infarction"),
        answer(acuity=0),
        answer(acuity=6),
        answer(acuity="1"),
        answer(acuity=1.5),
        answer(acuity=True),
        answer(confidence="certain"),
        answer(red_flags=["fine"]),
        answer(red_flags="chest-pain"),
        answer(suggested_actions=["give-aspirin"]),
        answer(missing_data=["soul"]),
        answer(reasons=[reason()] * 4),
        answer(reasons=[reason("x" * 161)]),
        answer(reasons=[reason("")]),
        answer(reasons=[reason(dose="5 mg")]),
        answer(reasons=[reason(evidence=[{"id": "E1", "quote": "x" * 241}])]),
        answer(questions=[{"text": "Why?"}] * 3),
        answer().replace("medium", "\ud800"),
        '{"reasons": NaN}',
        '{"acuity": 1' + "0" * 5000 + "}",
        "[" * 100_000,
        "[" * (LONGEST_ANSWER - 1),
    ],
)
def test_what_does_not_keep_the_contract_is_no_draft(text):
    assert isinstance(parse(text, "stop"), UnreadableDraft)


@given(st.text(max_size=200), st.text(max_size=8))
def test_random_text_is_never_a_draft_and_never_an_error(text, finish):
    assert isinstance(parse(text, finish), UnreadableDraft)


@given(st.sampled_from(FIELDS), ANYTHING)
def test_a_random_field_is_never_an_error(field, value):
    assert isinstance(parse(answer(**{field: value}), "stop"), Draft | UnreadableDraft)


def test_the_refusal_repeats_none_of_the_answer():
    refused = parse(answer(secret="Ada Lovelace"), "stop")

    assert isinstance(refused, UnreadableDraft)
    assert "Ada" not in refused.reason
