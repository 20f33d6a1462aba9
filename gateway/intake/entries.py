"""One entry of a transaction or batch as the change that it asks for."""

from collections.abc import Callable
from typing import Any, cast

from domain.errors import StaleVersionError
from fhir_profiles.problems import InvalidResourceError
from fhir_profiles.requests import Entry
from gateway.intake.amendment import amendment
from gateway.intake.change import Change, Method
from gateway.intake.conditions import UnsupportedConditionError
from gateway.intake.patches import patch_of_entry
from gateway.intake.reception import Currency, change_of
from gateway.intake.versions import version_of


def change_of_entry(entry: Entry, received: bytes, current: Currency) -> Change:
    """Return the change of an entry that writes; `fault` says why it cannot be done."""
    try:
        return _MADE[entry.method](entry, received, current)
    except (
        StaleVersionError,
        UnsupportedConditionError,
        InvalidResourceError,
    ) as error:
        method = cast("Method", entry.method)
        return Change(method=method, **_address(entry), fault=error)


def _created(entry: Entry, received: bytes, current: Currency) -> Change:
    return change_of(
        "POST",
        entry.resource or {},
        received,
        current,
        index=entry.index,
        full_url=entry.full_url or "",
        if_none_exist=entry.if_none_exist,
    )


def _updated(entry: Entry, received: bytes, current: Currency) -> Change:
    resource = entry.resource or {}
    return change_of(
        "PUT",
        resource,
        received,
        current,
        index=entry.index,
        identity=entry.id or resource.get("id"),
        full_url=entry.full_url or "",
        if_match=_version(entry),
        if_absent=_absent(entry),
        condition=entry.query,
    )


def _patched(entry: Entry, received: bytes, current: Currency) -> Change:
    patch = patch_of_entry(entry.resource or {})
    if_match = _version(entry)
    return Change(
        method="PATCH",
        **_address(entry),
        received=received,
        if_match=if_match,
        compares=patch.compares,
        amend=amendment(
            patch,
            current,
            index=entry.index,
            full_url=entry.full_url or "",
            if_match=if_match,
        ),
    )


def _deleted(entry: Entry, _received: bytes, _current: Currency) -> Change:
    return Change(method="DELETE", **_address(entry), if_match=_version(entry))


def _address(entry: Entry) -> dict[str, Any]:
    return {
        "index": entry.index,
        "type": entry.type or "",
        "id": entry.id,
        "condition": entry.query if entry.id is None else None,
        "full_url": entry.full_url or "",
    }


def _version(entry: Entry) -> int | None:
    return None if entry.if_match is None else version_of(entry.if_match)


def _absent(entry: Entry) -> bool:
    """Say whether an update is to create only."""
    if entry.if_none_match not in (None, "*"):
        raise UnsupportedConditionError(
            "An update takes ifNoneMatch only as *: it creates what is not there."
        )
    return entry.if_none_match == "*"


_MADE: dict[str, Callable[[Entry, bytes, Currency], Change]] = {
    "POST": _created,
    "PUT": _updated,
    "PATCH": _patched,
    "DELETE": _deleted,
}
