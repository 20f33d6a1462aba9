"""An adapter that SGLang would serve otherwise than it was trained is refused."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.adapter import (
    CONFIG,
    WEIGHTS,
    UnreadableAdapterError,
    folder_sha256,
    read_adapter,
)
from inference.tensors import Tensors, UnreadableTensorsError

MODULES = ("q_proj", "v_proj")
PLAIN = {
    "peft_type": "LORA",
    "base_model_name_or_path": "base",
    "r": 4,
    "lora_alpha": 8,
    "target_modules": list(MODULES),
    "bias": "none",
    "use_rslora": False,
    "use_dora": False,
    "modules_to_save": None,
    "rank_pattern": {},
    "alpha_pattern": {},
}
STEM = "base_model.model.model.layers.{}.self_attn.{}.lora_{}.weight"


def tensors(layers=2, rank=4, modules=MODULES):
    found = {}
    for layer in range(layers):
        for name in modules:
            found[STEM.format(layer, name, "A")] = np.ones((rank, 8), "<f4")
            found[STEM.format(layer, name, "B")] = np.zeros((8, rank), "<f4")
    return found


def safetensors(held, dtype="F32"):
    rows, body = {"__metadata__": {"format": "pt"}}, b""
    for name, array in held.items():
        content = array.tobytes()
        rows[name] = {
            "dtype": dtype,
            "shape": list(array.shape),
            "data_offsets": [len(body), len(body) + len(content)],
        }
        body += content
    header = json.dumps(rows).encode()
    return struct.pack("<Q", len(header)) + header + body


@pytest.fixture
def adapter(tmp_path):
    def made(held=None, dtype="F32", **config):
        (tmp_path / CONFIG).write_text(json.dumps({**PLAIN, **config}))
        content = safetensors(tensors() if held is None else held, dtype)
        (tmp_path / WEIGHTS).write_bytes(content)
        return tmp_path

    return made


def test_a_plain_adapter_is_served_as_it_was_trained(adapter):
    found = read_adapter(adapter())

    assert found.faults == ()
    assert (found.rank, found.layers, found.base) == (4, 2, "base")
    assert found.modules == MODULES
    assert len(found.sha256) == 64


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"use_rslora": True}, "use_rslora: scales by alpha / sqrt"),
        ({"use_dora": True}, "use_dora"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"rank_pattern": {"q_proj": 8}}, "rank_pattern"),
        ({"alpha_pattern": {"q_proj": 8}}, "alpha_pattern"),
        ({"trainable_token_indices": [1]}, "trainable_token_indices"),
        ({"layer_replication": [[0, 1]]}, "layer_replication"),
        ({"lora_bias": True}, "lora_bias"),
        ({"bias": "all"}, "bias: biases"),
        ({"peft_type": "IA3"}, "peft_type"),
        ({"target_modules": "all-linear"}, "target_modules"),
        ({"r": 0}, "r: there is no rank"),
        ({"r": "4"}, "r: there is no rank"),
        ({"r": 128}, "over the server's limit, 64"),
        ({"r": 8}, "8 tensors have another rank than r says"),
        ({"lora_alpha": 0}, "lora_alpha"),
        ({"lora_alpha": None}, "lora_alpha"),
        ({"target_modules": ["q_proj"]}, "v_proj: its tensors are there"),
        (
            {"target_modules": [*MODULES, "k_proj"]},
            "k_proj: 4 of 4 tensors are missing",
        ),
    ],
)
def test_what_sglang_passes_over_is_refused(adapter, config, said):
    faults = read_adapter(adapter(**config)).faults

    assert any(each.startswith(said) or said in each for each in faults), faults


def test_a_layer_that_is_not_there_counts_as_zero_and_is_refused(adapter):
    held = tensors()
    del held[STEM.format(1, "q_proj", "B")]

    assert read_adapter(adapter(held)).faults == ("q_proj: 1 of 4 tensors are missing",)


def test_resized_embeddings_are_refused(adapter):
    held = {**tensors(), "base_model.model.lm_head.weight": np.ones((9, 8), "<f4")}

    (fault,) = read_adapter(adapter(held)).faults

    assert fault.startswith("lm_head: embeddings")


def test_tensors_of_no_layer_are_refused(adapter):
    strange = {"base_model.model.model.layers.0.mlp.weight": np.ones(3, "<f4")}

    assert read_adapter(adapter(strange)).faults[0].startswith("1 tensors belong to no")
    assert "there is no tensor of a LoRA layer" in read_adapter(adapter({})).faults


def test_a_tensor_that_is_no_matrix_is_refused(adapter):
    held = {**tensors(), STEM.format(0, "q_proj", "A"): np.ones(4, "<f4")}

    assert (
        "1 tensors have another rank than r says" in read_adapter(adapter(held)).faults
    )


@pytest.mark.parametrize(
    ("bad", "dtype"),
    [
        (np.full((4, 8), np.inf, "<f4"), "F32"),
        (np.full((4, 8), np.nan, "<f2"), "F16"),
        (np.full((4, 8), 0x7FC0, "<u2"), "BF16"),
    ],
)
def test_what_is_no_number_is_refused(adapter, bad, dtype):
    kind = bad.dtype
    held = {name: np.zeros(each.shape, kind) for name, each in tensors().items()}
    fine = read_adapter(adapter(held, dtype)).faults
    held[STEM.format(0, "q_proj", "A")] = bad

    assert fine == ()
    assert read_adapter(adapter(held, dtype)).faults == (
        "1 tensors hold infinity, or what is no number",
    )


def test_a_file_that_was_cut_off_is_refused(adapter):
    folder = adapter()
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[:-1])

    assert read_adapter(folder).faults == (
        "adapter_model.safetensors is cut off: 1 tensors are not there",
    )


def test_a_tensor_whose_size_is_no_number_of_floats_is_refused(adapter):
    folder = adapter({STEM.format(0, "q_proj", "A"): np.ones(3, "<u1")})

    assert (
        "1 tensors hold infinity, or what is no number" in read_adapter(folder).faults
    )


def test_pickles_and_added_tokens_are_refused(adapter):
    folder = adapter()
    (folder / "training_args.bin").write_bytes(b"")
    (folder / "added_tokens.json").write_text('{"<x>": 1}')

    pickle, tokens = read_adapter(folder).faults

    assert pickle.startswith("training_args.bin: a pickle")
    assert tokens.startswith("added_tokens.json")
    (folder / "added_tokens.json").write_text("{")
    assert len(read_adapter(folder).faults) == 2
    (folder / "added_tokens.json").write_text("{}")
    assert len(read_adapter(folder).faults) == 1


def test_the_hash_is_of_every_file_and_its_name(adapter):
    folder = adapter()
    before = folder_sha256(folder)

    (folder / "README.md").write_text("x")
    with_another = folder_sha256(folder)
    (folder / "README.md").rename(folder / "READ.md")

    assert len({before, with_another, folder_sha256(folder)}) == 3


def test_a_file_that_cannot_be_read_is_named_as_such(adapter):
    folder = adapter()
    (folder / "loop").symlink_to(folder / "loop")  # passed over: it is no file
    assert read_adapter(folder).faults == ()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_a_folder_without_a_configuration_is_no_adapter(adapter, content):
    folder = adapter()
    (folder / CONFIG).write_bytes(content)

    with pytest.raises(UnreadableAdapterError, match="adapter_config"):
        read_adapter(folder)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x01",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 1 << 40),
        struct.pack("<Q", 12) + b'{"a":{"b":1}}',
        struct.pack("<Q", 8) + b'{"a": 1}',
    ],
)
def test_weights_that_are_none_are_no_adapter(adapter, content):
    folder = adapter()
    (folder / WEIGHTS).write_bytes(content)

    with pytest.raises(UnreadableAdapterError, match="adapter_model"):
        read_adapter(folder)
    (folder / WEIGHTS).unlink()
    with pytest.raises(UnreadableAdapterError, match="safetensors"):
        read_adapter(folder)


@given(st.binary(max_size=60))
def test_no_bytes_crash_the_reader(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("any") / WEIGHTS
    file.write_bytes(struct.pack("<Q", len(content)) + content)

    try:
        held = Tensors.read(file)
    except UnreadableTensorsError:
        return
    assert held.cut() or held.not_finite() <= len(held.rows)
