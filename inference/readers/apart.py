"""Formats that can be made to exhaust their reader are read in a process apart."""

import json
import os
import subprocess
import sys

from inference.document import Block, Form, UnusableDocumentError
from inference.readers.child import REFUSED

_TIMEOUT_S = 120
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH")


def blocks(content: bytes, kind: str, *, name: str) -> list[Block]:
    """Return the blocks of an HTML or PDF document; `kind` is "html" or "pdf".

    Raises:
        UnusableDocumentError: it cannot be read, or asks for too much to be read.

    """
    command = [sys.executable, "-P", "-m", "inference.readers.child", kind]
    environment = {k: os.environ[k] for k in _ENVIRONMENT if k in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - our own module, nothing of the document
            command,
            input=content,
            capture_output=True,
            env=environment,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnusableDocumentError(_exhausting(name)) from None
    if done.returncode == REFUSED:
        raise UnusableDocumentError(f"{name}: {json.loads(done.stdout)}")
    if done.returncode != 0:
        raise UnusableDocumentError(_exhausting(name))
    return [Block(*_read(each)) for each in json.loads(done.stdout)]


def _read(fields: tuple[str, str, str, int]) -> tuple[str, Form, str, int]:
    place, form, text, level = fields
    return place, Form(form), text, level


def _exhausting(name: str) -> str:
    return (
        f"{name}: reading it took more memory or time than a document may take, or"
        " failed; export it again, or load it as Markdown."
    )
