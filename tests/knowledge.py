"""A little knowledge for a gateway to quote."""

import shutil

from inference.knowledge import starter_folder


def some_knowledge(folder):
    """Return a folder with one of the starter documents: all of them take seconds."""
    few = folder / "knowledge"
    few.mkdir(exist_ok=True)
    shutil.copy(starter_folder() / "chest-pain.md", few)
    return few
