"""The paths of a FHIRPath Patch: a small, exact part of FHIRPath.

`Patient.contact[0].name`, `.where(system = 'x' and use = 'old')`, `.first()`,
`.last()`. Anything else is refused, never guessed
(http://hl7.org/fhir/R4/fhirpatch.html, http://hl7.org/fhirpath/N1/).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Never

from fhir_profiles.lexeme import Lexeme
from fhir_profiles.patching import malformed

Literal = str | int | Lexeme | bool

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z]\w*)|(?P<number>\d{1,18}(?:\.\d{1,18})?)"
    r"|'(?P<text>(?:[^'\\]|\\.)*)'|(?P<mark>[.\[\]()=]))\s*",
    re.ASCII | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
_ENDS: Final = {"first": 0, "last": -1}
_LENGTH: Final = 4000  # characters of a path
_DEPTH: Final = 8  # criteria within criteria


@dataclass(frozen=True)
class Name:
    """A step to the elements of that name."""

    name: str


@dataclass(frozen=True)
class Index:
    """A step to one of several; -1 is the last."""

    index: int


@dataclass(frozen=True)
class Criterion:
    """`path = literal`."""

    path: "Path"
    literal: Literal


@dataclass(frozen=True)
class Where:
    """A step to those that meet every criterion."""

    criteria: tuple[Criterion, ...]


Step = Name | Index | Where
Path = tuple[Step, ...]


def path_of(text: str, place: str) -> Path:
    """Read a path; `place` is where it stands in the patch.

    Raises:
        MalformedPatchError: it is no path, or uses more of FHIRPath than is known.

    """
    reader = _Reader(text, place)
    path = reader.path()
    reader.end()
    return path


class _Reader:
    def __init__(self, text: str, place: str) -> None:
        self._place = place
        self._tokens = _tokens(text)
        self._depth = 0
        if not self._tokens:
            self._refuse()

    def path(self) -> Path:
        steps: list[Step] = [Name(self._take("name"))]
        while True:
            if self._found("."):
                steps.append(self._step())
            elif self._found("["):
                steps.append(Index(self._whole()))
                self._need("]")
            else:
                return tuple(steps)

    def end(self) -> None:
        if self._tokens:
            self._refuse()

    def _step(self) -> Step:
        name = self._take("name")
        if not self._found("("):
            return Name(name)
        step: Step
        if name == "where":
            step = Where(self._criteria())
        elif name in _ENDS:
            step = Index(_ENDS[name])
        else:
            self._refuse()
        self._need(")")
        return step

    def _criteria(self) -> tuple[Criterion, ...]:
        self._depth += 1
        if self._depth > _DEPTH:
            self._refuse()
        criteria = [self._criterion()]
        while self._tokens[:1] == [("name", "and")]:
            self._tokens.pop(0)
            criteria.append(self._criterion())
        self._depth -= 1
        return tuple(criteria)

    def _criterion(self) -> Criterion:
        path = self.path()
        self._need("=")
        kind, text = self._tokens.pop(0) if self._tokens else ("", "")
        if kind not in _LITERALS or (kind == "name" and text not in _BOOLEANS):
            self._refuse()
        return Criterion(path, _LITERALS[kind](text))

    def _whole(self) -> int:
        text = self._take("number")
        if not text.isdecimal():
            self._refuse()
        return int(text)

    def _take(self, kind: str) -> str:
        if not self._tokens or self._tokens[0][0] != kind:
            self._refuse()
        return self._tokens.pop(0)[1]

    def _found(self, mark: str) -> bool:
        found = self._tokens[:1] == [("mark", mark)]
        if found:
            self._tokens.pop(0)
        return found

    def _need(self, mark: str) -> None:
        if not self._found(mark):
            self._refuse()

    def _refuse(self) -> Never:
        malformed(
            "A path is made of names, [index], where(path = 'literal' and ...), "
            "first() and last(); write it with these, or send JSON Patch.",
            self._place,
        )


def _tokens(text: str) -> list[tuple[str, str]]:
    """Cut a path into its tokens; none where some of it is no token."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text) and len(text) <= _LENGTH:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            return []
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) > 1:
        return chr(int(escape[1:], 16))
    return _ESCAPED.get(escape, escape)


def _number(text: str) -> Literal:
    return Lexeme(text) if "." in text else int(text)


_BOOLEANS: Final = {"true": True, "false": False}
_LITERALS: Final[dict[str, Callable[[str], Literal]]] = {
    "text": _unescaped,
    "number": _number,
    "name": _BOOLEANS.__getitem__,
}
