"""Join several values into bytes so that the seams cannot be moved."""

import struct
from typing import Final

_LENGTH: Final = struct.Struct(">Q")
_NUMBER: Final = struct.Struct(">Qq")


def frame(content: bytes) -> bytes:
    """Return what `framed` returns of one part: each row pays for several."""
    return _LENGTH.pack(len(content)) + content


def frame_number(number: int) -> bytes:
    """Return what `framed` returns of one number."""
    return _NUMBER.pack(_LENGTH.size, number)


def framed(*parts: str | bytes | int) -> bytes:
    """Join parts, each after its length as 8 bytes, most significant first.

    Text is UTF-8 and a number is 8 bytes, signed. Because every part states its
    length, two different lists of parts never give the same bytes, so a hash, a
    keyed digest or associated data over the result cannot be reinterpreted; and the
    frames of two lists, one after the other, are those of both together.
    """
    joined: list[bytes] = []
    for part in parts:
        if isinstance(part, int):
            joined.append(frame_number(part))
        else:
            content = part.encode() if isinstance(part, str) else part
            joined += (_LENGTH.pack(len(content)), content)
    return b"".join(joined)
