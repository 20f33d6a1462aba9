"""Join several values into bytes so that the seams cannot be moved."""

_LENGTH = 8


def framed(*parts: str | bytes | int) -> bytes:
    """Join parts, each after its length as 8 bytes, most significant first.

    Text is UTF-8 and a number is 8 bytes, signed. Because every part states its
    length, two different lists of parts never give the same bytes, so a hash, a
    keyed digest or associated data over the result cannot be reinterpreted.
    """
    joined: list[bytes] = []
    for part in parts:
        if isinstance(part, str):
            content = part.encode()
        elif isinstance(part, int):
            content = part.to_bytes(_LENGTH, "big", signed=True)
        else:
            content = part
        joined += (len(content).to_bytes(_LENGTH, "big"), content)
    return b"".join(joined)
