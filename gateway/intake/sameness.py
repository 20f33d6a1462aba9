"""Whether an update says what is there already, in other bytes.

Who creates a resource and writes it again has to add its id, and need not where the
update is conditional; who reads one and sends it back sends the gateway's own version
and time in meta, and references as they were resolved; and other software writes the
names in another order. None of these is a new version (FHIR R4, http.html#update leaves
it to the server).
"""

from collections.abc import Iterable

from domain import record
from domain.record import Record
from domain.values import Reference
from fhir_profiles.lexeme import Lexeme
from fhir_profiles.linking import rewrite
from gateway.intake.amendment import LARGEST, standing
from gateway.intake.change import Change, Resource
from gateway.intake.streams import record_stream
from gateway.store.session import Session

_OURS = frozenset({"versionId", "lastUpdated"})


def says_the_same(
    session: Session,
    change: Change,
    reference: Reference,
    state: Record,
    links: Iterable[tuple[str, str]],
) -> bool:
    """Say whether an update changes nothing of what a reader finds here."""
    if not state.exists:
        return False
    stream = record_stream(reference)
    content = session.newest(stream, record.remember, record.NOTHING)
    if max(len(content.received), len(change.received)) > LARGEST:
        return False
    sent = rewrite(change.content, dict(links))
    there = standing(session, reference, state)
    return _same(_theirs(sent, reference), _theirs(there, reference))


def _theirs(resource: Resource, reference: Reference) -> Resource:
    """Return a resource without what the gateway adds when it is read, but its id."""
    meta = {k: v for k, v in resource.get("meta", {}).items() if k not in _OURS}
    return {**resource, "id": reference.id, "meta": meta}


def _same(one: object, other: object) -> bool:
    """Compare JSON as written, 72.50 is not 72.5; the order of names is no matter."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            _same(value, other[name]) for name, value in one.items()
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, Lexeme) and isinstance(other, Lexeme):
        return one.text == other.text
    return type(one) is type(other) and one == other
