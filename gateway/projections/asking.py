"""The values of a search as they are written: commas, escapes, prefixes.

(https://hl7.org/fhir/R4/search.html#escaping, #prefix)
"""

import re
from decimal import Decimal
from typing import Final

PREFIXES: Final = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
_ESCAPED = re.compile(r"\\([,|$\\])")
_NUMBER = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?", re.ASCII)


class SearchError(Exception):
    """A search parameter that the gateway cannot honour; `parameter` names it."""

    def __init__(self, parameter: str, sentence: str) -> None:
        super().__init__(sentence)
        # It goes back to the caller, in a text that may hold no control characters.
        self.parameter = "".join(c if c.isprintable() else "\ufffd" for c in parameter)


class TooCostlySearchError(SearchError):
    """A search that would read too much of the index."""


def split(text: str, mark: str) -> list[str]:
    """Split where a mark is not escaped; the parts keep their escapes."""
    parts: list[list[str]] = [[]]
    escaped = False
    for char in text:
        if char == mark and not escaped:
            parts.append([])
            continue
        parts[-1].append(char)
        escaped = char == "\\" and not escaped
    return ["".join(part) for part in parts]


def plain(text: str) -> str:
    """Return a text without its escapes."""
    return _ESCAPED.sub(r"\1", text)


def alternatives(name: str, value: str) -> list[str]:
    """Return the values of which any may match.

    Raises:
        SearchError: one of them is empty.

    """
    found = split(value, ",")
    if not all(found):
        raise SearchError(name, "A value between commas is empty: leave it out.")
    return found


def prefixed(text: str) -> tuple[str, str]:
    """Return the prefix (`eq` where none is written) and the rest."""
    return (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)


def number(name: str, text: str) -> Decimal:
    """Return a number as it was written.

    Raises:
        SearchError: it is none.

    """
    if not _NUMBER.fullmatch(text):
        raise SearchError(
            name, "Send a number such as 5.4, after an optional prefix (gt, le…)."
        )
    return Decimal(text)
