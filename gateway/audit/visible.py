"""Text of strangers as it may be shown: nothing in it steers a terminal or a page."""

import re
import unicodedata
from typing import Final

_CONTROLS: Final = "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff"
_IGNORED: Final = (  # Default_Ignorable_Code_Point, Unicode 16, DerivedCoreProperties
    "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f"
    "\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufff8"
    "\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff"
)
_FORMATS: Final = (  # what else is of category Cf
    "\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\ufff9-\\ufffb\\U000110bd"
    "\\U000110cd\\U00013430-\\U0001343f"
)
_BLANK: Final = "\\u2800\\U0001d159"  # glyphs without ink
_EMOJI: Final = (  # a character of the blocks that emoji stand in, and its looks
    "[\\u2190-\\u21ff\\u2300-\\u23ff\\u25a0-\\u27bf\\u2900-\\u297f\\u2b00-\\u2bff"
    "\\U0001f000-\\U0001faff][\\ufe0e\\ufe0f]?"
)
_TOLD_APART: Final = re.compile(
    f"(?P<emoji>{_EMOJI}(?:\\u200d{_EMOJI})*)|[{_CONTROLS}{_IGNORED}{_FORMATS}{_BLANK}]"
)


def visible(text: str) -> str:
    """Return text whose control, direction and invisible characters are named.

    Escape sequences move the cursor of a terminal, marks of direction show text in
    another order than it has, and what is drawn as nothing hides words in others: all
    let a text look like something else (Unicode TR 36, TR 9; UAX 44). Tabs and line
    feeds stay, and so does what joins an emoji (UTS 51).
    """
    return _TOLD_APART.sub(_named, text)


def _named(found: re.Match[str]) -> str:
    if found["emoji"]:
        return found.group()
    point = ord(found.group())
    name = unicodedata.name(found.group(), "")
    return f"[U+{point:04X}{' ' if name else ''}{name}]"
