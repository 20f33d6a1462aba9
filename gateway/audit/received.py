"""What an entry says of the resource that was received: its address, its numbers."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gateway.audit.statement import (
    NUMBERS,
    Element,
    Resource,
    Statement,
    number_of,
)

_SUBJECTS: Final = ("subject", "patient", "for", "beneficiary", "individual")
_OF_REFERENCE: Final = frozenset(
    {"reference", "type", "identifier", "display", "id", "extension"}
)
_KINDS: Final = ("identifier", "contactpoint", "requisition")  # ends of keys


def address(reference: object) -> str:
    """Return `Type/id` of a reference in an event, "" if it is none."""
    if not isinstance(reference, Mapping):
        return ""
    return f"{reference.get('type')}/{reference.get('id')}"


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


def its_numbers(statement: Statement) -> Iterator[str]:
    """Give the numbers of the resource itself, wherever they stand in it.

    Those of what it contains, and of whom it points to, are others'.
    """
    for each in statement.elements:
        if each.contained or each.path[:1] != ("received",):
            continue
        if isinstance(each.value, str):
            if each.key in NUMBERS:
                yield each.value
        elif _is_its(each) and (number := number_of(each.value)) is not None:
            yield number.value


def _is_its(each: Element) -> bool:
    if each.key == "identifier" and each.path != ("received", "identifier"):
        return not each.of.keys() <= _OF_REFERENCE
    return each.key.lower().endswith(_KINDS)
