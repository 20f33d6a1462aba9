"""A transaction or batch as plans: parsed, checked, and cut into changes.

Nothing here knows what is stored; what a change means is decided in the unit.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from fhir_profiles.bundle import (
    RefusedEntry,
    processing_order,
)
from fhir_profiles.delivery import Delivery, delivered
from fhir_profiles.elements import element, string
from fhir_profiles.requests import Entry, read_entry
from gateway.intake import admission
from gateway.intake.admission import AdmittedBundle
from gateway.intake.change import (
    Change,
    Plan,
    Resource,
    TooLargeError,
    digest_of,
)
from gateway.intake.entries import change_of_entry
from gateway.intake.quarantine import Aside, conditions_of_entry
from gateway.intake.reception import Currency

Step = Callable[[str], AbstractContextManager[None]]
_READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, kw_only=True)
class BundleRequest:
    """What a Bundle asks for: plans that are each atomic, and reads for afterwards."""

    type: str
    plans: tuple[Plan, ...]
    reads: tuple[Entry, ...]
    refused: tuple[RefusedEntry, ...]
    aside: tuple[Aside, ...] = ()  # entries of a batch that the site sets aside


def bundle_request(
    body: bytes, *, key: str | None, actor: str, current: Currency, step: Step
) -> BundleRequest:
    """Read a transaction or batch.

    Raises:
        InvalidResourceError: everything that is wrong with it, each with its place.
        TooLargeError: it has more entries than the site takes at once.

    """
    with step("parse"):  # and check against R4, entry by entry in the same pass
        got = delivered(body)
        _require_few(got.resource, current.entries)
    with step("check"):  # what it asks for, by the site's rules
        admitted = admission.read_requests(got, body, current.rules)
        asked = admitted.asked
        changes = _changes(admitted, got, current)
    name = key_of(got.resource, key, actor) or f"digest/{digest_of(body).hex()}"
    return BundleRequest(
        type=asked.type,
        plans=_plans(asked.type, tuple(changes), name, digest_of(body)),
        reads=tuple(each for each in asked.entries if each.method in _READS),
        refused=asked.refused,
        aside=tuple(_aside(got, each, name) for each in admitted.aside),
    )


def _require_few(bundle: Resource, most: int) -> None:
    entries = bundle.get("entry")
    if isinstance(entries, list) and len(entries) > most:
        raise TooLargeError(
            f"The Bundle has {len(entries)} entries, and {most} at most are taken at "
            "once: send several Bundles."
        )


def _aside(got: Delivery, entry: RefusedEntry, name: str) -> Aside:
    content = got.resource["entry"][entry.index]
    read = read_entry(entry.index, content)
    named = not name.startswith("digest/")
    return Aside(
        method=read.method,
        url=read.url,
        conditions=conditions_of_entry(content["request"]),
        received=got.received[entry.index],
        issues=entry.issues,
        key=f"{name}/{entry.index}" if named else None,
        index=entry.index,
    )


def _changes(
    admitted: AdmittedBundle, got: Delivery, current: Currency
) -> list[Change]:
    changes: list[Change] = []
    for entry in processing_order(admitted.asked.entries):
        if entry.method not in _READS:
            received = got.received[entry.index]
            changes.append(admitted.marked(change_of_entry(entry, received, current)))
    return changes


def _plans(
    kind: str, changes: tuple[Change, ...], name: str, digest: bytes
) -> tuple[Plan, ...]:
    """Return one plan of a transaction, and one for each entry of a batch."""
    named = not name.startswith("digest/")
    if kind == "transaction":
        return (Plan(changes=changes, key=name, digest=digest, named=named),)
    return tuple(_alone(change, name, named=named) for change in changes)


def key_of(bundle: Resource, key: str | None, actor: str) -> str | None:
    """Return the caller's name for the request: the header, or Bundle.identifier."""
    if key:
        return f"key/{actor}/{key}"
    named = element(bundle, "identifier")
    system, value = string(named, "system"), string(named, "value")
    return f"bundle/{system}|{value}" if system and value else None


def _alone(change: Change, name: str, *, named: bool) -> Plan:
    """Return the plan of one entry of a batch, repeatable by its place in it."""
    asked = (change.type, change.id, change.if_match, change.if_none_exist)
    more = (change.condition, change.if_absent)
    said = f"{change.method} {asked} {more if any(more) else ''}"
    digest = digest_of(said.encode() + change.received)
    return Plan(
        changes=(change,), key=f"{name}/{change.index}", digest=digest, named=named
    )
