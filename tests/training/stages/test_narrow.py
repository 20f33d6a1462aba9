"""On one CPU only the answers meet the vocabulary; the loss is the number of trl."""

import pytest


@pytest.fixture(scope="module")
def facts(inside):
    return inside("narrow")[0]


def test_batches_of_different_length_give_the_loss_and_the_gradients_of_trl(facts):
    found = facts["losses"]

    assert facts["kind"] == "NarrowTrainer"
    assert [each["padded"] for each in found] == [False, True, True]
    assert len({each["tokens"] for each in found}) == 3
    for each in found:
        assert each["loss"] > 0.1
        assert each["apart"] < 1e-5
        assert each["apart_alone"] < 1e-5
        assert each["gradients_apart"] < 1e-5
        assert each["gradients"] > 1e-3


def test_a_whole_run_that_accumulates_batches_has_the_figures_of_trl(facts):
    ours, theirs = facts["histories"]["narrow"], facts["histories"]["trl"]

    assert facts["ended"] == ["finished"] * 3
    assert len(ours["loss"]) == 4
    assert len(ours["eval_loss"]) == 2
    for name in ("loss", "eval_loss", "grad_norm"):
        assert ours[name] == pytest.approx(theirs[name], rel=1e-3)
    assert ours["loss"][0] == pytest.approx(theirs["loss"][0], abs=1e-5)


def test_mixed_precision_computes_in_bfloat16_and_keeps_the_adapter_in_float32(facts):
    mixed, exact = facts["histories"]["mixed"], facts["histories"]["narrow"]

    assert facts["types"] == ["torch.float32"]
    assert mixed["loss"] == pytest.approx(exact["loss"], rel=0.05)
    assert abs(mixed["loss"][0] - exact["loss"][0]) > 1e-5


def test_a_run_in_mixed_precision_that_was_interrupted_ends_the_same(facts):
    assert facts["interrupted"] == ["finished", 75, "finished"]
    assert facts["same"]


def test_another_precision_is_refused(facts):
    assert facts["odd"].startswith("precision must be one of auto, bfloat16")
