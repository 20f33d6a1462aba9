"""What a prompt shows of what retrieval found, in full and in short."""

from dataclasses import replace

import pytest

from domain.values import Acuity, Fired, VitalName
from inference.contract import quotes_of
from inference.showing import FULL, SHORT
from tests.inference.scenes import CASE, FLOOR, KNOWLEDGE, SHOCK, passage, ref, saying

CALM = replace(FLOOR, fired=())
ABOUT = {
    "cough": "Cough with fever may be an infection of the lungs.",
    "knee": "A swollen knee may be an infection of the joint.",
    "shock": SHOCK,
}
FOUND = tuple(passage(name, text) for name, text in ABOUT.items())


def names(passages):
    return [each.id for each in passages]


def test_in_full_the_best_are_shown_as_they_were_found():
    assert names(FULL.of((*FOUND, *KNOWLEDGE), CASE, FLOOR)) == names(FOUND)


@pytest.mark.parametrize(
    ("complaint", "expected"),
    [
        ("Swollen knee since yesterday", ["knee"]),
        ("I have been coughing, my knee is fine", ["cough"]),
        ("Coughs. Denies a swollen knee", ["cough"]),
        ("Denies fever, cough and a swollen knee", []),
        ("Her knees swell", ["knee"]),
        ("Blisters on both hands", []),
        ("", []),
    ],
)
def test_in_short_one_that_speaks_of_what_is_complained_of_or_none(complaint, expected):
    assert names(SHORT.of(FOUND, saying(complaint), CALM)) == expected


def test_in_short_a_vital_sign_counts_that_a_rule_alone_calls_urgent():
    low = Fired(
        rule="extreme.hypotension",
        acuity=Acuity.EMERGENT,
        sentence="Low.",
        citation="ESI v5",
        sources=(ref("Observation", VitalName.SYSTOLIC),),
    )
    case = saying("Blisters on both hands")

    assert names(SHORT.of(FOUND, case, replace(CALM, fired=(low,)))) == ["shock"]
    calm = replace(low, acuity=Acuity.LESS_URGENT)
    assert names(SHORT.of(FOUND, case, replace(CALM, fired=(calm,)))) == []


def test_in_short_what_speaks_of_more_goes_before_what_was_found_first():
    both = (*FOUND, passage("all", "A cough, fever and a swollen knee may be sepsis."))

    (first,) = SHORT.of(both, saying("Cough and fever with a swollen knee"), CALM)

    assert first.id == "all"


def test_in_short_a_sentence_that_was_cut_off_speaks_of_nothing():
    late = f"{'Look at the whole person first. ' * 8}{ABOUT['knee']}"

    assert SHORT.of((passage("late", late),), saying("Swollen knee"), CALM) == ()


def test_in_short_what_may_not_be_quoted_speaks_of_nothing():
    calming = passage("calming", "A swollen knee is harmless and can wait.")

    assert quotes_of(calming) == ()
    assert SHORT.of((calming,), saying("Swollen knee"), CALM) == ()
