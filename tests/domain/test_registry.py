"""A model counts once its release is registered, measured enough, and activated."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import registry
from domain.answers import Asking, ModelIdentity
from domain.errors import (
    UnfitReleaseError,
    UnnamedSwitchError,
    UnregistrableReleaseError,
)
from domain.registered import (
    Held,
    Measured,
    ModelActivated,
    ModelRegistered,
    ModelRolledBack,
    Release,
    Required,
)
from domain.registering import ActivateModel, RegisterModel, RollBackModel
from domain.registry import FORCED, NONE_ACTIVE, Registry
from domain.served import Served
from tests import model_runs
from tests.domain.given import Given

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
BY, WHY = "Dr Jo Doe", "measured on the ward's cases"
ASKING = Asking(prompt="2", prompt_sha256="c" * 64, schema_sha256="d" * 64)
KAPPA = Measured(
    data="ward",
    assessor="combined",
    metric="quadratic_kappa",
    value=0.6,
    low=0.5,
    high=0.7,
    total=400,
)
UNDER = Measured(
    data="ward",
    assessor="combined",
    metric="strict_under_triage",
    value=0.0,
    low=0.0,
    high=0.02,
    upper=0.015,
    total=200,
)
FIRST = Release(
    name="ward-adapter",
    version="1",
    sha256="1" * 64,
    base="smol",
    base_sha256="a" * 64,
    adapter_sha256="b" * 64,
    asking=ASKING,
    figures=(KAPPA, UNDER),
    key="site+00000000+key",
)
SECOND = replace(FIRST, version="2", sha256="2" * 64, adapter_sha256="e" * 64)
AGREES = Required(
    data="ward", assessor="combined", metric="quadratic_kappa", end="low", at_least=0.5
)
SAFE = Required(
    data="ward",
    assessor="combined",
    metric="strict_under_triage",
    end="upper",
    at_most=0.02,
)
GATE = (AGREES, SAFE)


def register(release=FIRST, by=BY):
    return RegisterModel(release=release, by=by, at=AT)


def activate(release=FIRST, required=GATE, **changes):
    command = ActivateModel(
        title=release.title,
        gate="9" * 64,
        required=required,
        asking=ASKING,
        by=BY,
        reason=WHY,
        at=AT,
    )
    return replace(command, **changes)


def go_back(title="", **changes):
    return replace(RollBackModel(title=title, by=BY, reason=WHY, at=AT), **changes)


NEW = Given(registry.decide, registry.evolve, registry.EMPTY)
KNOWN = NEW.after(register()).after(register(SECOND))
ACTIVE = KNOWN.after(activate())
RUN = replace(
    model_runs.RUN,
    model=ModelIdentity(name="smol:ward", weights=f"sha256:{'A' * 64}", server="s"),
    adapter_sha256=FIRST.adapter_sha256,
    asking=ASKING,
)


def test_a_release_is_registered_once_and_stays_in_shadow():
    assert NEW.when(register()) == [ModelRegistered(release=FIRST, by=BY, at=AT)]
    assert KNOWN.when(register()) == []
    assert KNOWN.state.releases == (FIRST, SECOND)
    assert KNOWN.state.active is None


def test_a_version_means_one_release_for_ever():
    other = replace(FIRST, sha256="3" * 64)

    with pytest.raises(UnregistrableReleaseError, match="a version of its own"):
        KNOWN.when(register(other))


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a@b"},
        {"version": "1\n"},
        {"sha256": "x"},
        {"base_sha256": "undeclared"},
        {"base_sha256": "A" * 64},
        {"adapter_sha256": "x"},
        {"asking": replace(ASKING, prompt_sha256="")},
        {"asking": replace(ASKING, schema_sha256="")},
    ],
)
def test_a_release_names_itself_and_its_parts(wrong):
    with pytest.raises(UnregistrableReleaseError):
        NEW.when(register(replace(FIRST, **wrong)))


def test_a_base_model_alone_may_be_a_release():
    assert len(NEW.when(register(replace(FIRST, adapter_sha256="")))) == 1


@pytest.mark.parametrize("text", ["", " ", " x", "x\ny", "x" * 301, "a\u202eb"])
def test_whoever_decides_says_who_and_why(text):
    with pytest.raises(UnnamedSwitchError, match="Say who registers"):
        NEW.when(register(by=text))
    for command in (activate(), go_back()):
        with pytest.raises(UnnamedSwitchError, match="Say who"):
            ACTIVE.when(replace(command, by=text))
        with pytest.raises(UnnamedSwitchError, match="Say who"):
            ACTIVE.when(replace(command, reason=text))


def test_a_release_whose_figures_hold_is_activated_with_what_was_demanded_and_found():
    (event,) = KNOWN.when(activate())

    held = (Held(required=AGREES, measured=0.5), Held(required=SAFE, measured=0.015))
    assert event == ModelActivated(
        release=FIRST.sha256,
        title="ward-adapter@1",
        gate="9" * 64,
        held=held,
        by=BY,
        reason=WHY,
        at=AT,
    )
    assert ACTIVE.state.active == FIRST
    assert ACTIVE.when(activate()) == []


def test_what_is_not_registered_cannot_count():
    with pytest.raises(UnfitReleaseError, match="there are: none"):
        NEW.when(activate())
    with pytest.raises(UnfitReleaseError, match="ward-adapter@1, ward-adapter@2"):
        KNOWN.when(activate(title="ward-adapter@3"))


@pytest.mark.parametrize(
    ("short", "said"),
    [
        (replace(AGREES, at_least=0.51), "at least 0.51: 0.5"),
        (replace(SAFE, at_most=0.01), "at most 0.01: 0.015"),
        (replace(AGREES, metric="exact"), "exact (low) at least 0.5: not measured"),
        (replace(AGREES, data="elsewhere"), "not measured"),
        (replace(AGREES, assessor="floor"), "not measured"),
        (replace(AGREES, group="sex", of="female"), "of sex female"),
        (replace(AGREES, end="upper"), "not measured"),
        (replace(AGREES, at_least=None), "0.5"),
        (replace(AGREES, at_least=float("nan")), "nan: 0.5"),
    ],
)
def test_a_figure_that_is_short_or_was_not_measured_keeps_a_release_in_shadow(
    short, said
):
    with pytest.raises(UnfitReleaseError, match="stays in shadow") as refused:
        KNOWN.when(activate(required=(short, SAFE)))

    assert said in str(refused.value)
    with pytest.raises(UnfitReleaseError, match="stays in shadow"):
        ACTIVE.when(activate(required=(short, SAFE)))


@pytest.mark.parametrize("found", [(KAPPA, replace(KAPPA, low=0.1)), ()])
def test_every_figure_of_a_name_has_to_hold(found):
    release = replace(FIRST, figures=(UNDER, *found))

    with pytest.raises(UnfitReleaseError, match="stays in shadow"):
        NEW.after(register(release)).when(activate())


def test_each_end_of_a_figure_may_be_demanded_in_either_direction():
    point = replace(KAPPA, metric="over_triage", value=0.3, low=0.2, high=0.4)
    known = NEW.after(register(replace(FIRST, figures=(point,))))
    ward = Required(data="ward", assessor="combined", metric="over_triage")
    for end, value in (("point", 0.3), ("low", 0.2), ("high", 0.4)):
        for bound in ({"at_most": value}, {"at_least": value}):
            (event,) = known.when(activate(required=(replace(ward, end=end, **bound),)))
            assert event.held[0].measured == value


def test_a_gate_that_demands_nothing_of_the_model_lets_none_count():
    rules = replace(KAPPA, assessor="floor")
    known = NEW.after(register(replace(FIRST, figures=(rules,))))

    for required in ((), (replace(AGREES, assessor="floor"),)):
        with pytest.raises(UnfitReleaseError, match="no figure of the model"):
            known.when(activate(required=required))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"prompt": "3"}, "measured with prompt 2, now there is 3"),
        ({"prompt_sha256": "0" * 64}, "another text of the prompt"),
        ({"schema_sha256": "0" * 64}, "another answer format"),
    ],
)
def test_a_release_that_was_measured_otherwise_than_it_would_be_asked_stays_in_shadow(
    asked, said
):
    otherwise = replace(ASKING, **asked)

    with pytest.raises(UnfitReleaseError, match=said):
        KNOWN.when(activate(asking=otherwise))
    settled = ACTIVE.state.settled(replace(RUN, asking=otherwise))
    assert settled.shadow
    assert said in settled.shadow_why


def test_one_goes_back_to_what_counted_before_and_then_to_shadow():
    both = ACTIVE.after(activate(SECOND))
    assert both.state.active == SECOND

    (event,) = both.when(go_back())

    assert event == ModelRolledBack(
        release=SECOND.sha256, back=FIRST.sha256, by=BY, reason=WHY, at=AT
    )
    once = both.after(go_back())
    assert once.state.active == FIRST
    assert once.when(go_back())[0].back == ""
    twice = once.after(go_back())
    assert twice.state.active is None
    assert twice.when(go_back()) == []
    assert [type(each).__name__ for each in twice.state.history] == [
        *("ModelActivated", "ModelActivated", "ModelRolledBack", "ModelRolledBack")
    ]


def test_going_back_from_a_named_release_twice_does_no_harm():
    both = ACTIVE.after(activate(SECOND))
    leave = go_back(SECOND.title)

    assert both.after(leave).when(leave) == []
    assert KNOWN.when(leave) == []
    with pytest.raises(UnfitReleaseError, match="No release"):
        both.when(go_back("ward-adaptor@2"))


def test_going_back_asks_for_no_gate_and_no_prompt():
    old = ACTIVE.after(activate(SECOND)).state

    assert registry.decide(go_back(), old)


def test_the_active_release_counts_and_its_answers_name_it():
    settled = ACTIVE.state.settled(RUN)

    assert not settled.shadow
    assert (settled.shadow_why, settled.release) == ("", "ward-adapter@1")
    assert ACTIVE.state.settled(settled) == settled


def named(run, name="smol", **changes):
    return replace(run, model=replace(run.model, name=name, **changes))


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (named(RUN, "smol:ward", weights="undeclared"), "its weights are not"),
        (replace(RUN, adapter_sha256=SECOND.adapter_sha256), "adapter's files are not"),
        (replace(RUN, adapter_sha256=""), "without a declared hash"),
        (named(RUN), "a hash without an adapter"),
        (named(replace(RUN, adapter_sha256="")), "adapter's files are not"),
    ],
)
def test_any_other_model_is_in_shadow_and_it_is_said_why(run, said):
    settled = ACTIVE.state.settled(run)

    assert settled.shadow
    assert said in settled.shadow_why


def test_an_adapter_without_a_declared_hash_never_counts_as_its_base():
    alone = replace(FIRST, adapter_sha256="")
    state = NEW.after(register(alone)).after(activate(alone)).state

    assert not state.settled(named(replace(RUN, adapter_sha256=""))).shadow
    assert state.settled(replace(RUN, adapter_sha256="")).shadow


def test_a_registered_release_is_named_also_in_shadow():
    settled = KNOWN.state.settled(RUN)

    assert settled.shadow_why == NONE_ACTIVE
    assert settled.release == "ward-adapter@1"
    assert registry.EMPTY.settled(RUN).release == ""


def test_of_releases_with_the_same_hashes_the_active_one_is_named():
    again = replace(FIRST, version="3", sha256="3" * 64)
    both = ACTIVE.after(register(again))

    assert both.state.settled(RUN).release == FIRST.title
    assert both.after(go_back()).state.settled(RUN).release == again.title


def test_the_settings_may_keep_every_model_in_shadow():
    settled = ACTIVE.state.settled(replace(RUN, shadow=True))

    assert settled.shadow
    assert settled.shadow_why == FORCED
    assert ACTIVE.state.settled(settled) == settled


def test_an_answer_follows_the_log_when_something_was_decided_meanwhile():
    before = KNOWN.state.settled(RUN)
    counting = ACTIVE.state.settled(before)

    assert before.shadow
    assert not counting.shadow
    assert ACTIVE.after(go_back()).state.settled(counting).shadow_why == NONE_ACTIVE


def test_what_passed_its_self_test_is_compared_as_its_answers_are():
    served = Served(
        name="smol",
        adapter="ward",
        weights="a" * 64,
        adapter_sha256=FIRST.adapter_sha256,
        server="s",
        prompt=ASKING.prompt,
        prompt_sha256=ASKING.prompt_sha256,
        schema_sha256=ASKING.schema_sha256,
        index="",
        rules="",
        catalogue="",
    )

    assert ACTIVE.state.shadow_why(replace(served, shadow=False)) == ""
    assert ACTIVE.state.shadow_why(served) == FORCED
    assert KNOWN.state.shadow_why(replace(served, shadow=False)) == NONE_ACTIVE


COMMANDS = st.sampled_from(
    [
        *(register(), register(SECOND)),
        *(activate(), activate(SECOND)),
        *(go_back(), go_back(FIRST.title), go_back(SECOND.title)),
    ]
)


@settings(deadline=None)
@given(st.lists(COMMANDS, max_size=12))
def test_whatever_happens_only_an_activated_release_counts(commands):
    machine = NEW
    for command in commands:
        try:
            machine = machine.after(command)
        except UnfitReleaseError:
            assert command.title not in [e.title for e in machine.state.releases]
            continue
        if not isinstance(command, RollBackModel) or command.title:
            assert machine.when(command) == []
        state: Registry = machine.state
        counting = state.settled(RUN)
        assert counting.shadow == (state.active != FIRST)
        assert state.active is None or state.active in state.releases
