"""Giving every entry of a request its address, where decisions are serial."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from domain import identity, record
from domain.errors import (
    GoneError,
    IdTakenError,
    MismatchedIdError,
    NotFoundError,
    OverlappingChangesError,
    RuleError,
    UnresolvedReferenceError,
)
from domain.identity import Bearers
from domain.record import Record
from domain.values import Reference
from fhir_profiles.patching import PatchError
from fhir_profiles.problems import InvalidResourceError
from gateway.intake.addresses import Addresses, fresh
from gateway.intake.amendment import standing
from gateway.intake.change import Change, ChangeError, Plan
from gateway.intake.claims import asked_for, known_by
from gateway.intake.conditions import (
    UnsupportedConditionError,
    condition_of,
    identifier_of,
    is_conditional,
)
from gateway.intake.ownership import require_senders_own
from gateway.intake.permission import NotPermittedError
from gateway.intake.streams import identity_stream, record_stream
from gateway.store.session import Session

REFUSALS = (
    RuleError,
    UnsupportedConditionError,
    InvalidResourceError,
    PatchError,
    NotPermittedError,
)
"""The ways of refusing one change; the other entries are looked at all the same."""


def assign(
    session: Session, plan: Plan, generation: int, earlier: Mapping[int, Reference]
) -> Addresses:
    """Give every entry its address, and make an update of every patch.

    `earlier` are the resources that the same request created before, by entry: they
    are not created again. Entries that cannot be given an address are among the
    `refused`, with a provisional one, so that others can refer to them.
    """
    work = _Assignment(session, plan, generation, earlier)
    for change in plan.changes:
        work.place(change)
    for change in work.addresses.changes:
        work.resolve(change)
    return work.addresses


def state_of(session: Session, reference: Reference) -> Record:
    """Return what is known of a resource."""
    state, version = session.load(
        record_stream(reference), record.evolve, record.UNKNOWN
    )
    return record.standing(state, version)


@dataclass
class _Assignment:
    session: Session
    plan: Plan
    generation: int
    earlier: Mapping[int, Reference]
    addresses: Addresses = field(default_factory=Addresses)
    bearers: dict[str, Bearers] = field(default_factory=dict)  # as they will be
    written: set[Reference] = field(default_factory=set)

    def place(self, change: Change) -> None:
        reference = fresh(self.session.derive, self.plan, change, self.generation)
        try:
            if change.fault is not None:
                raise change.fault
            reference = self._reference(change, reference)
            self._require_alone(change, reference)
            change = self._amended(change, reference)
        except REFUSALS as error:
            self._refuse(change, error)
        self.addresses.of[change.index] = reference
        self.addresses.changes.append(change)
        self.addresses.note(change, reference)
        if not self.addresses.writes_nothing(change):
            self._identify(change, reference)

    def resolve(self, change: Change) -> None:
        for text in self._conditional(change):
            kind = text.partition("?")[0]
            try:
                bearer = self._bearer(kind, identifier_of(text))
                if bearer is None:
                    raise UnresolvedReferenceError(
                        f"A conditional reference to {kind} matches nothing: send "
                        f"that {kind} first, or in the same transaction."
                    )
            except REFUSALS as error:
                self._refuse(change, error)
            else:
                self.addresses.written[text] = str(bearer)

    def _reference(self, change: Change, new: Reference) -> Reference:
        """Return the address of a change, which is the new one if nothing matches."""
        match change.method:
            case "POST":
                return self._created(change, new)
            case "PUT":
                return new if change.condition is None else self._put(change, new)
            case "PATCH":
                return new if change.condition is None else self._patched(change)
            case _:
                return self._deleted(change, new)

    def _created(self, change: Change, new: Reference) -> Reference:
        found = self.earlier.get(change.index)
        if change.if_none_exist is not None:
            identifier = identifier_of(change.if_none_exist)
            found = self._bearer(change.type, identifier)
        if found is None:
            return new
        self.addresses.existing.add(change.index)
        return found

    def _put(self, change: Change, new: Reference) -> Reference:
        """Return what a conditional update updates or creates (R4, #cond-update)."""
        found = self._matching(change)
        if found is None:
            self._require_none_leaving(change)
            if change.id is not None and state_of(self.session, new).exists:
                raise IdTakenError(
                    "Nothing matches the condition, and the id in the content is that "
                    "of another resource: leave the id out, or update that one."
                )
            return new
        if change.id not in (None, found.id):
            raise MismatchedIdError(
                "The condition matches a resource with another id than the content "
                "has: leave the id out, or send that one."
            )
        return found

    def _require_none_leaving(self, change: Change) -> None:
        """Refuse to create instead of what the condition matched before the request."""
        for each in asked_for(change):
            stream = identity_stream(change.type, each)
            bearers, _ = self.session.load(stream, identity.evolve, identity.NOBODY)
            if bearers.count:
                raise _overlapping()

    def _patched(self, change: Change) -> Reference:
        found = self._matching(change)
        if found is None:
            raise NotFoundError("Nothing matches the condition, so nothing is patched.")
        return found

    def _deleted(self, change: Change, new: Reference) -> Reference:
        found = new if change.condition is None else self._matching(change)
        if found is None:
            record.require_version(change.if_match, record.UNKNOWN)
            self.addresses.absent.add(change.index)
        return found or new

    def _matching(self, change: Change) -> Reference | None:
        condition = condition_of(change.condition or "")
        if condition.identifier:
            return self._bearer(change.type, condition.identifier)
        reference = Reference(type=change.type, id=condition.id)
        require_senders_own(self.session, reference)
        return reference if state_of(self.session, reference).exists else None

    def _bearer(self, kind: str, identifier: str) -> Reference | None:
        """Return who bears an identifier once the entries placed so far are done."""
        return identity.only_bearer(self._bearers(identity_stream(kind, identifier)))

    def _bearers(self, stream: str) -> Bearers:
        if stream in self.bearers:
            return self.bearers[stream]
        bearers, _ = self.session.load(stream, identity.evolve, identity.NOBODY)
        return bearers

    def _identify(self, change: Change, reference: Reference) -> None:
        """Let a resource bear what it will be known by, and nothing else."""
        if change.method != "POST":
            for each in state_of(self.session, reference).identifiers:
                stream = identity_stream(change.type, each)
                self.bearers[stream] = self._bearers(stream).without(reference)
        if change.method != "DELETE":
            for each in known_by(change):
                stream = identity_stream(change.type, each)
                self.bearers[stream] = self._bearers(stream).and_(reference)

    def _require_alone(self, change: Change, reference: Reference) -> None:
        """Refuse a second write of one resource, also one found by a condition."""
        if self.addresses.writes_nothing(change):
            return
        if reference in self.written:
            raise _overlapping()
        self.written.add(reference)

    def _amended(self, change: Change, reference: Reference) -> Change:
        if change.amend is None:
            return change
        require_senders_own(self.session, reference)
        state = state_of(self.session, reference)
        record.require_version(change.if_match, state)
        if not state.exists:
            raise _nothing_to_patch(state)
        update = change.amend(standing(self.session, reference, state))
        if update is None:
            self.addresses.existing.add(change.index)
        return update or change

    def _conditional(self, change: Change) -> Iterator[str]:
        for text in change.targets:
            if text not in self.addresses.written and is_conditional(text):
                yield text

    def _refuse(self, change: Change, error: Exception) -> None:
        self.addresses.refused.append(ChangeError(change, error))


def _overlapping() -> OverlappingChangesError:
    return OverlappingChangesError(
        "Another entry of this transaction writes to the same resource: let one entry "
        "say all of it (FHIR R4, http.html#trules)."
    )


def _nothing_to_patch(state: Record) -> RuleError:
    if state.withdrawn:
        return GoneError("This resource was deleted: PUT it to bring it back.")
    return NotFoundError("No such resource is known here: create it by PUT or POST.")
