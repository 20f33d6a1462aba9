"""An adapter that was added to its base says what it says beside it."""

import pytest


@pytest.fixture(scope="module")
def facts(inside):
    return inside("merge")[0]


def test_a_merged_model_says_what_base_and_adapter_say(facts):
    assert facts["apart"] < 1e-5
    assert facts["changed"] > 0.1


def test_the_base_of_the_wheel_is_converted_once_and_speaks(facts):
    assert facts["wheel"] == {
        "says": "The capital of France is Paris.\n\n",
        "kept": True,
        "end": "<|im_end|>",
        "template": True,
    }
