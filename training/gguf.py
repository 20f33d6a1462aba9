"""A LoRA adapter as llama.cpp loads it: one GGUF file in float16.

    python -m training.gguf ADAPTER_FOLDER --base BASE_FOLDER --out adapter.gguf

Only plain LoRA of a Llama is known. Names, shapes and keys are those of llama.cpp's
convert_lora_to_gguf.py; the same adapter always gives the same bytes.
https://github.com/ggml-org/llama.cpp/blob/master/convert_lora_to_gguf.py
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click
import numpy as np
from gguf import GGUFType, GGUFWriter, Keys, LlamaFileType

from inference.adapter import CONFIG, WEIGHTS, UnreadableAdapterError, read_adapter
from inference.tensors import Tensors

Matrix = np.ndarray[Any, np.dtype[np.float32]]

_ARCHITECTURE: Final = "LlamaForCausalLM"
_TENSOR: Final = re.compile(
    r"base_model\.model\.model\.layers\.(\d+)\.(?:self_attn|mlp)\.(\w+)"
    r"\.lora_([AB])\.weight"
)
_MADE_OF: Final = "triage.adapter.sha256"
"""The key that names the adapter of a file, by which a release knows it again."""
_NAMES: Final = MappingProxyType(
    {
        "q_proj": "attn_q",
        "k_proj": "attn_k",
        "v_proj": "attn_v",
        "o_proj": "attn_output",
        "gate_proj": "ffn_gate",
        "up_proj": "ffn_up",
        "down_proj": "ffn_down",
    }
)
# What of adapter_config.json is understood, or changes nothing after training. Any
# other key that is set may change what the weights mean.
_UNDERSTOOD: Final = frozenset(
    {
        *("auto_mapping", "base_model_name_or_path", "bias", "inference_mode"),
        *("init_lora_weights", "lora_alpha", "lora_dropout", "megatron_core"),
        *("peft_type", "peft_version", "qalora_group_size", "r", "revision"),
        *("target_modules", "task_type"),
    }
)
_STARTS: Final = (None, True, False, "gaussian")  # others change the base as well
_READ: Final = MappingProxyType({"F32": "<f4", "F16": "<f2"})


class ConversionError(Exception):
    """The adapter cannot be converted; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What of a Llama's config.json decides on the shapes of its layers."""

    hidden: int
    inner: int
    layers: int
    heads: int
    kv_heads: int
    head: int  # numbers in one head

    @classmethod
    def read(cls, base: Path) -> "Sizes":
        """Read the config.json of a base folder.

        Raises:
            ConversionError: there is none, or it is of no Llama.

        """
        try:
            config = json.loads((base / "config.json").read_bytes())
            if config["architectures"] != [_ARCHITECTURE]:
                raise ConversionError(
                    f"The base is no {_ARCHITECTURE}: how llama.cpp orders the rows of "
                    "others is not known here."
                )
            hidden, heads = config["hidden_size"], config["num_attention_heads"]
            return cls(
                hidden=hidden,
                inner=config["intermediate_size"],
                layers=config["num_hidden_layers"],
                heads=heads,
                kv_heads=config.get("num_key_value_heads") or heads,
                head=config.get("head_dim") or hidden // heads,
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConversionError(
                f"The base folder has no complete config.json ({type(error).__name__})."
            ) from error

    def rotated(self, module: str) -> int:
        """Return how many heads of a module are rotated by position; 0 for none."""
        return {"q_proj": self.heads, "k_proj": self.kv_heads}.get(module, 0)

    def of(self, module: str) -> tuple[int, int]:
        """Return how many numbers go into a module, and how many come out."""
        asked, known = self.heads * self.head, self.kv_heads * self.head
        return {
            "q_proj": (self.hidden, asked),
            "k_proj": (self.hidden, known),
            "v_proj": (self.hidden, known),
            "o_proj": (asked, self.hidden),
            "down_proj": (self.inner, self.hidden),
        }.get(module, (self.hidden, self.inner))


def convert(adapter: Path, *, base: Path, out: Path) -> None:
    """Write an adapter folder as a GGUF file; `base` needs only its config.json.

    Raises:
        ConversionError: something about the adapter is not known here.

    """
    config, made_of = _config(adapter)
    matrices = dict(_matrices(adapter / WEIGHTS, Sizes.read(base)))
    partial = out.with_name(f"{out.name}.partial")
    writer = GGUFWriter(partial, "llama")
    writer.add_type(GGUFType.ADAPTER)
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    writer.add_string(Keys.Adapter.TYPE, "lora")
    writer.add_float32(Keys.Adapter.LORA_ALPHA, float(config["lora_alpha"]))
    writer.add_string(_MADE_OF, made_of)
    for name in sorted(matrices):
        writer.add_tensor(name, _half(matrices[name]))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    partial.rename(out)  # whole or not at all


def reordered(rows: Matrix, heads: int) -> Matrix:
    """Return the rows of a rotated projection in llama.cpp's order.

    transformers rotates the first half of a head against the second, llama.cpp (as
    Meta's code) each even row against the next. Of LoRA's two matrices only B has a
    row for each number that comes out.
    """
    halves = rows.reshape(heads, 2, -1, rows.shape[-1])
    return halves.swapaxes(1, 2).reshape(rows.shape)


def _config(folder: Path) -> tuple[Mapping[str, Any], str]:
    """Return the adapter's configuration, if all of it is known here, and its hash."""
    try:
        found = read_adapter(folder)
    except UnreadableAdapterError as error:
        raise ConversionError(str(error)) from None
    faults = list(found.faults)
    config: dict[str, Any] = json.loads((folder / CONFIG).read_bytes())
    told = {each.partition(":")[0] for each in faults}
    strange = {key for key, value in config.items() if value} - _UNDERSTOOD - told
    faults += [f"{key}: what it changes is not known here" for key in sorted(strange)]
    if config.get("init_lora_weights") not in _STARTS:
        faults.append("init_lora_weights: such a start changes the base's weights, too")
    if faults:
        raise ConversionError("Only plain LoRA can be converted. " + "; ".join(faults))
    return config, found.sha256


def _matrices(file: Path, sizes: Sizes) -> Iterator[tuple[str, Matrix]]:
    held = Tensors.read(file)
    with file.open("rb") as content:
        for name, row in held.rows.items():
            layer, module, side = _place(name, sizes)
            begin, end = row.data_offsets
            content.seek(held.start + begin)
            raw = content.read(end - begin)
            matrix = _numbers(raw, row.dtype).reshape(row.shape)
            where = f"blk.{layer}.{_NAMES[module]}.weight.lora_{side.lower()}"
            yield where, _fitting(matrix, module, side, sizes)


def _place(name: str, sizes: Sizes) -> tuple[int, str, str]:
    known = _TENSOR.fullmatch(name)
    if known is None or known[2] not in _NAMES or int(known[1]) >= sizes.layers:
        raise ConversionError(f"{name} is no LoRA matrix of such a Llama.")
    return int(known[1]), known[2], known[3]


def _numbers(raw: bytes, kind: str) -> Matrix:
    if kind == "BF16":  # the upper half of a float32
        return (np.frombuffer(raw, "<u2").astype("<u4") << 16).view("<f4")
    if kind not in _READ:
        raise ConversionError(f"Numbers of the type {kind} are not read.")
    return np.frombuffer(raw, _READ[kind]).astype("<f4")


def _fitting(matrix: Matrix, module: str, side: str, sizes: Sizes) -> Matrix:
    into, out = sizes.of(module)
    there, wanted = (matrix.shape[1], into) if side == "A" else (matrix.shape[0], out)
    if there != wanted:
        raise ConversionError(
            f"{module} of the adapter has {there} numbers, the base's {wanted}: it was "
            "trained on another base."
        )
    heads = sizes.rotated(module) if side == "B" else 0
    return reordered(matrix, heads) if heads else matrix


def _half(matrix: Matrix) -> np.ndarray[Any, np.dtype[np.float16]]:
    if np.abs(matrix).max(initial=0) > np.finfo(np.float16).max:
        raise ConversionError("A weight is beyond float16: train at a lower rate.")
    return np.ascontiguousarray(matrix, dtype=np.float16)


@click.command()
@click.argument("adapter", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--base", required=True, type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the base that it was trained on.",
)  # fmt: skip
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False),
    help="File to write.",
)  # fmt: skip
def main(adapter: Path, base: Path, out: Path) -> None:
    """Convert a LoRA adapter folder to a GGUF file for llama.cpp."""
    try:
        convert(adapter, base=base, out=out)
    except ConversionError as error:
        raise click.ClickException(str(error)) from None
    click.echo(out)


if __name__ == "__main__":
    main()
