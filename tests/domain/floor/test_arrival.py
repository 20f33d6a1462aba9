"""How the patient came, and how long ago it began."""

from datetime import timedelta

import pytest

from domain.floor.compose import assess
from domain.particulars import Onset
from tests.domain.floor.cases import AT, adult, case, complaint, healthy, ref, rules

ENCOUNTER = ref("e", "Encounter")
STROKE = "arrival.stroke-window"


def ago(hours):
    return AT - timedelta(hours=hours)


def test_whoever_another_hospital_sent_is_never_less_urgent_than_3():
    sent = case("sore toe", measured=healthy(), transferred=True, inputs=(ENCOUNTER,))

    judged = assess(sent)

    (fired,) = [each for each in judged.fired if each.rule == "arrival.transferred"]
    assert judged.acuity == 3
    assert fired.sources == (ENCOUNTER,)
    assert assess(adult("sore toe")).acuity > 3


@pytest.mark.parametrize(
    "well",
    [
        Onset(earliest=ago(30), latest=ago(24)),
        Onset(latest=ago(1)),
        Onset(earliest=ago(30)),
    ],
    ids=["just within", "an hour", "no end: it may be now"],
)
def test_a_stroke_that_may_be_young_says_so(well):
    told = case("left arm weakness and slurred speech", last_known_well=well)
    words = complaint("left arm weakness and slurred speech")
    begun = case(
        type(words)(text=words.text, source=words.source, onset=well),
    )

    assert STROKE in rules(told)
    assert STROKE in rules(begun)


@pytest.mark.parametrize(
    "well",
    [None, Onset(), Onset(words="yesterday"), Onset(latest=ago(25))],
    ids=["unknown", "empty", "in words", "too long ago"],
)
def test_an_old_stroke_is_as_urgent_without_the_window(well):
    told = case("left arm weakness and slurred speech", last_known_well=well)

    assert STROKE not in rules(told)
    assert assess(told).acuity <= 2


def test_a_young_complaint_of_another_kind_is_no_stroke():
    well = Onset(latest=ago(1))

    assert STROKE not in rules(case("sore toe", last_known_well=well))
