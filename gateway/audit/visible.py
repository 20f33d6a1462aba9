"""Text of strangers as it may be shown: nothing in it steers a terminal or a page."""

import re
import unicodedata
from typing import Final

_STEERING: Final = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200b-\\u200f\\u2028-\\u202e"
    "\\u2060-\\u206f\\ufeff\\ud800-\\udfff]"
)


def visible(text: str) -> str:
    """Return text whose control, direction and invisible characters are named.

    Escape sequences move the cursor of a terminal, and marks of direction show text
    in another order than it has: both let a text look like something else (Unicode
    TR 36, TR 9). Tabs and line feeds stay.
    """
    return _STEERING.sub(_named, text)


def _named(found: re.Match[str]) -> str:
    point = ord(found.group())
    name = unicodedata.name(found.group(), "")
    return f"[U+{point:04X}{' ' if name else ''}{name}]"
