"""When a patient may be erased, must be kept, or is due to go."""

from datetime import UTC, datetime, timedelta

import pytest

from domain import retention
from domain.errors import (
    IllegalTransitionError,
    IncompleteReviewError,
    PatientHeldError,
    TooSoonError,
)
from domain.keeping import ErasePatient, HoldPatient, LiftHold, StateRetention
from domain.retained import HoldLifted, PatientErased, PatientHeld, RetentionStated
from domain.retention import NONE, Retention

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
BECAUSE = {"by": "dpo", "reason": "court", "at": AT}


def erasure(**more):
    given = {
        "erasure_id": "e1",
        "patient": b"digest",
        "keys": (b"k1", b"k2"),
        "positions": ((1, 3), (7, 7)),
        "cases": ("case/1",),
        "jobs": (),
        "last_activity": AT - timedelta(days=10),
        "reason": "request",
        "by": "dpo",
        "at": AT,
    }
    return ErasePatient(**{**given, **more})


def folded(*events):
    state = NONE
    for event in events:
        state = retention.evolve(state, event)
    return state


def test_a_hold_is_set_once_and_lifted():
    held = folded(*retention.decide(HoldPatient(**BECAUSE), NONE))

    assert held.held
    assert retention.decide(HoldPatient(**BECAUSE), held) == []
    assert retention.decide(LiftHold(**BECAUSE), held) == [HoldLifted(**BECAUSE)]
    assert not folded(PatientHeld(**BECAUSE), HoldLifted(**BECAUSE)).held


def test_no_hold_can_be_lifted_that_was_not_set():
    with pytest.raises(IllegalTransitionError):
        retention.decide(LiftHold(**BECAUSE), NONE)


@pytest.mark.parametrize("missing", [{"by": ""}, {"by": "x" * 65}, {"reason": " "}])
def test_whoever_sets_a_hold_says_who_and_why(missing):
    with pytest.raises(IncompleteReviewError):
        retention.decide(HoldPatient(**{**BECAUSE, **missing}), NONE)


def test_who_is_held_is_not_erased():
    with pytest.raises(PatientHeldError, match="hold --lift"):
        retention.decide(erasure(), Retention(held=True))


def test_nobody_is_erased_before_the_shortest_time_is_over():
    with pytest.raises(TooSoonError, match="2026-12-12"):
        retention.decide(erasure(), Retention(least_days=30))

    assert retention.decide(erasure(), Retention(least_days=10))
    assert retention.decide(erasure(last_activity=None), Retention(least_days=30))


@pytest.mark.parametrize("reason", ["", "Mrs Smith asked", "x" * 33, "7"])
def test_the_reason_of_an_erasure_is_a_code_that_names_nobody(reason):
    with pytest.raises(IncompleteReviewError):
        retention.decide(erasure(reason=reason), NONE)


def test_an_erasure_says_what_went_and_how_much():
    (event,) = retention.decide(erasure(), NONE)

    assert isinstance(event, PatientErased)
    assert event.events == 4
    assert folded(event) == NONE


def test_the_site_s_times_are_stated_when_they_change():
    state = StateRetention(least_days=1, most_days=2, at=AT)
    (event,) = retention.decide(state, NONE)
    known = folded(event)

    assert event == RetentionStated(least_days=1, most_days=2, at=AT)
    assert retention.decide(state, known) == []
    none = StateRetention(least_days=None, most_days=None, at=AT)
    assert retention.decide(none, NONE) == []
    assert retention.decide(none, known) != []


def test_a_patient_is_due_once_the_longest_time_is_over():
    site = Retention(most_days=7)

    assert site.is_due(AT - timedelta(days=8), AT)
    assert not site.is_due(AT - timedelta(days=7), AT)
    assert not NONE.is_due(AT - timedelta(days=9000), AT)
