"""Hold back the cycle collector while a large tree is made and looked at.

Parsed JSON has no cycles, but every few hundred of its objects set the collector off,
which then visits them, and now and then all objects of the process: a third of the time
of reading a Bundle (measured). It is held back for these milliseconds.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

LARGE: Final = 65_536
"""Bytes of JSON from which it is worth while."""

_lock = Lock()
_holders: list[bool] = []
"""One for each tree being made, in any thread: whether the collector was on before."""


@contextmanager
def collection_paused(size: int) -> Iterator[None]:
    """Pause the collector, if it was on, while JSON of that many bytes is read."""
    if size < LARGE:
        yield
        return
    _pause()
    try:
        yield
    finally:
        _resume()


def _pause() -> None:
    with _lock:
        _holders.append(gc.isenabled() or any(_holders))
        gc.disable()


def _resume() -> None:
    with _lock:
        was_enabled = _holders.pop()
        if was_enabled and not _holders:
            gc.enable()
