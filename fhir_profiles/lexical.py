"""FHIR JSON between bytes and Python, without losing or inventing anything.

Stricter than a JSON parser: duplicate names, NaN, control characters, lone surrogates,
absurd numbers and deep nesting are refused (http://hl7.org/fhir/R4/json.html). A byte
order mark is dropped, as RFC 8259 paragraph 8.1 lets a receiver do. Decimals keep the
text they came with, since 72.50 and 72.5 are not the same
(http://hl7.org/fhir/R4/datatypes.html#decimal).
"""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, Never, Self

import msgspec

from fhir_profiles.catalogue import CATALOGUE, sentence
from fhir_profiles.positions import Position, first_fault, position
from fhir_profiles.problems import InvalidResourceError, Issue, masked

DEPTH: Final = 60
"""Levels of arrays and objects that are read."""

_DIGITS: Final = 64
_EXPONENT: Final = 400
_UNUSUAL = re.compile(rb"\\[ubf]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_EXPONENT_TEXT: Final = 6
_OTHER = bytes(set(range(256)) - set(b'[]{}"'))
_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_QUOTED = re.compile(rb'"[^"]*"')
_LEAF = re.compile(rb"\[\]|\{\}")


class Lexeme(Decimal):
    """A decimal that remembers how it was written."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """Read a JSON number with a fraction or an exponent."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.text,)


class _Fault(Exception):  # noqa: N818
    """Something that JSON allows and FHIR or this gateway does not."""


def parse(body: bytes) -> dict[str, Any]:
    """Read one JSON object: `str`, `int`, `Lexeme`, `bool`, `None`, `list`, `dict`.

    A fast parser reads it first. Wherever that one would be lenient, or says no, a
    strict one reads it again and decides, and finds the line and column.

    Raises:
        InvalidResourceError: with the line and column of the first fault.

    """
    body = body.removeprefix(BOM_UTF8)
    try:
        content = _FAST.decode(body)
        compact = _ENCODER.encode(content)
    except (ValueError, RecursionError, _Fault):
        content = _strictly(body)
        compact = body
    else:
        if not _is_same(body, compact) or _is_odd(body, compact):
            content = _strictly(body)
    return _plain_object(content, body, compact)


def _is_same(body: bytes, compact: bytes) -> bool:
    """Tell whether the fast parser surely dropped no name as a duplicate.

    A dropped name is missing after writing again, and with it its quotation marks.
    Only a mark inside a text that is escaped by its number counts on one side alone.
    """
    if body.count(b'"') != compact.count(b'"'):
        return False
    return not _UNUSUAL.search(body) or b"\\u0022" not in body


def _is_odd(body: bytes, compact: bytes) -> bool:
    """Tell whether there may be a number of 65 digits, or a -0 that lost its sign."""
    if _LONG in compact.translate(_AS_NUL):
        return True
    return body.count(b"-") != compact.count(b"-")


def _strictly(body: bytes) -> object:
    return _read(_decoded(body))


def _plain_object(content: object, body: bytes, compact: bytes) -> dict[str, Any]:
    if _is_deep(compact):
        text = _decoded(body)
        _refuse("lexical.depth", str(DEPTH), at=first_fault(text, "lexical.depth"))
    if _UNUSUAL.search(body):
        _require_plain(content, _decoded(body))
    if not isinstance(content, dict):
        _refuse("lexical.root", masked(content), at=(1, 1))
    return content


def serialise(resource: dict[str, Any]) -> bytes:
    """Write compact UTF-8 JSON, each decimal as it was read."""
    return _ENCODER.encode(resource)


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode("utf-8")
        _refuse("lexical.encoding", at=position(before, len(before)))


def _read(text: str) -> object:
    try:
        content: object = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        _refuse("lexical.syntax", error.msg, at=(error.lineno, error.colno))
    except _Fault as fault:
        kind = str(fault)
        _refuse(kind, at=first_fault(text, kind))
    except RecursionError:
        _refuse("lexical.depth", str(DEPTH), at=(1, 1))
    return content


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise _Fault("lexical.duplicate-key")
    return content


def _decimal(text: str) -> Lexeme:
    mantissa, _, exponent = text.lower().partition("e")
    digits = len(mantissa) - ("." in mantissa) - mantissa.startswith("-")
    if digits > _DIGITS or len(exponent) > _EXPONENT_TEXT:
        raise _Fault("lexical.number")
    if abs(int(exponent or "0")) > _EXPONENT:
        raise _Fault("lexical.number")
    return Lexeme(text)


def _integer(text: str) -> int | Lexeme:
    """Read a whole number; -0 is kept as written, since an int has no sign of zero."""
    if len(text) > _DIGITS:
        raise _Fault("lexical.number")
    return Lexeme(text) if text == "-0" else int(text)


def _constant(_name: str) -> Never:
    raise _Fault("lexical.number")


def _is_deep(body: bytes) -> bool:
    """Keep the brackets of well-formed JSON and peel them from the inside.

    Whole-buffer operations do this about a hundred times faster than a walk. A turn of
    the first loop peels one or two levels, so that it can prove shallow JSON shallow.
    """
    brackets = _brackets(body)
    for _ in range(DEPTH // 2):
        if not brackets:
            return False
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    brackets = _brackets(body)
    for _ in range(DEPTH):
        brackets = _LEAF.sub(b"", brackets)
    return bool(brackets)


def _brackets(body: bytes) -> bytes:
    if b"\\" in body:
        body = _ESCAPE.sub(b"", body)
    brackets = body.translate(None, _OTHER).replace(b'""', b"")
    return _QUOTED.sub(b"", brackets) if b'"' in brackets else brackets


def _require_plain(content: object, text: str) -> None:
    if any(_CONTROL.search(part) for part in _texts(content)):
        _refuse("lexical.character", at=first_fault(text, "lexical.character"))


def _texts(content: object) -> Iterator[str]:
    """Give every text, names included; the depth has been limited before."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for item in content:
            yield from _texts(item)
    elif isinstance(content, dict):
        yield from content
        for item in content.values():
            yield from _texts(item)


def _refuse(kind: str, *details: str, at: Position | None) -> Never:
    line, column = at or (None, None)
    issue = Issue(
        severity="error",
        code=CATALOGUE[kind].code,
        id=kind,
        expression="",
        diagnostics=sentence(kind, *details),
        line=line,
        column=column,
    )
    raise InvalidResourceError([issue])


def _written(value: object) -> msgspec.Raw:
    if isinstance(value, Lexeme):
        return msgspec.Raw(value.text.encode())
    raise TypeError(f"{type(value).__name__} has no JSON form; pass parsed JSON only.")


_AS_NUL = bytes.maketrans(b"123456789", b"0" * 9)
_LONG = b"0" * (_DIGITS + 1)

_FAST: Final = msgspec.json.Decoder(float_hook=_decimal)
_ENCODER: Final = msgspec.json.Encoder(enc_hook=_written)
_DECODER: Final = json.JSONDecoder(
    parse_float=_decimal,
    parse_int=_integer,
    parse_constant=_constant,
    object_pairs_hook=_object,
)
