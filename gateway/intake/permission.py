"""What a caller may do where only what is there decides what it is.

A PUT, or a conditional update, creates a resource or updates one; which of the two is
known where decisions are serial. What a caller may do is none of the intake's business,
so that a unit is given the question.
"""

from collections.abc import Callable
from typing import Literal

Act = Literal["create", "update"]
Permit = Callable[[Act, str], None]
"""Asks whether the caller may do it with a type; raises NotPermittedError."""


class NotPermittedError(Exception):
    """The caller may not do what the request turned out to be (HTTP 403)."""


def anything(_act: Act, _kind: str) -> None:
    """Permit all."""
