"""Which address every entry of a request has, and where its references lead."""

import re
from dataclasses import dataclass, field
from uuid import UUID

from domain.errors import UnresolvedReferenceError
from domain.values import Reference
from fhir_profiles.syntax import ID
from gateway.intake.change import Change, ChangeError, Plan
from gateway.intake.conditions import UnsupportedConditionError, condition_of
from gateway.store.foresight import Derive

_RESTFUL = re.compile(rf"(https?://.+/)([A-Z][A-Za-z]+/{ID})")
_VERSION = "/_history/"


@dataclass(kw_only=True)
class Addresses:
    """The references of a request's entries, and how written references resolve."""

    of: dict[int, Reference] = field(default_factory=dict)
    existing: set[int] = field(default_factory=set)  # nothing is to be written
    absent: set[int] = field(default_factory=set)  # conditional deletes of nothing
    written: dict[str, str] = field(default_factory=dict)  # as written -> Type/id
    near: dict[str, set[str]] = field(default_factory=dict)  # Type/id -> its fullUrls
    changes: list[Change] = field(default_factory=list)  # patches as updates
    refused: list[ChangeError] = field(default_factory=list)

    def note(self, change: Change, reference: Reference) -> None:
        """Let the fullUrl of an entry lead to its address."""
        if not change.full_url:
            return
        self.written[change.full_url] = str(reference)
        restful = _RESTFUL.fullmatch(change.full_url)
        if restful is not None:
            self.near.setdefault(restful[2], set()).add(change.full_url)

    def writes_nothing(self, change: Change) -> bool:
        """Say whether a change was found to have nothing to do."""
        return change.index in self.existing or change.index in self.absent

    def resolved(self, change: Change, text: str) -> str:
        """Return a reference of a change as it will be read.

        What an entry calls Patient/77 is what its neighbour's fullUrl says, on the
        sender's own server, whatever version it names
        (FHIR R4, bundle.html#references).

        Raises:
            UnresolvedReferenceError: neighbours of several servers are called so.

        """
        if text in change.settled:
            return text
        exact = self.written.get(text)
        if exact is not None:
            return exact
        whole = text.partition(_VERSION)[0]
        found = self.written.get(self._full_url(change, whole))
        return text if found is None or found == whole else found

    def links(self, change: Change) -> tuple[tuple[str, str], ...]:
        """Return the references of a change that are read otherwise than written."""
        pairs = {(text, self.resolved(change, text)) for text in change.targets}
        return tuple(sorted(pair for pair in pairs if pair[0] != pair[1]))

    def _full_url(self, change: Change, whole: str) -> str:
        """Return the fullUrl that a reference without version means."""
        neighbours = self.near.get(whole, set())
        own = _RESTFUL.fullmatch(change.full_url or "")
        if own is not None and f"{own[1]}{whole}" in neighbours:
            return f"{own[1]}{whole}"
        if len(neighbours) > 1:
            raise UnresolvedReferenceError(
                "Entries of several servers are called as a reference says: write the "
                "fullUrl of the one that is meant."
            )
        return next(iter(neighbours), whole)


def fresh(derive: Derive, plan: Plan, change: Change, generation: int) -> Reference:
    """Return the address that a change has unless its condition matches.

    Ids of new resources derive from the request, so that a repetition after a crash
    computes the same ones. A resource that is asked for by `_id` gets that id.
    """
    named = change.id or _asked_for(change)
    if named:
        return Reference(type=change.type, id=named)
    cause = (plan.key or plan.seed, str(generation), str(change.index))
    derived = derive("resource", *cause)
    return Reference(type=change.type, id=str(UUID(bytes=derived[:16], version=4)))


def _asked_for(change: Change) -> str:
    if change.condition is None:
        return ""
    try:
        return condition_of(change.condition).id
    except UnsupportedConditionError:
        return ""  # it is refused where it is resolved
