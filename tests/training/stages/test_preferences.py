"""DPO, KTO and GRPO on a model that finds a dangerous answer as likely as the right."""

import pytest


@pytest.fixture(scope="module")
def facts(inside):
    return inside("prefer")[0]


@pytest.mark.parametrize("stage", ["dpo", "kto", "grpo"])
def test_two_steps_make_down_triage_less_likely(facts, stage):
    right, dangerous = facts["before"]
    right_after, dangerous_after = facts["after"][stage]

    assert facts[stage] == "finished"
    assert abs(right - dangerous) < 0.1
    assert dangerous_after < dangerous
    assert right_after - dangerous_after > right - dangerous


def test_the_reward_tells_the_two_apart(facts):
    right, dangerous = facts["worth"]

    assert right == pytest.approx(3.2)
    assert dangerous < -8


def test_a_second_stage_goes_on_with_the_adapter_and_resumes(facts):
    assert facts["further"] == facts["resumed"] == "finished"
    assert facts["stopped"] == 75
    assert facts["same"]


def test_nobody_is_asked_for_a_base_that_lies_here(facts, inside):
    _, where = inside("prefer")

    assert facts["asks_the_hub_for"] == str(where / "base")


def test_only_the_adapter_that_learned_is_kept(facts):
    assert facts["folders"] == []


def test_kto_needs_both_kinds_of_feedback_and_a_batch_to_compare(facts):
    assert "set batch to 2 or more" in facts["alone"]
    assert "label true and false" in facts["one"]


def test_grpo_needs_whole_groups_and_something_that_holds_it(facts):
    assert "multiple of generations" in facts["uneven"]
    assert "beta must be above 0" in facts["free"]


def test_a_model_that_calls_everybody_urgent_is_stopped(facts):
    assert facts["collapsed"].startswith("At step 3, 90% of the answers are too urgent")
    assert facts["recovered"] == ""


def test_the_record_of_grpo_tells_how_often_it_was_too_urgent_or_too_calm(facts):
    first = facts["history"][0]

    assert 0 <= first["too_urgent"] <= 1
    assert first["too_calm"] > 0
    assert first["reward_std"] > 0
