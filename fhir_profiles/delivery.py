"""A Bundle as it was delivered: parsed, checked, and cut into the bytes received.

The quick way for large bodies. Entries are read one after the other, so that each is
checked while it is still in the processor's cache. What is accepted at first sight
(`acceptance.py`) is neither too deep nor holds a control character, so those scans are
made only of what is doubted.
"""

from codecs import BOM_UTF8
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, Raw, UnsetType

from fhir_profiles import lexical
from fhir_profiles.findings import Walk
from fhir_profiles.garbage import collection_paused
from fhir_profiles.problems import Issue
from fhir_profiles.schema import schema
from fhir_profiles.structure import check, checked

Object = dict[str, Any]

_URN: Final = b'"reference":"urn:'
"""In compact JSON, where no text can hold these marks unescaped."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A body that was read."""

    resource: dict[str, Any]
    issues: list[Issue]
    """What `structure.check` says, without lines and columns."""
    received: tuple[bytes, ...] = field(repr=False)
    """For each entry of a Bundle the very bytes of its resource, empty without one."""
    urns: frozenset[str] = field(repr=False)
    """Every urn: that a Reference names."""


def delivered(body: bytes) -> Delivery:
    """Parse, check and cut a body.

    Raises:
        InvalidResourceError: if it cannot be read as JSON, with line and column.

    """
    body = body.removeprefix(BOM_UTF8)
    with collection_paused(len(body)):
        try:
            return _quickly(body)
        except (ValueError, RecursionError, lexical.Fault):
            return _thoroughly(body)


_ABSENT: Final = Raw(b"")


class _Entry(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An entry of a request, whose resource has not been read."""

    fullUrl: str | UnsetType = UNSET  # noqa: N815 (FHIR's name)
    resource: Raw = _ABSENT
    request: Object | UnsetType = UNSET


class _Shell(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A Bundle without rare elements, whose entries have not been read."""

    resourceType: Literal["Bundle"]  # noqa: N815
    type: str
    entry: list[_Entry]
    id: str | UnsetType = UNSET
    timestamp: str | UnsetType = UNSET


class _Bundle(msgspec.Struct):
    entry: list[Raw] = []


class _Holder(msgspec.Struct):
    resource: Raw = _ABSENT


_SHELL: Final = msgspec.json.Decoder(_Shell, float_hook=lexical.decimal)
_BUNDLE: Final = msgspec.json.Decoder(_Bundle)
_HOLDER: Final = msgspec.json.Decoder(_Holder)


def _quickly(body: bytes) -> Delivery:
    """Read a Bundle entry by entry, or raise, where anything is out of the ordinary."""
    shell = _SHELL.decode(body)
    walk = Walk()
    walk.accepted = set()
    entries, texts = _read(shell.entry, walk.accepted)
    bundle = {
        name: value
        for name, value in msgspec.structs.asdict(shell).items()
        if value is not UNSET
    }
    compact = lexical.serialise(bundle | {"entry": list(map(Raw, texts))})
    if not lexical.is_same(body, compact):
        raise lexical.Fault("lexical.duplicate-key")
    bundle["entry"] = entries
    return Delivery(
        resource=bundle,
        issues=checked(bundle, walk),
        received=tuple(bytes(entry.resource) for entry in shell.entry),
        urns=_urns(compact),
    )


def _read(parts: list[_Entry], accepted: set[int]) -> tuple[list[Object], list[bytes]]:
    """Give each entry as a tree and as compact JSON, and note which are right."""
    accepts = schema().forms.accepts_entry
    entries: list[Object] = []
    texts = []
    for part in parts:
        entry = _entry(part)
        text = lexical.serialise(entry)
        if accepts(entry, text):
            accepted.add(id(entry))
        else:
            nested = b'{"entry":[%b]}' % text
            lexical.plain(entry, nested, nested)
        entries.append(entry)
        texts.append(text)
    return entries, texts


def _entry(part: _Entry) -> Object:
    entry: Object = {}
    if part.fullUrl is not UNSET:
        entry["fullUrl"] = part.fullUrl
    if part.resource is not _ABSENT:
        entry["resource"] = lexical.tree(part.resource)
    if part.request is not UNSET:
        entry["request"] = part.request
    return entry


def _thoroughly(body: bytes) -> Delivery:
    """Read a body in the order in which faults are to be found."""
    resource = lexical.parse(body)
    is_bundle = isinstance(resource.get("entry"), list)
    raws = _BUNDLE.decode(body).entry if is_bundle else []
    return Delivery(
        resource=resource,
        issues=check(resource),
        received=tuple(map(_cut, raws)),
        urns=_urns(lexical.serialise(resource)),
    )


def _cut(entry: Raw) -> bytes:
    """Cut out the resource; a batch may hold entries that are no objects."""
    try:
        return bytes(_HOLDER.decode(entry).resource)
    except msgspec.ValidationError:
        return b""


def _urns(compact: bytes) -> frozenset[str]:
    _, *after = compact.split(_URN)
    rests = {rest[: rest.index(b'"')] for rest in after}
    return frozenset(f"urn:{rest.decode()}" for rest in rests)
