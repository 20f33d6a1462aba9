"""The adapter that comes with the program: its release folder, checked at each start.

The folder is a release (inference.release); the file that llama.cpp loads was made from
its adapter by `training.gguf`. Its signature is not asked for: who could change the
folder could change the key and the program as well.
"""

from pathlib import Path
from typing import Final

import msgspec

from inference.adapter import UnreadableAdapterError, folder_sha256
from inference.embedded_model import EmbeddedModelError, Lora, sha256
from inference.release import ADAPTER, GGUF, MANIFEST

FOLDER: Final = Path(__file__).with_name("adapters") / "triage-smollm2-135m"
_INSTEAD: Final = (
    "Install the program anew, or set embedded_adapter = false: then the base model"
    " answers without it."
)


class _Adapter(msgspec.Struct):
    sha256: str


class _Release(msgspec.Struct):
    name: str
    adapter: _Adapter
    files: dict[str, str]


def shipped(folder: Path = FOLDER) -> Lora | None:
    """Return the adapter in a release folder, None where there is no such folder.

    Raises:
        EmbeddedModelError: it is not what its manifest says.

    """
    if not folder.is_dir():
        return None
    release = _manifest(folder / MANIFEST)
    try:
        there = Lora(
            name=release.name,
            file=folder / GGUF,
            file_sha256=sha256(folder / GGUF),
            sha256=folder_sha256(folder / ADAPTER),
        )
    except (OSError, UnreadableAdapterError) as error:
        raise EmbeddedModelError(
            f"A file of the embedded adapter cannot be read. {_INSTEAD}"
        ) from error
    if there.file_sha256 != release.files.get(GGUF):
        raise EmbeddedModelError(f"{GGUF} is not what {MANIFEST} names. {_INSTEAD}")
    if there.sha256 != release.adapter.sha256:
        raise EmbeddedModelError(
            f"The embedded adapter is not what {MANIFEST} names. {_INSTEAD}"
        )
    return there


def _manifest(file: Path) -> _Release:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Release)
    except (OSError, msgspec.DecodeError) as error:
        raise EmbeddedModelError(
            f"The embedded adapter has no readable {MANIFEST}. {_INSTEAD}"
        ) from error
