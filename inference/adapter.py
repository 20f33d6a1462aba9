"""A LoRA adapter folder read without torch: what SGLang would serve wrongly, its hash.

What SGLang does with an adapter was read in the source of 0.5.23 (srt/lora/lora.py,
lora_config.py, lora_manager.py). Of `adapter_config.json` it uses `target_modules`,
`r`, `lora_alpha` and `use_dora`, and nothing else. Weights are scaled by
`lora_alpha / r` whatever `use_rslora`, `rank_pattern` and `alpha_pattern` say; tensors
of `modules_to_save`, and biases, are passed over in silence; a layer that is not in the
file counts as zero. DoRA and added tokens are refused, at the first request that needs
the adapter, when a patient waits for it.
"""

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from inference.tensors import Tensors, UnreadableTensorsError

CONFIG: Final = "adapter_config.json"
WEIGHTS: Final = "adapter_model.safetensors"
MOST_RANK: Final = 64
"""What a server takes that was started with `--max-lora-rank 64`."""

_TENSOR: Final = re.compile(
    r"(?:^|\.)layers\.(\d+)\.(?:[\w.]*\.)?([A-Za-z_]\w*)\.lora_(A|B)(?:\.\w+)?\.weight$"
)
_PICKLES: Final = (".bin", ".pt", ".pth", ".pkl", ".ckpt")
_TOKENS: Final = ("embed_tokens", "lm_head", "wte", "unembed_tokens")
_SILENT: Final = "SGLang passes over it in silence"


Shapes = Mapping[str, tuple[int, ...]]


class UnreadableAdapterError(Exception):
    """The folder is no adapter that can be read."""


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """What a folder holds; `faults` is empty where SGLang serves it as it was trained.

    `sha256`, over names and contents of all its files, is the adapter's identity.
    """

    sha256: str
    base: str
    rank: int
    modules: tuple[str, ...]
    layers: int
    faults: tuple[str, ...]


def read_adapter(folder: Path, *, most_rank: int = MOST_RANK) -> Adapter:
    """Read an adapter folder and say what of it would be served wrongly.

    Raises:
        UnreadableAdapterError: configuration or weights are missing, or are none.

    """
    config = _config(folder / CONFIG)
    try:
        held = Tensors.read(folder / WEIGHTS)
    except UnreadableTensorsError as error:
        raise UnreadableAdapterError(f"{WEIGHTS}: {error}") from error
    header = held.shapes
    modules = _targets(config)
    rank = config.get("r")
    faults = [
        *_configured_wrongly(config, most_rank),
        *_files(folder),
        *_tensors(header, modules, rank),
        *_not_finite(held),
    ]
    return Adapter(
        sha256=folder_sha256(folder),
        base=str(config.get("base_model_name_or_path") or ""),
        rank=rank if isinstance(rank, int) else 0,
        modules=modules,
        layers=len({layer for layer, *_ in _found(header)}),
        faults=tuple(faults),
    )


def folder_sha256(folder: Path) -> str:
    """Return the SHA-256, in hex, over names, sizes and contents of a folder's files.

    Raises:
        UnreadableAdapterError: a file cannot be read.

    """
    whole = hashlib.sha256()
    try:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            with file.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            whole.update(f"{file.relative_to(folder).as_posix()}\0{digest}\n".encode())
    except OSError as error:
        raise UnreadableAdapterError(
            f"A file of the adapter cannot be read ({type(error).__name__})."
        ) from error
    return whole.hexdigest()


def _config(file: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise UnreadableAdapterError(
            f"There is no readable {CONFIG} ({type(error).__name__})."
        ) from error
    if not isinstance(content, dict):
        raise UnreadableAdapterError(f"{CONFIG} is no JSON object.")
    return content


def _targets(config: Mapping[str, Any]) -> tuple[str, ...]:
    named = config.get("target_modules")
    if isinstance(named, list) and all(isinstance(each, str) for each in named):
        return tuple(sorted(set(named)))
    return ()


def _configured_wrongly(config: Mapping[str, Any], most_rank: int) -> Iterator[str]:
    yield from _kind(config)
    yield from _sizes(config, most_rank)
    for name, meant in (
        ("use_rslora", "scales by alpha / sqrt(rank); SGLang by alpha / rank"),
        ("use_dora", "SGLang does not load DoRA"),
        ("modules_to_save", f"whole modules were trained; {_SILENT}"),
        ("rank_pattern", f"ranks differ from layer to layer; {_SILENT}"),
        ("alpha_pattern", f"scales differ from layer to layer; {_SILENT}"),
        ("trainable_token_indices", f"tokens were trained; {_SILENT}"),
        ("layer_replication", f"layers were replicated; {_SILENT}"),
        ("lora_bias", f"biases were trained; {_SILENT}"),
    ):
        if config.get(name):
            yield f"{name}: {meant}"
    if config.get("bias", "none") != "none":
        yield f"bias: biases were trained; {_SILENT}"


def _kind(config: Mapping[str, Any]) -> Iterator[str]:
    if config.get("peft_type", "LORA") != "LORA":
        yield "peft_type: it is no LoRA"
    if not _targets(config):
        yield "target_modules: name each module; a pattern is not checked"


def _sizes(config: Mapping[str, Any], most_rank: int) -> Iterator[str]:
    rank, alpha = config.get("r"), config.get("lora_alpha")
    if not isinstance(rank, int) or rank < 1:
        yield "r: there is no rank"
    elif rank > most_rank:
        yield f"r: the rank {rank} is over the server's limit, {most_rank}"
    if not isinstance(alpha, int | float) or not math.isfinite(alpha) or alpha <= 0:
        yield "lora_alpha: there is no scale"


def _files(folder: Path) -> Iterator[str]:
    for file in sorted(each for each in folder.rglob("*") if each.suffix in _PICKLES):
        yield f"{file.name}: a pickle runs as a program when it is read; remove it"
    if _adds_tokens(folder / "added_tokens.json"):
        yield "added_tokens.json: SGLang does not serve adapters that add tokens"


def _adds_tokens(file: Path) -> bool:
    if not file.is_file():
        return False
    try:
        return bool(json.loads(file.read_bytes()))
    except ValueError:
        return True


def _found(header: Shapes) -> Iterator[tuple[int, str, str, tuple[int, ...]]]:
    """Give layer, module, side and shape of each tensor of a LoRA layer."""
    for name, shape in header.items():
        known = _TENSOR.search(name)
        if known:
            yield int(known[1]), known[2], known[3], shape


def _tensors(header: Shapes, modules: tuple[str, ...], rank: object) -> Iterator[str]:
    found = list(_found(header))
    yield from _resized(header)
    yield from _strange(header, len(found))
    yield from _missing({tensor[:3] for tensor in found}, modules)
    wrong = sum(1 for *_, side, shape in found if _rank_of(side, shape) != rank)
    if wrong:
        yield f"{wrong} tensors have another rank than r says"


def _resized(header: Shapes) -> Iterator[str]:
    for token in _TOKENS:
        if any(token in name for name in header):
            yield f"{token}: embeddings were trained or resized; merge before serving"


def _strange(header: Shapes, known: int) -> Iterator[str]:
    rest = sum(
        1
        for name in header
        if not _TENSOR.search(name) and not any(each in name for each in _TOKENS)
    )
    if rest:
        yield f"{rest} tensors belong to no LoRA layer; {_SILENT}"
    if not known:
        yield "there is no tensor of a LoRA layer"


def _missing(
    there: set[tuple[int, str, str]], modules: tuple[str, ...]
) -> Iterator[str]:
    """Name modules that lack layers which others have: SGLang takes them as zero."""
    layers = range(1 + max((layer for layer, *_ in there), default=-1))
    wanted = [name for name in modules if name not in _TOKENS]
    lacking = Counter(
        name
        for name in wanted
        for layer in layers
        for side in "AB"
        if (layer, name, side) not in there
    )
    for name, count in sorted(lacking.items()):
        yield f"{name}: {count} of {2 * len(layers)} tensors are missing"
    for name in sorted({module for _, module, _ in there} - {*modules}):
        yield f"{name}: its tensors are there, target_modules does not name it"


def _rank_of(side: str, shape: tuple[int, ...]) -> int:
    """Return a tensor's rank: A is rank x in, B is out x rank."""
    if len(shape) != 2:  # noqa: PLR2004 (a matrix)
        return 0
    return shape[0] if side == "A" else shape[1]


def _not_finite(held: Tensors) -> Iterator[str]:
    if cut := held.cut():
        yield f"{WEIGHTS} is cut off: {cut} tensors are not there"
    elif bad := held.not_finite():
        yield f"{bad} tensors hold infinity, or what is no number"
