"""A model answers while it passes its test and nobody has switched it off."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import serving
from domain.errors import UnnamedSwitchError
from domain.served import (
    CanaryAnswer,
    Figure,
    ModelRefused,
    ModelResumed,
    ModelServed,
    ModelSuspended,
    Raises,
    RaisesExceeded,
    RaisesSubsided,
    Served,
)
from domain.switching import (
    AdmitModel,
    CountRaises,
    NoteIndex,
    ResumeModel,
    SuspendModel,
)
from tests.domain.given import Given

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
SERVED = Served(
    name="base",
    adapter="first",
    weights="sha256:1",
    adapter_sha256="2",
    server="sglang",
    prompt="1",
    prompt_sha256="3",
    schema_sha256="4",
    index="5",
    rules="6",
    catalogue="7",
)


def said(*acuities, text="same"):
    return tuple(
        CanaryAnswer(canary=str(number), acuity=acuity, sha256=f"{acuity} {text}")
        for number, acuity in enumerate(acuities)
    )


CANARIES = said("5", "2", "3", "4", "3")
ADMIT = AdmitModel(
    served=SERVED,
    canaries=CANARIES,
    faults=(),
    obedience=0.8,
    tolerance=0.2,
    exact=False,
    at=AT,
)
OFF = SuspendModel(by="Dr Jo Doe", reason="strange answers", at=AT)
ON = ResumeModel(by="Dr Jo Doe", reason="looked into", at=AT)
SLOW = Figure(name="median seconds", value=50.0, limit=45.0)
FRESH = Given(serving.decide, serving.evolve, serving.UNSERVED)
ADMITTED = FRESH.after(ADMIT)


def count(raised, answered=50):
    raises = Raises(raised=raised, answered=answered, limit=0.3)
    return CountRaises(raises=raises, at=AT)


def test_another_index_is_noted_of_a_model_that_passed_and_of_no_other():
    newer = NoteIndex(index="newer", at=AT)
    refusal = replace(ADMIT, faults=("another model",))
    now = replace(SERVED, index="newer")

    assert ADMITTED.when(newer) == [ModelServed(served=now, canaries=CANARIES, at=AT)]
    assert ADMITTED.when(replace(newer, index=SERVED.index)) == []
    assert FRESH.when(newer) == []
    assert ADMITTED.after(refusal).when(newer) == []


def test_a_model_that_passes_is_an_event_with_all_that_its_answers_depend_on():
    assert FRESH.when(ADMIT) == [ModelServed(served=SERVED, canaries=CANARIES, at=AT)]


def test_the_same_again_is_no_event():
    assert ADMITTED.when(replace(ADMIT, at=AT.replace(hour=13))) == []


@pytest.mark.parametrize(
    "field",
    [
        *("name", "adapter", "weights", "adapter_sha256", "server", "prompt"),
        *("prompt_sha256", "schema_sha256", "index", "rules", "catalogue"),
    ],
)
def test_a_change_of_anything_that_answers_depend_on_is_an_event(field):
    changed = replace(SERVED, **{field: "another"})

    (event,) = ADMITTED.when(replace(ADMIT, served=changed))

    assert event.served == changed


def test_leaving_the_shadow_is_an_event():
    counting = replace(SERVED, shadow=False)

    assert len(ADMITTED.when(replace(ADMIT, served=counting))) == 1


def test_a_model_with_a_wrong_name_is_refused():
    (event,) = FRESH.when(replace(ADMIT, faults=("it is not listed",)))

    assert isinstance(event, ModelRefused)
    assert event.faults == ("it is not listed",)


def test_a_model_that_does_not_keep_the_answer_format_is_refused():
    (event,) = FRESH.when(replace(ADMIT, canaries=said("5", "", "", "4", "3")))

    assert event.faults == (
        "only 3 of 5 of its answers to the fixed cases kept the answer format",
    )


def test_a_model_that_answers_otherwise_under_the_same_name_is_refused():
    other = replace(ADMIT, canaries=said("1", "1", "3", "4", "3"))

    (event,) = ADMITTED.when(other)

    assert "2 of 5" in event.faults[0]
    assert "nothing it is known by did" in event.faults[0]


def test_one_answer_may_change_where_that_is_tolerated():
    assert ADMITTED.when(replace(ADMIT, canaries=said("4", "2", "3", "4", "3"))) == []


def test_every_letter_counts_only_where_the_settings_say_so():
    reworded = replace(ADMIT, canaries=said("5", "2", "3", "4", "3", text="other"))

    assert ADMITTED.when(reworded) == []
    (event,) = ADMITTED.when(replace(reworded, exact=True))
    assert "5 of 5" in event.faults[0]


def test_another_model_may_answer_otherwise():
    other = replace(SERVED, weights="sha256:8")
    command = replace(ADMIT, served=other, canaries=said("1", "1", "1", "1", "1"))

    after = ADMITTED.after(command)

    assert after.state.served == other
    assert after.state.canaries == command.canaries


def test_small_changes_do_not_add_up():
    """Else a model could drift away, one tolerated answer at each restart."""
    elsewhere = replace(SERVED, index="8")
    drifted = replace(ADMIT, served=elsewhere, canaries=said("1", "2", "3", "4", "3"))

    after = ADMITTED.after(drifted)
    (event,) = after.when(replace(ADMIT, canaries=said("1", "1", "3", "4", "3")))

    assert after.state.canaries == CANARIES
    assert isinstance(event, ModelRefused)


def test_a_refusal_is_told_once_and_ends_when_the_model_passes():
    refused = FRESH.after(replace(ADMIT, faults=("it is not listed",)))

    assert refused.when(replace(ADMIT, faults=("it is not listed",))) == []
    assert refused.when(ADMIT) == [ModelServed(served=SERVED, canaries=CANARIES, at=AT)]
    assert refused.after(ADMIT).state.refused is None


def test_a_model_that_passed_may_be_refused_and_pass_again():
    refused = ADMITTED.after(replace(ADMIT, faults=("it is not listed",)))

    assert len(refused.when(ADMIT)) == 1


def test_a_person_switches_off_and_on():
    off = ADMITTED.after(OFF)

    assert ADMITTED.when(OFF) == [
        ModelSuspended(by=OFF.by, reason=OFF.reason, figures=(), at=AT)
    ]
    assert off.when(OFF) == []
    assert off.when(ON) == [ModelResumed(by=ON.by, reason=ON.reason, at=AT)]
    assert off.after(ON).when(ON) == []
    assert off.after(ON).state.suspended is None


def test_figures_switch_off_and_nothing_but_a_person_switches_on():
    automatic = SuspendModel(by="", reason="", figures=(SLOW,), at=AT)

    off = ADMITTED.after(automatic)

    assert off.state.suspended.figures == (SLOW,)
    assert off.when(automatic) == []
    assert off.after(ADMIT).state.suspended is not None


@pytest.mark.parametrize("text", ["", " ", " x", "x\ny", "x" * 301, "a\u202eb"])
def test_whoever_switches_says_who_and_why(text):
    for command in (OFF, ON):
        with pytest.raises(UnnamedSwitchError, match="Say who"):
            ADMITTED.when(replace(command, by=text))
        with pytest.raises(UnnamedSwitchError, match="Say who"):
            ADMITTED.when(replace(command, reason=text))


def test_raises_beyond_the_budget_are_an_event_and_so_is_their_end():
    exceeded = FRESH.after(count(16))

    assert FRESH.when(count(15)) == []
    assert isinstance(FRESH.when(count(16))[0], RaisesExceeded)
    assert exceeded.when(count(40)) == []
    assert isinstance(exceeded.when(count(3))[0], RaisesSubsided)
    assert exceeded.after(count(3)).state.exceeded is None


COMMANDS = st.sampled_from(
    [
        ADMIT,
        replace(ADMIT, faults=("x",)),
        replace(ADMIT, canaries=said("1", "1", "1", "1", "1")),
        OFF,
        ON,
        SuspendModel(by="", reason="", figures=(SLOW,), at=AT),
        count(0),
        count(50),
    ]
)


@given(st.lists(COMMANDS, max_size=12))
def test_whatever_happens_doing_it_again_changes_nothing(commands):
    machine = FRESH
    for command in commands:
        machine = machine.after(command)
        assert machine.when(command) == []
