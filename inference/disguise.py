"""A text as it would read without its disguise: pure, for the screen of records.

Letters that look alike are folded, and what is encoded is decoded: base64, hexadecimal,
ROT13, entities and escapes, reversed text, digits in the place of letters.
"""

import base64
import binascii
import codecs
import html
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote

from inference.plain import comparable

# Letters of other scripts that are read as Latin ones (Unicode UTS 39, the commonest).
_ALIKE: Final = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u0261"
    "\u03b1\u03bf\u03c1\u03bd\u03b9\u03ba\u03c4\u0131\u0142\u00f8\u0585\u0578",
    "aeopcyxijsdlgaopviktiloon",
)
_LEET: Final = str.maketrans("0134578@$!", "oieastbasi")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX: Final = re.compile(r"(?:(?:0x|\\x)?[0-9a-fA-F]{2}[\s,:]?){8,}")
_ESCAPE: Final = re.compile(
    r"\\u\{([0-9a-fA-F]{1,6})\}|\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})"
)
_APART: Final = re.compile(r"\b(?:\w[\s.\-_*]){4,}\w\b")
_TELLING: Final = re.compile(
    r"ignor|disregard|instruct|system|assistant|prompt|acuity|triage|level|urgent"
    r"|overrid|previous|forget"
)
_LATIN: Final = re.compile(r"[a-z]")
_BIDI: Final = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200e\u200f")
_TAGS: Final = "\U000e0000"  # from here on: tags and selectors that carry bytes
_MANY: Final = 3  # selectors or joiners beyond those of an emoji
_PRINTABLE: Final = 0.9


def folded(text: str) -> str:
    """Return a text with case, width, accents and letters that look alike folded.

    Letters of another script are folded only in words that mix it with Latin.
    """
    seen = "".join(c for c in text if c.isspace() or not _is_hidden(c))
    words = (_unmixed(word) for word in comparable(seen).split())
    apart = unicodedata.normalize("NFKD", " ".join(words))
    marked = (c for c in apart if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", "".join(marked))


def decoded(text: str) -> Iterator[str]:
    """Give other readings of a text; most say nothing."""
    for reading in _respelt(text):
        if _TELLING.search(reading.casefold()):  # most say nothing, and quickly
            yield reading
    unescaped = html.unescape(unquote(_ESCAPE.sub(_character, text)))
    if unescaped != text:
        yield unescaped
    for found in _BASE64.findall(text):
        yield from _read(_from_base64, found)
    for found in _HEX.findall(text):
        yield from _read(_from_hex, found)


def _respelt(text: str) -> Iterator[str]:
    yield text.translate(_LEET)
    yield codecs.encode(text, "rot13")
    yield text[::-1]
    yield _APART.sub(lambda found: re.sub(r"[\s.\-_*]", "", found[0]), text)


def smuggles(text: str) -> bool:
    """Say whether a text holds unseen characters that can mean much."""
    hidden = [c for c in text if _is_hidden(c)]
    return len(hidden) > _MANY or any(c in _BIDI or c >= _TAGS for c in hidden)


def _unmixed(word: str) -> str:
    return word.translate(_ALIKE) if _LATIN.search(word) else word


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cf", "Co"} or (
        "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    )


def _character(found: re.Match[str]) -> str:
    number = int(found[1] or found[2] or found[3], 16)
    return chr(number) if number <= sys.maxunicode else ""


def _from_base64(found: str) -> bytes:
    plain = found.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4))


def _from_hex(found: str) -> bytes:
    return bytes.fromhex(re.sub(r"0x|\\x|[\s,:]", "", found))


def _read(decode: Callable[[str], bytes], found: str) -> Iterator[str]:
    try:
        text = decode(found).decode()
    except (ValueError, binascii.Error):
        return
    printable = sum(c.isprintable() or c.isspace() for c in text)
    if printable >= _PRINTABLE * len(text):
        yield text
