"""What an event says of people, in the forms in which it may name one.

Words are compared without accents, and small and capital letters alike. What is not
text, such as codes and the names of types, names nobody.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import msgspec

Words = tuple[str, ...]
TAG: Final = re.compile(r"<[^>]*>")
_WORD: Final = re.compile(r"\w+")
_REFERENCE: Final = re.compile(
    r"(?:https?://[^\s\"'<>?#|]*/|(?<![A-Za-z0-9_]))"
    r"[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}"
)
_QUERY: Final = re.compile(r"(?:[^\s?]*\?)?[A-Za-z_][\w.:\-]*=\S*")
_CLAIM: Final = re.compile(r"identity/[A-Z][A-Za-z]*/")  # begins a stream's name
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
_CONTACTS: Final = frozenset({"phone", "fax", "email", "pager", "url", "sms", "other"})
_PATIENTS: Final = frozenset({"Patient", "Person"})
_ASIDE: Final = frozenset({"contact"})  # elements of a patient that name somebody else
_OF_REFERENCE: Final = frozenset({"type", "id", "version"})
_NAMES: Final = frozenset({"name", "given", "family"})


@dataclass(frozen=True)
class Name:
    """A person's name; `own` where it may be that of a patient."""

    family: Words
    given: tuple[Words, ...]
    own: bool

    @property
    def full(self) -> Words:
        """Return it as people write it."""
        return (*chain(*self.given), *self.family)

    @property
    def is_whole(self) -> bool:
        """Say whether it has both parts: one alone is shared by too many."""
        return bool(self.family and self.given)


@dataclass
class Sayings:
    """What was found in one event."""

    references: set[str] = field(default_factory=set)  # relative and absolute ones
    identifiers: set[tuple[str, str]] = field(default_factory=set)
    contacts: set[str] = field(default_factory=set)  # without what is between
    births: set[str] = field(default_factory=set)
    names: list[Name] = field(default_factory=list)
    texts: list[Words] = field(default_factory=list)
    asides: list[Words] = field(default_factory=list)  # what others are called


@dataclass(frozen=True)
class _Place:
    """Where a value stands: under which key, in whose resource."""

    key: str = ""
    own: bool = True  # in what may be a patient's, or in no resource at all
    contained: bool = False


def sayings(event: Any) -> Sayings:  # noqa: ANN401 (any decoded event)
    """Read an event; content that is JSON is read, too."""
    found = Sayings()
    _read(event, _Place(), found)
    return found


def words(text: str) -> Words:
    """Return the words of a text as they are compared."""
    if text.isascii():
        return tuple(_WORD.findall(text.lower()))
    small = unicodedata.normalize("NFKD", text).casefold()
    letters = unicodedata.normalize("NFKD", small)
    plain = "".join(each for each in letters if not unicodedata.combining(each))
    return tuple(_WORD.findall(plain))


def together(text: str) -> str:
    """Return a number or address without what people write between its parts."""
    return "".join(words(text))


def name_of(human: Mapping[str, Any], *, own: bool = True) -> Name:
    """Return a HumanName (http://hl7.org/fhir/R4/datatypes.html#HumanName)."""
    given = human.get("given")
    listed = given if isinstance(given, list) else [given]
    return Name(
        family=words(str(human.get("family") or "")),
        given=tuple(filter(None, (words(str(each or "")) for each in listed))),
        own=own,
    )


def decoded(content: bytes) -> Any:  # noqa: ANN401 (any JSON)
    """Return what JSON says, else the text as it is."""
    try:
        return msgspec.json.decode(content)
    except ValueError:
        return content.decode(errors="replace")


def _read(value: Any, place: _Place, found: Sayings) -> None:  # noqa: ANN401
    said = decoded(value) if isinstance(value, bytes) else value
    if isinstance(said, str):
        _text(said, place.key, found)
    elif isinstance(said, dict):
        _object(said, place, found)
    elif isinstance(said, list | tuple):
        for each in said:
            _read(each, place, found)


def _object(said: Mapping[str, Any], place: _Place, found: Sayings) -> None:
    kind, identity = said.get("resourceType"), said.get("id")
    own = kind in _PATIENTS if isinstance(kind, str) else place.own
    if isinstance(kind, str) and isinstance(identity, str) and not place.contained:
        found.references.add(f"{kind}/{identity}")
    elif said.keys() <= _OF_REFERENCE and isinstance(identity, str):
        found.references.add(f"{said.get('type')}/{identity}")
    _note_name(said, place.key, found, own=own)
    skipped = _noted_number(said, found) or _noted_display(said, found)
    for key, held in said.items():
        if key not in skipped and key not in _CODED:
            contained = place.contained or key == "contained"
            inner = _Place(str(key), own and key not in _ASIDE, contained)
            _read(held, inner, found)


def _note_name(said: Mapping[str, Any], key: str, found: Sayings, *, own: bool) -> None:
    if "family" in said or "given" in said:
        name = name_of(said, own=own and key == "name")
        found.names.append(name)
        (found.texts if name.own else found.asides).append(name.full)
    birth = said.get("birthDate")
    if own and isinstance(birth, str):
        found.births.add(birth)


def _noted_number(said: Mapping[str, Any], found: Sayings) -> frozenset[str]:
    """Note an identifier, or a telecom; return the keys that are told thereby."""
    system, value = said.get("system"), said.get("value")
    if not isinstance(value, str):
        return frozenset()
    if not isinstance(system, str) or system in _CONTACTS:
        found.contacts.add(together(value))
        return frozenset()
    found.identifiers.add((system, value))
    return frozenset({"system", "value"})


def _noted_display(said: Mapping[str, Any], found: Sayings) -> frozenset[str]:
    """Note how a reference calls whom it names: a nurse may be called like her."""
    target, display = said.get("reference"), said.get("display")
    if not isinstance(target, str) or not isinstance(display, str):
        return frozenset()
    if "Patient/" in target or not _REFERENCE.search(target):
        return frozenset()
    found.asides.append(words(display))
    return frozenset({"display"})


def _text(text: str, key: str, found: Sayings) -> None:
    if key in _CODES:
        return
    found.references.update(_references(text))
    if _QUERY.fullmatch(text):
        found.references.update(_references(unquote(text)))
        _query(text.rpartition("?")[2].partition("#")[0], found)
    elif not _identifier(text, found) and key not in _ADDRESSES:
        found.texts.append(words(_plain(text) if key == "div" else text))


def _references(text: str) -> Iterator[str]:
    for each in _REFERENCE.findall(text):
        yield each
        yield each.rstrip(".-")  # at the end of a sentence


def _identifier(text: str, found: Sayings) -> bool:
    """Note `system|value`; say whether the text is one."""
    system, between, value = _CLAIM.sub("", text, count=1).rpartition("|")
    if not between or not system or " " in text:
        return False
    found.identifiers.add((system, value))
    return True


def _query(query: str, found: Sayings) -> None:
    """Note what is asked for, the parts of a name together."""
    parts: dict[str, list[str]] = {each: [] for each in _NAMES}
    for parameter, value in parse_qsl(query, keep_blank_values=True):
        last = parameter.partition(":")[0].rpartition(".")[2]
        if last in _CODES or last.startswith("_"):
            continue
        for each in value.split(","):
            found.references.update(_references(each))
            if not _identifier(each, found):
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
