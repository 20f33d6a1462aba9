"""Which address every entry of a request has, and where its references lead."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from uuid import UUID

from domain import identity
from domain.errors import AmbiguousIdentityError, NotFoundError
from domain.values import Reference
from gateway.intake.change import Change, ChangeError, Plan
from gateway.intake.streams import identity_stream
from gateway.store.foresight import Derive
from gateway.store.session import Session

_RESTFUL = re.compile(r"https?://.+/([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})")
_CONDITIONAL = re.compile(r"[A-Z][A-Za-z]+\?\S+")


class UnsupportedConditionError(Exception):
    """A condition that is not exactly one identifier with its system."""


@dataclass(kw_only=True)
class Addresses:
    """The references of a request's entries, and how written references resolve."""

    of: dict[int, Reference] = field(default_factory=dict)
    existing: set[int] = field(default_factory=set)  # conditional creates that matched
    written: dict[str, str] = field(default_factory=dict)  # as written -> Type/id

    def note(self, change: Change, reference: Reference) -> None:
        """Let the fullUrl of an entry lead to its address.

        What an entry calls Patient/77 is what its neighbour's fullUrl says, on the
        sender's own server (FHIR R4, bundle.html#references).
        """
        if not change.full_url:
            return
        self.written[change.full_url] = str(reference)
        restful = _RESTFUL.fullmatch(change.full_url)
        if restful is not None:
            self.written.setdefault(restful[1], str(reference))

    def resolved(self, text: str) -> str:
        """Return the reference as it will be read."""
        return self.written.get(text, text)

    def links(self, change: Change) -> tuple[tuple[str, str], ...]:
        """Return the references of a change that are read otherwise than written."""
        pairs = {(text, self.resolved(text)) for text in change.targets}
        return tuple(sorted(pair for pair in pairs if pair[0] != pair[1]))


def assign(
    session: Session, plan: Plan, generation: int, earlier: Mapping[int, Reference]
) -> Addresses:
    """Give every entry its address.

    Ids of new resources derive from the request, so that a repetition after a crash
    computes the same ones. `earlier` are the resources that the same request created
    before, by entry: they are not created again.

    Raises:
        ChangeError: a condition matches several resources, or nothing.

    """
    addresses = Addresses()
    claimed: dict[str, Reference] = {}
    leaving = _leaving(plan)
    for change in plan.changes:
        reference = _existing(session, change, claimed, leaving) or earlier.get(
            change.index
        )
        if reference is not None:
            addresses.existing.add(change.index)
        else:
            reference = fresh(session.derive, plan, change, generation)
        addresses.of[change.index] = reference
        for identifier in (*change.identifiers, *_condition(change)):
            claimed.setdefault(identity_stream(change.type, identifier), reference)
        addresses.note(change, reference)
    for change in plan.changes:
        _resolve(session, change, addresses, claimed)
    return addresses


def fresh(derive: Derive, plan: Plan, change: Change, generation: int) -> Reference:
    """Return the address that a change has unless its condition matches."""
    if change.id is not None:
        return Reference(type=change.type, id=change.id)
    cause = (plan.key or plan.seed, str(generation), str(change.index))
    derived = derive("resource", *cause)
    return Reference(type=change.type, id=str(UUID(bytes=derived[:16], version=4)))


def is_conditional(text: str) -> bool:
    """Say whether a reference names a resource by a condition."""
    return _CONDITIONAL.fullmatch(text) is not None


def identifier_of(query: str) -> str:
    """Read the condition of a conditional create or reference.

    Raises:
        UnsupportedConditionError: it is not exactly one `identifier=system|value`.

    """
    pairs = parse_qsl(query.partition("?")[2] or query, keep_blank_values=True)
    if len(pairs) == 1 and pairs[0][0] == "identifier":
        system, _, value = pairs[0][1].partition("|")
        if system.strip() and value.strip():
            return pairs[0][1]
    raise UnsupportedConditionError(
        "A condition is resolved by one identifier with its system only: "
        "'identifier=system|value'."
    )


def _condition(change: Change) -> tuple[str, ...]:
    return (identifier_of(change.if_none_exist),) if change.if_none_exist else ()


def _leaving(plan: Plan) -> set[Reference]:
    return {
        Reference(type=each.type, id=each.id)
        for each in plan.changes
        if each.method == "DELETE" and each.id is not None
    }


def _existing(
    session: Session,
    change: Change,
    claimed: dict[str, Reference],
    leaving: Collection[Reference],
) -> Reference | None:
    if change.if_none_exist is None:
        return None
    try:
        stream = identity_stream(change.type, identifier_of(change.if_none_exist))
        return claimed.get(stream) or _bearer(session, stream, leaving)
    except (AmbiguousIdentityError, UnsupportedConditionError) as error:
        raise ChangeError(change, error) from None


def _bearer(
    session: Session, stream: str, leaving: Collection[Reference] = ()
) -> Reference | None:
    """Return who bears an identifier once the request's own deletes are done."""
    bearers, _ = session.load(stream, identity.evolve, identity.NOBODY)
    return identity.only_bearer(tuple(each for each in bearers if each not in leaving))


def _resolve(
    session: Session,
    change: Change,
    addresses: Addresses,
    claimed: dict[str, Reference],
) -> None:
    for text in _conditional(change, addresses):
        kind = text.partition("?")[0]
        try:
            stream = identity_stream(kind, identifier_of(text))
            bearer = claimed.get(stream) or _bearer(session, stream)
        except (AmbiguousIdentityError, UnsupportedConditionError) as error:
            raise ChangeError(change, error) from None
        if bearer is None:
            raise ChangeError(change, _nothing(kind))
        addresses.written[text] = str(bearer)


def _conditional(change: Change, addresses: Addresses) -> Iterator[str]:
    for text in change.targets:
        if text not in addresses.written and is_conditional(text):
            yield text


def _nothing(kind: str) -> NotFoundError:
    return NotFoundError(
        f"A conditional reference to {kind} matches nothing: send that {kind} first, "
        "or in the same transaction."
    )
