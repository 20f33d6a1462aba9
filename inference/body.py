"""The whole body of an answer over HTTP, up to a limit."""

import aiohttp


class EndlessBodyError(ValueError):
    """More is sent than a body of this kind has."""


async def whole(content: aiohttp.StreamReader, most: int) -> bytes:
    """Return a body, however many pieces it comes in; `most` is in bytes.

    Raises:
        EndlessBodyError: it is longer.

    """
    received = bytearray()
    async for piece in content.iter_any():
        received += piece
        if len(received) > most:
            raise EndlessBodyError("The answer is too long.")
    return bytes(received)
