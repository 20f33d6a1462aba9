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


@pytest.mark.parametrize("stage", ["kto", "grpo"])
def test_a_run_that_was_interrupted_in_its_second_pass_ends_the_same(facts, stage):
    found = facts["interrupted"][stage]

    assert found["said"] == ["finished", 75, "finished"]
    assert found["learned_after_it"]
    assert found["same"]


def test_a_pass_over_the_prompts_is_resumed_in_its_own_order(facts):
    orders = facts["orders"]
    gone_on, resumed = orders["ours"]

    assert gone_on == resumed
    assert gone_on != orders["first"] == orders["ours_first"]
    assert orders["lengths"] == [6, 6]


def test_trl_alone_resumes_every_pass_in_the_order_of_the_first(facts):
    """Where this fails, trl has mended it, and training/passes.py can go."""
    gone_on, resumed = facts["orders"]["trl"]

    assert gone_on != resumed == facts["orders"]["first"]


def test_grpo_goes_on_with_the_chances_that_the_checkpoint_keeps(facts):
    assert facts["by_other_chances"]


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


def test_how_often_it_was_too_urgent_outlives_an_interruption(facts):
    assert "Collapse" in facts["kept_in_the_checkpoint"]
    assert facts["collapsed_in_two_parts"].startswith("At step 2, 90%")


def test_the_record_of_grpo_tells_how_often_it_was_too_urgent_or_too_calm(facts):
    first = facts["history"][0]

    assert 0 <= first["too_urgent"] <= 1
    assert first["too_calm"] > 0
    assert first["reward_std"] > 0
