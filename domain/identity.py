"""A business identifier as a claim in the log, so that no search races a write."""

from typing import assert_never

from domain.errors import AmbiguousIdentityError
from domain.events import IdentityClaimed, IdentityEvent, IdentityReleased
from domain.values import Reference

Bearers = tuple[Reference, ...]
NOBODY: Bearers = ()


def claim(reference: Reference, bearers: Bearers) -> list[IdentityEvent]:
    """Let a resource bear the identifier, unless it already does."""
    return [] if reference in bearers else [IdentityClaimed(reference=reference)]


def release(reference: Reference, bearers: Bearers) -> list[IdentityEvent]:
    """Let a resource give the identifier up, if it bears it."""
    return [IdentityReleased(reference=reference)] if reference in bearers else []


def only_bearer(bearers: Bearers) -> Reference | None:
    """Return the one resource that bears the identifier, or None.

    Raises:
        AmbiguousIdentityError: several resources bear it, so that no condition on it
            can name one (FHIR R4, http.html#ccreate: 412 Precondition Failed).

    """
    if len(bearers) > 1:
        raise AmbiguousIdentityError(
            f"{len(bearers)} resources match the condition, where one at most may. "
            "Use a more specific identifier, or name the resource by its id."
        )
    return bearers[0] if bearers else None


def evolve(bearers: Bearers, event: IdentityEvent) -> Bearers:
    """Remember who bears the identifier."""
    match event:
        case IdentityClaimed():
            return (*bearers, event.reference)
        case IdentityReleased():
            return tuple(each for each in bearers if each != event.reference)
        case _:
            assert_never(event)
