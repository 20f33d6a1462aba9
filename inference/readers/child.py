"""The process that reads one HTML or PDF document from a stranger, and then ends.

`python -m inference.readers.child pdf`: the document on standard input, its blocks as
JSON on standard output. It may use little memory and time, so that a document made to
exhaust its reader exhausts nothing else. Exit status 3: refused, with the reason.
"""

import json
import resource
import sys
from collections.abc import Callable, Iterable

from inference.document import Block, UnusableDocumentError, legible

REFUSED = 3
_MEMORY = 1 << 30  # bytes
_SECONDS = 60  # of the processor


def _pdf(content: bytes) -> Iterable[Block]:
    from inference.readers import pdf  # noqa: PLC0415 - one format is read at a time

    return pdf.blocks(content)


def _html(content: bytes) -> Iterable[Block]:
    from inference.readers import html  # noqa: PLC0415 - likewise

    return html.blocks(legible(content.decode()))


READERS: dict[str, Callable[[bytes], Iterable[Block]]] = {"pdf": _pdf, "html": _html}


def main(kind: str) -> int:
    """Read the document; return the exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    try:
        found = [
            (place, form.value, legible(text), level)
            for place, form, text, level in READERS[kind](sys.stdin.buffer.read())
        ]
    except UnusableDocumentError as error:
        sys.stdout.write(json.dumps(str(error)))
        return REFUSED
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
