"""A LoRA adapter for the embedded model, written as llama.cpp reads it.

GGUF version 3: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import hashlib
import json
import struct

import numpy as np

from inference.adapter import folder_sha256

HIDDEN, INNER, LAYERS = 576, 1536, 30  # of SmolLM2-135M
_STRING, _FLOAT = 8, 6
_F16 = 1
_ALIGNED = 32


def loud(path, *, seed=7):
    """Write random matrices that make the model say something else."""
    chance = np.random.default_rng(seed)
    tensors = {}
    for layer in range(LAYERS):
        place = f"blk.{layer}.ffn_down.weight"
        tensors[f"{place}.lora_a"] = chance.normal(size=(1, INNER))
        tensors[f"{place}.lora_b"] = chance.normal(size=(HIDDEN, 1))
    path.write_bytes(_gguf(tensors))
    return path


def release(folder):
    """Make a release folder with such an adapter; its folder holds no real one."""
    (folder / "adapter").mkdir(parents=True)
    (folder / "adapter" / "adapter_config.json").write_text("{}")
    loud(folder / "adapter.gguf")
    declare(folder)
    return folder


def declare(folder, **other):
    """Write the manifest of what lies in the folder."""
    held = [each for each in folder.rglob("*") if each.is_file()]
    hashes = {
        each.relative_to(folder).as_posix(): hashlib.sha256(
            each.read_bytes()
        ).hexdigest()
        for each in held
        if each.name != "release.json"
    }
    manifest = {
        "name": "loud",
        "adapter": {"sha256": folder_sha256(folder / "adapter"), "rank": 1},
        "files": hashes,
        **other,
    }
    (folder / "release.json").write_text(json.dumps(manifest))


def _gguf(tensors):
    facts = [
        _text("general.architecture", "llama"),
        _text("general.type", "adapter"),
        _text("adapter.type", "lora"),
        _string("adapter.lora.alpha") + struct.pack("<If", _FLOAT, 1.0),
    ]
    rows, data = [], b""
    for name, matrix in tensors.items():
        dimensions = struct.pack("<I2Q", 2, *reversed(matrix.shape))
        rows.append(_string(name) + dimensions + struct.pack("<IQ", _F16, len(data)))
        data += _padded(matrix.astype("<f2").tobytes())
    head = b"GGUF" + struct.pack("<IQQ", 3, len(rows), len(facts))
    return _padded(head + b"".join(facts + rows)) + data


def _text(key, value):
    return _string(key) + struct.pack("<I", _STRING) + _string(value)


def _string(text):
    return struct.pack("<Q", len(text)) + text.encode()


def _padded(content):
    return content + bytes(-len(content) % _ALIGNED)
