"""JSON files that say what was begun and what was finished: whole, or not there."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_record(file: Path, content: Mapping[str, Any]) -> None:
    """Write beside the file and rename, so that half a record is never found."""
    partial = file.with_name(f"{file.name}.partial")
    with partial.open("w", encoding="utf-8") as written:
        written.write(json.dumps(content, indent=2) + "\n")
        written.flush()
        os.fsync(written.fileno())
    partial.replace(file)
