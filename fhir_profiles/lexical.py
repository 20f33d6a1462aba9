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
from typing import Any, Final, Never

import msgspec

from fhir_profiles.catalogue import CATALOGUE, sentence
from fhir_profiles.depth import DEPTH, is_deep
from fhir_profiles.lexeme import Lexeme
from fhir_profiles.positions import Position, first_fault, position
from fhir_profiles.problems import InvalidResourceError, Issue, masked
from fhir_profiles.rewriting import is_same

__all__ = (
    "DEPTH",
    "Fault",
    "Lexeme",
    "decimal",
    "is_same",
    "parse",
    "plain",
    "serialise",
    "tree",
)

_DIGITS: Final = 64
_EXPONENT: Final = 400
_UNUSUAL = re.compile(rb"\\[ubf]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_EXPONENT_TEXT: Final = 6
_SHORT: Final = 32


class Fault(Exception):  # noqa: N818 (it is no error of the program)
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
        content = tree(body)
        compact = _ENCODER.encode(content)
    except (ValueError, RecursionError, Fault):
        content, compact = _strictly(body), body
    else:
        if not is_same(body, compact):
            content = _strictly(body)
    return plain(content, body, compact)


def tree(body: bytes | msgspec.Raw) -> Any:  # noqa: ANN401 (it is JSON)
    """Read JSON with the fast parser.

    Whoever calls this sees to what that parser lets pass: `is_same` and `plain`.

    Raises:
        ValueError, RecursionError, Fault: it is no JSON, too deep, or has a number
            that is not read.

    """
    return _FAST.decode(body)


def _strictly(body: bytes) -> object:
    return _read(_decoded(body))


def plain(content: object, body: bytes, compact: bytes) -> dict[str, Any]:
    """Refuse what `tree` let pass: long integers, great depth, control characters.

    Raises:
        InvalidResourceError: with the line and column of the first fault.

    """
    if _LONG in compact.translate(_AS_NUL):
        content = _strictly(body)
    if is_deep(compact):
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
    except Fault as fault:
        kind = str(fault)
        _refuse(kind, at=first_fault(text, kind))
    except RecursionError:
        _refuse("lexical.depth", str(DEPTH), at=(1, 1))
    return content


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise Fault("lexical.duplicate-key")
    return content


def decimal(text: str) -> Lexeme:
    """Read a number with a fraction or an exponent.

    Raises:
        Fault: it has too many digits, or too large an exponent.

    """
    if len(text) < _SHORT and "e" not in text and "E" not in text:
        return Lexeme.__new__(Lexeme, text)  # quicker than the call of a class
    mantissa, _, exponent = text.lower().partition("e")
    digits = len(mantissa) - ("." in mantissa) - mantissa.startswith("-")
    if digits > _DIGITS or len(exponent) > _EXPONENT_TEXT:
        raise Fault("lexical.number")
    if abs(int(exponent or "0")) > _EXPONENT:
        raise Fault("lexical.number")
    return Lexeme(text)


def _integer(text: str) -> int | Lexeme:
    """Read a whole number; -0 is kept as written, since an int has no sign of zero."""
    if len(text) > _DIGITS:
        raise Fault("lexical.number")
    return Lexeme(text) if text == "-0" else int(text)


def _constant(_name: str) -> Never:
    raise Fault("lexical.number")


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
    if type(value) is Lexeme:
        return msgspec.Raw(value.text)
    raise TypeError(f"{type(value).__name__} has no JSON form; pass parsed JSON only.")


_AS_NUL = bytes.maketrans(b"123456789", b"0" * 9)
_LONG = b"0" * (_DIGITS + 1)

_FAST: Final = msgspec.json.Decoder(float_hook=decimal)
_ENCODER: Final = msgspec.json.Encoder(enc_hook=_written)
_DECODER: Final = json.JSONDecoder(
    parse_float=decimal,
    parse_int=_integer,
    parse_constant=_constant,
    object_pairs_hook=_object,
)
