"""llama.cpp answers with a converted adapter as transformers and peft do."""

import pytest


@pytest.fixture(scope="module")
def facts(inside):
    return inside("llamacpp")[0]


def test_a_converted_adapter_says_in_llama_cpp_what_it_says_in_peft(facts):
    # llama.cpp rounds what goes into a layer of 4-bit weights to 8 bits: without any
    # adapter the two are as far apart.
    assert facts["right"] < 2 * facts["base"]


def test_another_order_of_rows_or_no_adapter_would_be_seen(facts):
    assert facts["disordered"] > 4 * facts["right"]
    assert facts["without"] > 4 * facts["right"]


def test_a_case_reaches_llama_cpp_as_the_tokens_that_were_taught(facts):
    assert facts["same_prompt"]


def test_the_same_adapter_gives_the_same_bytes_of_half_its_size(facts):
    assert facts["same_bytes"]
    assert facts["bytes"] < 5.2e6


def test_a_converted_adapter_names_the_one_it_was_made_of(facts):
    assert facts["names_it"]


@pytest.mark.parametrize(
    ("adapter", "said"),
    [
        ("rslora", "use_rslora"),
        ("pissa", "such a start changes the base's weights, too"),
        ("strange", "fan_in_fan_out: what it changes is not known here"),
        ("no folder", "no readable adapter_config.json"),
        ("no base", "no complete config.json"),
        ("other", "The base is no LlamaForCausalLM"),
        ("wider", "of the adapter has 1536 numbers, the base's 2048"),
        ("fewer", "is no LoRA matrix of such a Llama"),
    ],
)
def test_what_is_not_known_is_refused_with_a_sentence(adapter, said, facts):
    assert said in facts["refusals"][adapter]
