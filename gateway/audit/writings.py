"""The bytes by which a file may hold a value, or a data key, however it is written."""

import base64
import html
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from html.entities import codepoint2name
from typing import Final
from unicodedata import normalize
from urllib.parse import quote, quote_plus

SHORTEST: Final = 6
"""Bytes: what is shorter is found by chance among random ones, such as ciphertext."""
_TRIPLE: Final = 3  # bytes that base64 writes as four characters
_ESCAPES: Final = re.compile(rb"\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}")
_ASCII: Final = 128
_NAMED: Final = {
    point: f"&{name};" for point, name in codepoint2name.items() if point >= _ASCII
}
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")


def of_value(value: str) -> set[bytes]:
    """Return a value in UTF-8 (also in other case), UTF-16, Latin-1, escaped, coded.

    Escaped is as in JSON, a URL and HTML; coded is in base64 and hexadecimal. What is
    shorter than `SHORTEST` is left out, and so is Latin-1 where it lacks a letter: the
    others alone are another text.
    """
    forms = {*_plain(value), *_escaped(value), *_coded(value.encode())}
    return {each for each in forms if len(each) >= SHORTEST}


def of_key(key: bytes) -> set[bytes]:
    """Return a key as it is, and as base64 and hexadecimal write it."""
    return {key, *_coded(key)}


def _plain(value: str) -> Iterator[bytes]:
    yield value.encode("utf-16-le")
    yield value.encode("utf-16-be")
    with suppress(UnicodeEncodeError):
        yield value.encode("latin-1")
    for composed in (value, normalize("NFC", value), normalize("NFD", value)):
        for cased in (composed, composed.lower(), composed.upper()):
            yield cased.encode()


def _escaped(value: str) -> Iterator[bytes]:
    for written in (*_in_json(value), *_in_urls(value)):
        content = written.encode()
        yield content
        yield _ESCAPES.sub(_lower, content)
        yield _ESCAPES.sub(_upper, content)
    yield html.unescape(value).encode()
    in_html = html.escape(value)
    for quoted in (
        in_html,
        html.escape(value, quote=False),
        in_html.replace("&#x27;", "&#39;"),
        in_html.replace("&#x27;", "&apos;"),
    ):
        yield quoted.encode()
        yield quoted.translate(_NAMED).encode("ascii", "xmlcharrefreplace")
        yield quoted.encode("ascii", "xmlcharrefreplace")
        for form in ("&#x%x;", "&#x%X;"):
            yield "".join(_hexadecimal(each, form) for each in quoted).encode()


def _hexadecimal(letter: str, form: str) -> str:
    return letter if ord(letter) < _ASCII else form % ord(letter)


def _in_json(value: str) -> Iterator[str]:
    for ascii_only in (True, False):
        written = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield written
        yield written.replace("/", r"\/")


def _in_urls(value: str) -> tuple[str, ...]:
    return quote(value), quote(value, safe=""), quote_plus(value)


def _coded(content: bytes) -> Iterator[bytes]:
    yield content.hex().encode()
    yield content.hex().upper().encode()
    for before in range(_TRIPLE):
        yield from _base64(content, before)


def _base64(content: bytes, before: int) -> Iterator[bytes]:
    """Give what base64 makes of a value that begins after so many bytes of three."""
    padded = bytes(before) + content
    whole = base64.b64encode(padded[: len(padded) // _TRIPLE * _TRIPLE])
    inner = whole[-(-before * 8 // 6) :]
    if len(inner) >= SHORTEST:
        yield inner
        yield inner.translate(_URL_SAFE)


def _lower(escape: re.Match[bytes]) -> bytes:
    return escape[0].lower()


def _upper(escape: re.Match[bytes]) -> bytes:
    start = 2 if escape[0].startswith(b"\\") else 1  # `\u` itself is never `\U`
    return escape[0][:start] + escape[0][start:].upper()
