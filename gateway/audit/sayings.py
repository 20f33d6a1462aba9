"""What an event says of people, in the forms in which it may name one.

Words are compared without accents, and small and capital letters alike. What is not
text, such as codes and the names of types, names nobody.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from gateway.audit.human_names import (
    Name,
    Words,
    is_name,
    name_of,
    together,
    words,
)
from gateway.audit.statement import TAG, Element, Resource, number_of, stated

_REFERENCE: Final = re.compile(
    r"(?:https?://[^\s\"'<>?#|]*/|(?<![A-Za-z0-9_]))"
    r"[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}"
)
_QUERY: Final = re.compile(r"(?:[^\s?]*\?)?[A-Za-z_][\w.:\-]*=\S*")
_CLAIM: Final = re.compile(r"identity/([A-Z][A-Za-z]*)/")  # begins a stream's name
_CODES: Final = frozenset(
    {
        *("resourceType", "system", "code", "status", "use", "type", "gender"),
        *("language", "unit", "contentType", "profile", "mode", "intent", "priority"),
        *("method", "interaction", "purpose", "topic", "schema_sha256", "data"),
        *("versionId", "lastUpdated", "birthDate"),
    }
)
_ADDRESSES: Final = frozenset({"reference", "url", "uri", "fullUrl", "asked", "target"})
_CODED: Final = frozenset({"coding", "passages"})
_OF_REFERENCE: Final = frozenset({"type", "id", "version"})
_NAMES: Final = frozenset({"name", "given", "family"})
_IDENTIFIER: Final = "identifier"


@dataclass(frozen=True)
class Numbered:
    """An identifier that a resource of some type has, or is sought or named by."""

    kind: str
    system: str
    value: str


@dataclass
class Sayings:
    """What was found in one event."""

    references: set[str] = field(default_factory=set)  # relative and absolute ones
    identifiers: set[tuple[str, str]] = field(default_factory=set)
    numbered: set[Numbered] = field(default_factory=set)
    contacts: set[str] = field(default_factory=set)  # without what is between
    births: set[str] = field(default_factory=set)
    names: list[Name] = field(default_factory=list)
    texts: list[Words] = field(default_factory=list)
    asides: list[Words] = field(default_factory=list)  # what others are called


def sayings(event: Any) -> Sayings:  # noqa: ANN401 (any decoded event, or statement)
    """Take what tells people from an event."""
    found = Sayings()
    told: dict[int, tuple[str, ...]] = {}
    for each in stated(event).elements:
        if not _CODED.isdisjoint(each.path):
            continue
        if not isinstance(each.value, str):
            told[id(each.value)] = _object(each, each.value, found)
        elif each.key not in told.get(id(each.of), ()):
            _text(each.value, each.key, found)
    return found


def _object(here: Element, said: Resource, found: Sayings) -> tuple[str, ...]:
    """Note what an object is; return under which keys it has said all of it."""
    kind, identity = said.get("resourceType"), said.get("id")
    if isinstance(kind, str) and isinstance(identity, str) and not here.contained:
        found.references.add(f"{kind}/{identity}")
    elif said.keys() <= _OF_REFERENCE and isinstance(identity, str):
        found.references.add(f"{said.get('type')}/{identity}")
    birth = said.get("birthDate")
    if here.own and isinstance(birth, str):
        found.births.add(birth)
    if is_name(said):
        name = name_of(said, own=here.own and here.key == "name")
        found.names.append(name)
        (found.texts if name.own else found.asides).append(name.full)
    return _number(here, said, found) or _display(said, found)


def _number(here: Element, said: Resource, found: Sayings) -> tuple[str, ...]:
    number = number_of(said)
    if number is None:
        return ()
    if not number.system:
        found.contacts.add(together(number.value))
        return ()
    found.identifiers.add((number.system, number.value))
    kind = here.of.get("resourceType") or here.of.get("type")  # of a reference
    if here.key == _IDENTIFIER and isinstance(kind, str):
        found.numbered.add(Numbered(kind, number.system, number.value))
    return "system", "value"


def _display(said: Resource, found: Sayings) -> tuple[str, ...]:
    """Note how a reference calls whom it names: a nurse may be called like her."""
    target, display = said.get("reference"), said.get("display")
    if not isinstance(target, str) or not isinstance(display, str):
        return ()
    if "Patient/" in target or not _REFERENCE.search(target):
        return ()
    found.asides.append(words(display))
    return ("display",)


def _text(text: str, key: str, found: Sayings) -> None:
    if key in _CODES:
        return
    found.references.update(_references(text))
    if _QUERY.fullmatch(text):
        found.references.update(_references(unquote(text)))
        path, _, query = text.rpartition("?")
        _query(path.rpartition("/")[2], query.partition("#")[0], found)
    elif not _identifier(text, found) and key not in _ADDRESSES:
        found.texts.append(words(_plain(text) if key == "div" else text))


def _references(text: str) -> Iterator[str]:
    for each in _REFERENCE.findall(text):
        yield each
        yield each.rstrip(".-")  # at the end of a sentence


def _identifier(text: str, found: Sayings, kind: str = "") -> bool:
    """Note `system|value`; say whether the text is one."""
    claim = _CLAIM.match(text)
    system, between, value = _CLAIM.sub("", text, count=1).rpartition("|")
    if not between or not system or " " in text:
        return False
    found.identifiers.add((system, value))
    if kind := claim[1] if claim else kind:
        found.numbered.add(Numbered(kind, system, value))
    return True


def _query(kind: str, query: str, found: Sayings) -> None:
    """Note what is asked for, of resources of a type; the parts of a name together."""
    parts: dict[str, list[str]] = {each: [] for each in _NAMES}
    for parameter, value in parse_qsl(query, keep_blank_values=True):
        first = parameter.partition(":")[0]
        last = parameter.rpartition(".")[2].partition(":")[0]  # of a chain
        if last in _CODES or last.startswith("_"):
            continue
        for each in value.split(","):
            found.references.update(_references(each))
            if not _identifier(each, found, kind if first == _IDENTIFIER else ""):
                found.texts.append(words(each))
                found.contacts.add(together(each))
            if last in _NAMES:
                parts[last].append(each)
    _asked_name(parts, found)


def _asked_name(parts: Mapping[str, list[str]], found: Sayings) -> None:
    whole = [*parts["given"], *parts["name"], *parts["family"]]
    if not whole:
        return
    found.texts += [_joined(whole), _joined([*parts["name"], *parts["family"]])]
    for family in parts["family"]:
        human = {"family": family, "given": [*parts["given"], *parts["name"]]}
        found.names.append(name_of(human))
    if len(parts["name"]) > 1 and not parts["family"]:
        first, *rest = parts["name"]
        found.names.append(name_of({"family": first, "given": rest}))
        found.names.append(name_of({"family": rest[-1], "given": [first, *rest[:-1]]}))


def _joined(parts: Iterable[str]) -> Words:
    return words(" ".join(parts))


def _plain(markup: str) -> str:
    return html.unescape(TAG.sub(" ", markup))
