"""What an entry says of the resource that was received: its address, its numbers."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gateway.audit.sayings import decoded

_SUBJECTS: Final = ("subject", "patient", "for", "beneficiary", "individual")
Resource = Mapping[str, Any]


def address(reference: object) -> str:
    """Return `Type/id` of a reference in an event, "" if it is none."""
    if not isinstance(reference, Mapping):
        return ""
    return f"{reference.get('type')}/{reference.get('id')}"


def content(event: Mapping[str, Any]) -> Resource:
    """Return the resource that an event received, empty if it received none."""
    received = event.get("received")
    said = decoded(received) if isinstance(received, bytes) else None
    return said if isinstance(said, dict) else {}


def as_sent(event: Mapping[str, Any], patient: str) -> Iterator[str]:
    """Give the absolute addresses by which the sender of a record names a patient."""
    for sent, resolved in event.get("links", ()):
        if resolved.partition("/_history/")[0] == patient and "://" in sent:
            yield sent.partition("/_history/")[0]


def whose_numbers(resource: Resource) -> Iterator[Resource]:
    """Give the identifiers by which a resource names whom it is about."""
    for key in _SUBJECTS:
        whom = resource.get(key)
        named = whom.get("identifier") if isinstance(whom, dict) else None
        if isinstance(named, dict):
            yield named


def listed(said: Resource, key: str) -> Iterator[Resource]:
    """Give the objects in an element that repeats."""
    held = said.get(key)
    for each in held if isinstance(held, list) else ():
        if isinstance(each, dict):
            yield each
