from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.commands import DismissQuarantine, ReleaseQuarantine, SetAside
from domain.errors import IllegalTransitionError, IncompleteReviewError, NotFoundError
from domain.quarantine import NONE, Status, decide, evolve
from domain.quarantined import (
    Fault,
    QuarantineDismissed,
    QuarantineReleased,
    RequestQuarantined,
)
from gateway.store.registry import EventRegistry

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ID = "6f2c7f6e-3c43-4b1e-9a52-1f6e5a3c9d10"
SET_ASIDE = SetAside(
    quarantine_id=ID,
    client="feed-1",
    method="POST",
    url="Patient",
    conditions=(("If-None-Exist", "identifier=a|b"),),
    received=b"{}",
    faults=(),
    at=AT,
)
RELEASE = ReleaseQuarantine(
    quarantine_id=ID, received=b"", answers=(("201", "Patient/1/_history/1"),), at=AT
)
DISMISS = DismissQuarantine(quarantine_id=ID, reason="sent twice", at=AT)


def state_after(*commands):
    state = NONE
    for command in commands:
        for event in decide(command, state):
            state = evolve(state, event)
    return state


def test_what_is_set_aside_waits():
    assert state_after(SET_ASIDE).status is Status.WAITING


def test_the_same_request_is_set_aside_once_while_it_waits():
    assert decide(SET_ASIDE, state_after(SET_ASIDE)) == []


@pytest.mark.parametrize("step", [RELEASE, DISMISS])
def test_a_request_that_comes_again_after_it_was_settled_waits_again(step):
    assert state_after(SET_ASIDE, step, SET_ASIDE).status is Status.WAITING


@pytest.mark.parametrize("step", [RELEASE, DISMISS])
def test_a_request_under_a_key_of_its_caller_is_set_aside_once_for_all(step):
    named = replace(SET_ASIDE, named=True)

    assert decide(named, state_after(named, step)) == []


def test_what_was_released_cannot_be_released_or_dismissed_again():
    released = state_after(SET_ASIDE, RELEASE)

    assert released.runs == 1
    for command in (RELEASE, DISMISS):
        with pytest.raises(IllegalTransitionError, match="released"):
            decide(command, released)


def test_what_was_dismissed_by_mistake_can_be_released():
    assert state_after(SET_ASIDE, DISMISS, RELEASE).status is Status.RELEASED


def test_what_was_dismissed_is_not_dismissed_again():
    with pytest.raises(IllegalTransitionError, match="dismissed"):
        decide(DISMISS, state_after(SET_ASIDE, DISMISS))


def test_a_dismissal_says_why():
    with pytest.raises(IncompleteReviewError, match="reason"):
        decide(replace(DISMISS, reason=" "), state_after(SET_ASIDE))


@pytest.mark.parametrize("command", [RELEASE, DISMISS])
def test_nothing_is_done_to_what_was_never_set_aside(command):
    with pytest.raises(NotFoundError):
        decide(command, NONE)


TEXT = st.text(max_size=8)
TIMES = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0))
LINES = st.none() | st.integers(min_value=1, max_value=2**31)
FAULTS = st.builds(Fault, line=LINES, column=LINES)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple)
EVENTS = (
    st.builds(
        RequestQuarantined,
        conditions=PAIRS,
        received=st.binary(max_size=20),
        faults=st.lists(FAULTS, max_size=2).map(tuple),
        at=TIMES,
    )
    | st.builds(QuarantineReleased, answers=PAIRS, at=TIMES)
    | st.builds(QuarantineDismissed, at=TIMES)
)
REGISTRY = EventRegistry(
    {
        kind.topic: kind
        for kind in (RequestQuarantined, QuarantineReleased, QuarantineDismissed)
    }
)


@given(EVENTS)
def test_every_event_of_a_quarantine_is_read_back_as_it_was_written(event):
    assert REGISTRY.decode(event.topic, REGISTRY.encode(event)) == event


@given(st.lists(EVENTS | st.sampled_from([SET_ASIDE, RELEASE, DISMISS]), max_size=8))
def test_no_history_is_too_strange_to_be_remembered(steps):
    state = NONE
    for step in steps:
        if isinstance(step, SetAside | ReleaseQuarantine | DismissQuarantine):
            try:
                events = decide(step, state)
            except (NotFoundError, IllegalTransitionError, IncompleteReviewError):
                continue
        else:
            events = [step]
        for event in events:
            state = evolve(state, event)

    assert state.status in Status
