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


@pytest.mark.parametrize(
    ("asked", "level"),
    [
        *(("stat", 2), ("asap", 2), ("S", 2), ("A", 2)),
        *(("urgent", 3), ("UR", 3), ("T", 3)),
        *(("routine", 5), ("R", 5), ("EM", 5), ("EL", 5), ("", 5)),
    ],
)
def test_a_referral_raises_as_far_as_its_sender_asked(asked, level):
    referral = ref("r", "ServiceRequest")
    inputs = (ENCOUNTER, referral, ref("x"))
    sent = case("sore toe", measured=healthy(), priority=asked, inputs=inputs)

    judged = assess(sent)

    assert judged.acuity == level
    fired = [each for each in judged.fired if each.rule.startswith("arrival.asked")]
    assert [each.sources for each in fired] == [(ENCOUNTER, referral)] * (level < 5)


def test_a_referral_without_haste_never_lowers():
    ill = healthy(spo2=85)

    calm = assess(case("short of breath", measured=ill, priority="routine"))

    assert calm == assess(case("short of breath", measured=ill))


def test_a_patient_who_is_recorded_as_dead_is_a_doubt_and_no_less_urgent():
    alive = assess(adult("sore toe"))
    dead = assess(case("sore toe", measured=healthy(), deceased=True))

    assert (alive.acuity, dead.acuity) == (5, 4)
    assert dead.doubts == ("patient: recorded as deceased, check whose data these are",)
