"""A transaction or batch as plans: parsed, checked, and cut into changes.

Nothing here knows what is stored; what a change means is decided in the unit.
"""

from codecs import BOM_UTF8
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import msgspec

from domain.errors import StaleVersionError
from fhir_profiles import lexical, structure
from fhir_profiles.bundle import (
    RefusedEntry,
    Requests,
    processing_order,
    read_bundle,
)
from fhir_profiles.problems import InvalidResourceError
from fhir_profiles.requests import Entry
from gateway.intake.addresses import UnsupportedConditionError
from gateway.intake.change import Change, ChangeError, Plan, Resource, digest_of
from gateway.intake.reception import Currency, change_of

Step = Callable[[str], AbstractContextManager[None]]
_READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, kw_only=True)
class BundleRequest:
    """What a Bundle asks for: plans that are each atomic, and reads for afterwards."""

    type: str
    plans: tuple[Plan, ...]
    reads: tuple[Entry, ...]
    refused: tuple[RefusedEntry | ChangeError, ...]


class _RawEntry(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"")


class _RawBundle(msgspec.Struct):
    # Each is cut further once it is known to be well formed: a batch may hold
    # entries that are not even objects.
    entry: list[msgspec.Raw] = []


def bundle_request(
    body: bytes, *, key: str | None, actor: str, current: Currency, step: Step
) -> BundleRequest:
    """Read a transaction or batch.

    Raises:
        InvalidResourceError: everything that is wrong with it, each with its place.
        ChangeError: a transaction asks for what the gateway does not do.

    """
    with step("parse"):
        bundle = lexical.parse(body)
    with step("check"):
        asked = _checked(bundle, body)
        cut = msgspec.json.decode(body.removeprefix(BOM_UTF8), type=_RawBundle)
        changes, refused = _changes(asked, cut, current)
    name = _key(bundle, key, actor) or f"digest/{digest_of(body).hex()}"
    return BundleRequest(
        type=asked.type,
        plans=_plans(asked.type, tuple(changes), name, digest_of(body)),
        reads=tuple(each for each in asked.entries if each.method in _READS),
        refused=(*asked.refused, *refused),
    )


def _checked(bundle: Resource, body: bytes) -> Requests:
    try:
        return read_bundle(bundle, structure.check(bundle))
    except InvalidResourceError as error:
        raise InvalidResourceError(structure.positioned(error.issues, body)) from None


def _changes(
    asked: Requests, cut: _RawBundle, current: Currency
) -> tuple[list[Change], list[ChangeError]]:
    changes: list[Change] = []
    refused: list[ChangeError] = []
    for entry in processing_order(asked.entries):
        if entry.method in _READS:
            continue
        try:
            received = _received(cut.entry[entry.index])
            changes.append(_of_entry(entry, received, current))
        except ChangeError as error:
            if asked.type == "transaction":
                raise
            refused.append(error)
    return changes, refused


def _received(entry: msgspec.Raw) -> bytes:
    """Return the very bytes of an entry's resource."""
    return bytes(msgspec.json.decode(entry, type=_RawEntry).resource)


def _plans(
    kind: str, changes: tuple[Change, ...], name: str, digest: bytes
) -> tuple[Plan, ...]:
    """Return one plan of a transaction, and one for each entry of a batch."""
    named = not name.startswith("digest/")
    if kind == "transaction":
        return (Plan(changes=changes, key=name, digest=digest, named=named),)
    return tuple(_alone(change, name, named=named) for change in changes)


def _key(bundle: Resource, key: str | None, actor: str) -> str | None:
    """Return the caller's name for the request: the header, or Bundle.identifier."""
    if key:
        return f"key/{actor}/{key}"
    named = bundle.get("identifier", {})
    if named.get("system") and named.get("value"):
        return f"bundle/{named['system']}|{named['value']}"
    return None


def _alone(change: Change, name: str, *, named: bool) -> Plan:
    """Return the plan of one entry of a batch, repeatable by its place in it."""
    asked = (change.type, change.id, change.if_match, change.if_none_exist)
    digest = digest_of(f"{change.method} {asked} ".encode() + change.received)
    return Plan(
        changes=(change,), key=f"{name}/{change.index}", digest=digest, named=named
    )


def _of_entry(entry: Entry, received: bytes, current: Currency) -> Change:
    method = _method(entry)
    kind = entry.type or ""
    refusal = Change(
        index=entry.index, method="POST", type=kind, full_url=entry.full_url or ""
    )
    unconditional = entry.id is not None or method == "POST"
    if method is None or not unconditional or entry.if_none_match:
        sentence = (
            "This entry asks for a patch, a conditional update or a conditional "
            "delete, which this gateway does not do: send PUT or DELETE of Type/id."
        )
        raise ChangeError(refusal, UnsupportedConditionError(sentence))
    try:
        if_match = _version(entry.if_match)
    except StaleVersionError as error:
        raise ChangeError(refusal, error) from None
    if method == "DELETE":
        return Change(
            index=entry.index,
            method="DELETE",
            type=kind,
            id=entry.id,
            full_url=refusal.full_url,
            if_match=if_match,
        )
    return change_of(
        method,
        entry.resource or {},
        received,
        current,
        index=entry.index,
        identity=entry.id,
        full_url=refusal.full_url,
        if_none_exist=entry.if_none_exist,
        if_match=if_match,
    )


def _method(entry: Entry) -> Literal["POST", "PUT", "DELETE"] | None:
    match entry.method:
        case "POST" | "PUT" | "DELETE":
            return entry.method
        case _:
            return None


def _version(sent: str | None) -> int | None:
    if sent is None:
        return None
    if not sent.isdecimal() or len(sent) > 18:  # noqa: PLR2004 (SQLite's integers)
        raise StaleVersionError(
            'ifMatch is no version of this gateway: send it as W/"3", from the ETag.'
        )
    return int(sent)
