"""The BERT sentence encoder, by numpy alone, on memory-mapped weights.

It exists so that a fresh install embeds text without torch (about 1.4 GB). It
follows Devlin et al. 2019 (https://aclanthology.org/N19-1423) with the mean
pooling of Reimers and Gurevych 2019 (https://aclanthology.org/D19-1410).
"""

import json
import mmap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_HEADER_LENGTH_BYTES = 8
# Abramowitz and Stegun 7.1.26: |error| <= 1.5e-7, below float32 resolution of
# the activations. numpy has no erf.
_ERF_P = 0.3275911
_ERF_A = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)


class Shape(NamedTuple):
    """The facts of a BERT configuration that the weights do not tell."""

    heads: int
    layers: int
    epsilon: float


def read_shape(folder: Path) -> Shape:
    """Read the configuration of a mean-pooled BERT folder without prompts.

    Raises:
        ValueError: the folder holds another kind of model, or what is no JSON.
        KeyError: a fact is missing.
        OSError: a file cannot be read.

    """
    config = json.loads((folder / "config.json").read_text("utf-8"))
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
    # Another pooling, activation or prompt would give plausible, wrong vectors.
    kind = (config["model_type"], config["hidden_act"])
    if not _means_only(pooling) or kind != ("bert", "gelu"):
        raise ValueError("Only mean-pooled BERT models with gelu are supported.")
    if _prompted(folder / "config_sentence_transformers.json"):
        raise ValueError("Models with prompts are not supported.")
    return Shape(
        heads=config["num_attention_heads"],
        layers=config["num_hidden_layers"],
        epsilon=config["layer_norm_eps"],
    )


def _means_only(pooling: Mapping[str, Any]) -> bool:
    # sentence-transformers 6 writes names of modes; older versions, a flag for each.
    if "pooling_mode" in pooling:
        return pooling["pooling_mode"] in ("mean", ["mean"])
    flags = (name for name in pooling if name.startswith("pooling_mode_"))
    return [name for name in flags if pooling[name]] == ["pooling_mode_mean_tokens"]


def _prompted(path: Path) -> bool:
    if not path.exists():
        return False
    # sentence-transformers 6 writes empty prompts for a model that has none.
    prompts = json.loads(path.read_text("utf-8")).get("prompts") or {}
    return any(prompts.values())


def read_safetensors(path: Path) -> dict[str, Floats]:
    """Map the float32 tensors of a safetensors file, by name, without copying.

    Format: https://github.com/huggingface/safetensors#format

    Raises:
        ValueError: the file is not safetensors.
        OSError: the file cannot be read.

    """
    with path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = _HEADER_LENGTH_BYTES
    length = int.from_bytes(content[:start], "little")
    header = json.loads(content[start : start + length])
    return {
        name: _tensor(content, facts, start + length)
        for name, facts in header.items()
        if facts.get("dtype") == "F32"
    }


def _tensor(content: mmap.mmap, facts: Mapping[str, list[int]], base: int) -> Floats:
    begin, end = facts["data_offsets"]
    flat = np.frombuffer(content, np.float32, (end - begin) // 4, base + begin)
    return flat.reshape(facts["shape"])


def sentence_vectors(
    weights: Mapping[str, Floats], shape: Shape, texts: Sequence[Sequence[int]]
) -> Floats:
    """Encode token ids into unit vectors, one row a text.

    The texts are laid end to end instead of being padded, so that each weight
    is read once for all of them and no padding can leak into a vector.
    """
    ends = np.cumsum([len(ids) for ids in texts])
    spans = [slice(end - len(ids), end) for ids, end in zip(texts, ends, strict=True)]
    states = _embeddings(weights, shape, texts)
    for number in range(shape.layers):
        prefix = f"encoder.layer.{number}"
        states = _attention(weights, shape, f"{prefix}.attention", states, spans)
        states = _feed_forward(weights, shape, prefix, states)
    means = np.stack([states[span].mean(axis=0) for span in spans])
    norms = np.linalg.norm(means, axis=1, keepdims=True)
    vectors: Floats = means / norms
    return vectors


def _embeddings(
    weights: Mapping[str, Floats], shape: Shape, texts: Sequence[Sequence[int]]
) -> Floats:
    ids = np.concatenate([np.asarray(text, np.intp) for text in texts])
    positions = np.concatenate([np.arange(len(text)) for text in texts])
    states = (
        weights["embeddings.word_embeddings.weight"][ids]
        + weights["embeddings.position_embeddings.weight"][positions]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    return _layer_norm(weights, shape, "embeddings.LayerNorm", states)


def _attention(
    weights: Mapping[str, Floats],
    shape: Shape,
    prefix: str,
    states: Floats,
    spans: Sequence[slice],
) -> Floats:
    query, key, value = (
        _dense(weights, f"{prefix}.self.{part}", states)
        for part in ("query", "key", "value")
    )
    context = np.empty_like(states)
    for span in spans:
        context[span] = _attend(shape.heads, query[span], key[span], value[span])
    mixed = _dense(weights, f"{prefix}.output.dense", context)
    return _layer_norm(weights, shape, f"{prefix}.output.LayerNorm", mixed + states)


def _attend(heads: int, query: Floats, key: Floats, value: Floats) -> Floats:
    length, width = query.shape
    query, key, value = (
        part.reshape(length, heads, -1).transpose(1, 0, 2)
        for part in (query, key, value)
    )
    scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(width // heads))
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    scores /= scores.sum(axis=-1, keepdims=True)
    context: Floats = (scores @ value).transpose(1, 0, 2).reshape(length, width)
    return context


def _feed_forward(
    weights: Mapping[str, Floats], shape: Shape, prefix: str, states: Floats
) -> Floats:
    inner = _gelu(_dense(weights, f"{prefix}.intermediate.dense", states))
    outer = _dense(weights, f"{prefix}.output.dense", inner)
    return _layer_norm(weights, shape, f"{prefix}.output.LayerNorm", outer + states)


def _dense(weights: Mapping[str, Floats], name: str, states: Floats) -> Floats:
    return states @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def _layer_norm(
    weights: Mapping[str, Floats], shape: Shape, name: str, states: Floats
) -> Floats:
    centred = states - states.mean(axis=-1, keepdims=True)
    variance = np.mean(centred * centred, axis=-1, keepdims=True)
    scaled = centred / np.sqrt(variance + np.float32(shape.epsilon))
    normed: Floats = scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return normed


def _gelu(states: Floats) -> Floats:
    magnitude = np.abs(states) * np.float32(np.sqrt(0.5))
    step = 1 / (1 + np.float32(_ERF_P) * magnitude)
    series = np.zeros_like(step)
    for coefficient in _ERF_A:
        series = series * step + np.float32(coefficient)
    erf = 1 - series * step * np.exp(-magnitude * magnitude)
    activated: Floats = states * (1 + np.copysign(erf, states)) / 2
    return activated
