"""What a caller may be shown of what was found."""

from collections.abc import Iterable

from domain.errors import NotFoundError
from fhir_profiles.lexical import parse
from gateway.access import Principal
from gateway.projections.resources import Version


def visible(caller: Principal, found: Version) -> bool:
    """Say whether a caller may see a version; ask in a thread, it may read the disk."""
    kind = found.reference.type
    if caller.sees_every(kind):
        return True
    return caller.may_see(kind, None if found.deleted else parse(found.body))


def only_visible(caller: Principal, found: Iterable[Version]) -> list[Version]:
    """Return those versions that a caller may see."""
    return [each for each in found if visible(caller, each)]


def require_visible(caller: Principal, found: Version) -> None:
    """Let a version be shown, or answer as if it were not there.

    Raises:
        NotFoundError: the caller's scopes do not reach it.

    """
    if not visible(caller, found):
        raise NotFoundError("No such resource is known here.")
