"""Supervised fine-tuning on completions, on a tiny random Llama."""

import pytest

from tests.absent import absent


@pytest.fixture(scope="module")
def facts(inside):
    return inside("sft")[0]


def test_every_token_of_the_answer_and_none_of_the_prompt_is_in_the_loss(facts):
    trained = facts["trained"]
    answer = facts["row"]["completion"][0]["content"]

    assert trained["answer"] == f"{answer}<|im_end|>\n"
    assert trained["prompt"].endswith("<|im_start|>assistant\n")
    assert all(turn["content"] in trained["prompt"] for turn in facts["row"]["prompt"])
    assert trained["same"]
    assert trained["contiguous"]


def test_a_mask_that_is_wrong_by_one_token_is_found(facts):
    one_more, one_less, _ = facts["trained"]["caught"]

    assert one_more == one_less == "Row 1: the loss is not on the answer alone."


def test_rows_that_the_trainer_leaves_out_stop_it(facts):
    *_, lost = facts["trained"]["caught"]

    assert lost.startswith("10 rows of train went in and 3 came out")
    assert facts["trained"]["rows"] == 10


def test_a_prompt_that_would_be_dropped_in_silence_is_refused(facts):
    assert facts["long"].startswith("8 of 8 rows of train are longer than max_length")


def test_a_template_that_never_ends_an_answer_is_refused(facts):
    assert "does not end an answer with the end token" in facts["endless"]


def test_rows_are_not_packed_where_attention_cannot_keep_them_apart(facts):
    assert facts["packed"].startswith("packing needs attention = flash_attention_2")


def test_packed_rows_lose_no_token_of_an_answer(facts):
    sequences, whole, lost = facts["counted"]

    assert sequences < 10
    assert whole == ""
    assert lost.endswith("are in the loss.")


def test_a_quantised_base_is_trained_in_four_bits(facts):
    if not facts["quantised"]:
        absent("The training environment has no bitsandbytes.")

    assert facts["quantised"] == "finished"


def test_the_files_for_several_gpus_are_what_accelerate_reads(facts):
    assert facts["launched"] == ["FSDP", "DEEPSPEED"]


def test_a_run_that_was_interrupted_twice_ends_with_the_same_weights(facts):
    assert facts["straight"] == facts["resumed"] == "finished"
    assert facts["stopped"] == 75
    assert facts["cut_off"] == ["checkpoint-5", "checkpoint-6"]
    assert facts["same"]
    assert facts["moved"]


def test_a_run_that_no_longer_gains_stops_early(facts):
    assert facts["early"] == "finished"
    assert facts["early_steps"] < 10


def test_a_finished_run_is_not_run_again_nor_overwritten_by_another(facts):
    assert facts["again"] == "finished"
    assert facts["other"].endswith("holds another run: name another folder.")


def test_a_run_does_not_go_on_by_another_chat_template(facts):
    first, second = facts["retold"]

    assert first == "finished"
    assert second.endswith("holds another run: name another folder.")


def test_a_folder_without_rows_is_named(facts):
    assert facts["nowhere"].endswith("nowhere has no sft/train.jsonl.")


def test_the_adapter_is_one_that_sglang_serves_as_it_was_trained(facts):
    assert facts["faults"] == []
    assert facts["files"] == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "chat_template.jinja",
        "tokenizer.json",
        "tokenizer_config.json",
    ]


def test_what_would_not_be_served_is_refused_before_anything_is_loaded(facts):
    assert facts["rank"] == "rank must be 1 to 16."
    assert facts["head"] == "targets must name linear modules inside the layers."


def test_no_figure_is_sent_to_a_service(facts):
    assert facts["outside"] == "tracker must be one of none, tensorboard, trackio."


def test_the_record_names_every_setting_with_its_origin(facts):
    record = facts["record"]

    assert record["settings"]["rank"] == {"value": 4, "origin": "command line"}
    assert record["settings"]["alpha"] == {"value": 32, "origin": "default"}
    assert record["steps"] == 6
    assert record["figures"]["lengths"]["train"]["rows"] == 8
    assert {"torch", "trl", "peft"} <= record["packages"].keys()
