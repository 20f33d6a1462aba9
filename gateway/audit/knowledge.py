"""What the knowledge base says: texts that tell nobody from anybody else.

A draft quotes its passages, and a complaint may be in the very words of a guideline.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from inference.retrieve.index import opened

FILE: Final = "knowledge.sqlite"
_TEXTS: Final = "SELECT heading, text, source FROM passage"


def untold(folder: Path, values: Iterable[str]) -> set[str]:
    """Return the values that no passage of a data folder's knowledge index holds.

    Where there is no index, or none that can be read, that is all of them.
    """
    try:
        with opened(folder / FILE) as index:
            texts = ["\n".join(row) for row in index.execute(_TEXTS)]
    except sqlite3.Error:
        texts = []
    return {value for value in values if not any(value in text for text in texts)}
