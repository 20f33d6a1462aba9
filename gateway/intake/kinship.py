"""Patients who are the same person: what a merge means to what arrives.

A merge concerns the open cases of both records, and so does whatever arrives for one
of them later: a case is assessed on the data of all.
"""

from collections.abc import Collection, Iterable

from domain import kinship
from domain.kinship import UNRELATED, KinshipEvent, Links
from domain.values import Reference
from gateway.intake.streams import kinship_stream
from gateway.store.records import Context
from gateway.store.session import Session
from gateway.store.subjects import joint

_MOST = 50  # records of one person; beyond, somebody links at random


def restate(
    session: Session,
    patient: Reference,
    stated: Collection[Reference],
    *,
    context: Context,
) -> list[Reference]:
    """Note whom a Patient's record names now; return whom it names no more."""
    whom = patient.unversioned()
    events = kinship.state_links(whom, stated, _links(session, whom))
    for event in events:
        _note(session, event, context)
    return [each.other for each in events if isinstance(each, kinship.PatientsUnlinked)]


def kin(session: Session, patient: Reference) -> list[Reference]:
    """Return every other record of the person, however many links away.

    The nearest come first, and only so many: links may form a circle, or be wrong.
    """
    found = {patient: None}
    for each in _walk(session, found):
        if len(found) >= _MOST:
            break
        found.setdefault(each, None)
    return [each for each in found if each != patient]


def _walk(session: Session, found: dict[Reference, None]) -> Iterable[Reference]:
    waiting = list(found)
    while waiting:
        whom = waiting.pop(0)
        for other in kinship.others(whom, _links(session, whom)):
            if other not in found:
                waiting.append(other)
                yield other


def _links(session: Session, patient: Reference) -> Links:
    known, _ = session.load(kinship_stream(str(patient)), kinship.evolve, UNRELATED)
    return known


def _note(session: Session, event: KinshipEvent, context: Context) -> None:
    """Tell both sides, so that either finds the other by one look.

    A link names both, so it goes with whichever of them is erased.
    """
    both = (str(event.patient), str(event.other))
    for whom in both:
        session.append(
            kinship_stream(whom), [event], subject=joint(both), context=context
        )
