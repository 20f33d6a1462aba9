"""JSON Patch (RFC 6902) on a resource, by JSON Pointers (RFC 6901).

Written here since the libraries for it compare `true` with 1 as equal and copy every
number; the examples of the RFC's appendix are in the tests.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from fhir_profiles.lexical import parse
from fhir_profiles.patching import (
    Copier,
    MalformedPatchError,
    Patch,
    PatchError,
    Resource,
    malformed,
    require_few,
)
from fhir_profiles.problems import InvalidResourceError

Pointer = tuple[str, ...]

_INDEX = re.compile(r"0|[1-9]\d{0,8}").fullmatch
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)*").fullmatch
_END: Final = "-"
_WRAP: Final = b'{"operations":\n'
_WITH_VALUE: Final = ("add", "replace", "test")
_WITH_FROM: Final = ("move", "copy")


@dataclass(frozen=True)
class _Operation:
    index: int
    op: str
    path: Pointer
    source: Pointer
    value: Any


@dataclass(frozen=True)
class _Document:
    """The copy that is patched, in an object so that the root can be replaced too."""

    holder: dict[str, Any]
    copier: Copier


def json_patch(body: bytes) -> Patch:
    """Read a JSON Patch.

    Raises:
        MalformedPatchError: it is none; the issue names the operation.

    """
    listed = _listed(body)
    require_few(len(listed))
    operations = tuple(_operation(i, each) for i, each in enumerate(listed))
    return Patch(
        apply=partial(_applied, operations),
        compares=any(each.op == "test" for each in operations),
    )


def _listed(body: bytes) -> list[Any]:
    """Read an array by the reader of objects, on lines of its own."""
    try:
        content = parse(_WRAP + body.removeprefix(BOM_UTF8) + b"\n}")
    except InvalidResourceError as error:
        raise MalformedPatchError(
            replace(each, line=each.line - 1) if each.line and each.line > 1 else each
            for each in error.issues
        ) from None
    operations = content["operations"]
    if len(content) > 1 or not isinstance(operations, list):
        malformed("A JSON Patch is an array of operations (RFC 6902).")
    return operations


def _operation(index: int, sent: object) -> _Operation:
    place = f"[{index}]"
    if not isinstance(sent, dict):
        malformed("An operation is an object with op and path.", place)
    op = sent.get("op")
    if not isinstance(op, str) or op not in _STEPS:
        malformed(f"op is one of {', '.join(_STEPS)}.", f"{place}.op")
    if op in _WITH_VALUE and "value" not in sent:
        malformed(f"{op} needs a value.", place)
    source = _pointer(sent.get("from"), f"{place}.from") if op in _WITH_FROM else ()
    path = _pointer(sent.get("path"), f"{place}.path")
    if op == "move" and source != path and path[: len(source)] == source:
        malformed("Nothing can be moved into itself.", place)
    return _Operation(index, op, path, source, sent.get("value"))


def _pointer(text: object, place: str) -> Pointer:
    if not isinstance(text, str) or not _POINTER(text):
        malformed("Write a JSON Pointer such as /name/0/family.", place)
    return tuple(
        token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:]
    )


def _applied(operations: tuple[_Operation, ...], resource: Resource) -> Resource:
    copier = Copier()
    document = _Document({"": copier.copy(resource)}, copier)
    for operation in operations:
        try:
            _STEPS[operation.op](document, operation)
        except _MismatchError as fault:
            raise PatchError(
                f"Operation [{operation.index}] ({operation.op}): {fault} Nothing was "
                "changed."
            ) from None
    patched = document.holder.get("")
    if not isinstance(patched, dict):
        raise PatchError("The patch leaves no resource: nothing was changed.")
    return patched


class _MismatchError(Exception):
    """An operation does not fit the document."""


def _add(document: _Document, asked: _Operation) -> None:
    _put(document, asked.path, document.copier.copy(asked.value))


def _remove(document: _Document, asked: _Operation) -> None:
    _taken(document, asked.path)


def _replace(document: _Document, asked: _Operation) -> None:
    container, key = _existing(document, asked.path)
    container[key] = document.copier.copy(asked.value)


def _move(document: _Document, asked: _Operation) -> None:
    _put(document, asked.path, _taken(document, asked.source))


def _copy(document: _Document, asked: _Operation) -> None:
    container, key = _existing(document, asked.source)
    _put(document, asked.path, document.copier.copy(container[key]))


def _test(document: _Document, asked: _Operation) -> None:
    container, key = _existing(document, asked.path)
    if not _same(container[key], asked.value):
        raise _MismatchError("the value there is another one; read the resource again.")


_STEPS: Final[dict[str, Callable[[_Document, _Operation], None]]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


def _put(document: _Document, path: Pointer, value: object) -> None:
    container, token = _container(document, path)
    if isinstance(container, list):
        place = len(container) if token == _END else _index(token)
        if place > len(container):
            raise _MismatchError("the array is shorter than the index says.")
        container.insert(place, value)
    else:
        container[token] = value


def _taken(document: _Document, path: Pointer) -> object:
    container, key = _existing(document, path)
    return container.pop(key)


def _existing(document: _Document, path: Pointer) -> tuple[Any, str | int]:
    """Return the container and the key of what is there."""
    container, token = _container(document, path)
    key: str | int = token
    if isinstance(container, list):
        key = _index(token)
        found = key < len(container)
    else:
        found = key in container
    if not found:
        raise _MismatchError("there is nothing at the path.")
    return container, key


def _container(
    document: _Document, path: Pointer
) -> tuple[dict[str, Any] | list[Any], str]:
    content: Any = document.holder
    tokens = ("", *path)
    for token in tokens[:-1]:
        content = _child(content, token)
    if not isinstance(content, dict | list):
        raise _MismatchError("the path leads into a value that has no parts.")
    return content, tokens[-1]


def _child(content: object, token: str) -> object:
    if isinstance(content, dict) and token in content:
        return content[token]
    if isinstance(content, list) and _index(token) < len(content):
        return content[int(token)]
    raise _MismatchError("there is nothing at the path.")


def _index(token: str) -> int:
    if not _INDEX(token):
        raise _MismatchError("an array's elements are named by their index.")
    return int(token)


def _same(there: object, wanted: object) -> bool:
    """Compare as RFC 6902, section 4.6 says: numbers by value, true is not 1."""
    if isinstance(there, dict) and isinstance(wanted, dict):
        return there.keys() == wanted.keys() and all(
            _same(value, wanted[key]) for key, value in there.items()
        )
    if isinstance(there, list) and isinstance(wanted, list):
        return len(there) == len(wanted) and all(map(_same, there, wanted))
    if isinstance(there, bool) or isinstance(wanted, bool):
        return there is wanted
    return there == wanted
