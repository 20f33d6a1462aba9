"""Whose data an entry of the log is: the name of what its data key protects.

A subject is a patient's name in the log, several of them, something that stands alone,
or "" for what concerns no patient. Each subject has a data key of its own. What several
patients share is lost with the first of them who is erased.
"""

from collections.abc import Iterable
from typing import Final

NOBODY: Final = ""
_BETWEEN: Final = " "  # no reference holds one
_ALONE: Final = "alone:"


def joint(subjects: Iterable[str]) -> str:
    """Return the subject of what concerns all of these."""
    named = {name for each in subjects for name in members(each)}
    return _BETWEEN.join(sorted(named))


def members(subject: str) -> tuple[str, ...]:
    """Return those whose erasure destroys the subject's data key."""
    return tuple(subject.split(_BETWEEN)) if subject else ()


def alone(name: str) -> str:
    """Return the subject of one entry, or stream, of which nobody knows whose it is.

    It has a data key of its own, so that it can be erased without anything else.
    """
    return f"{_ALONE}{name}".replace(_BETWEEN, "_")
