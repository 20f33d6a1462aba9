"""What arriving data mean to triage: a new case, or news for an open one."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from uuid import UUID

from domain import assessment, episode
from domain.assessment import Assessment
from domain.commands import AssessmentCommand, InformCase
from domain.episode import Episodes, Visit
from domain.errors import UnknownPatientError
from domain.policies import placement, triage
from domain.values import Reference
from gateway.intake.addresses import Addresses
from gateway.intake.change import Change, Relevance
from gateway.intake.kinship import kin, restate
from gateway.intake.streams import case_stream, episode_stream
from gateway.intake.subjects import of_case
from gateway.store.records import Context
from gateway.store.session import Session
from gateway.translate.reading import READ_BY_TRIAGE

_RECENT = 20  # cases of one patient that new data may belong to
_FORGOTTEN = timedelta(days=7)  # an open case that nobody will review any more


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A stored version that matters to triage of a patient."""

    patient: Reference
    encounter: Reference | None
    source: Reference
    asks: bool


def arrival(
    change: Change, reference: Reference, version: int, addresses: Addresses
) -> list[Arrival]:
    """Return what a stored change means to triage, if anything.

    Raises:
        UnknownPatientError: it asks for triage of somebody whom nobody can find.

    """
    if change.relevance is Relevance.NONE:
        return []
    written = str(reference) if change.type == "Patient" else change.subject
    patient = _literal(addresses.resolved(change, written or ""), "Patient")
    if patient is None:
        _require_no_patient(change)
        return []
    encounter = (
        reference
        if change.type == "Encounter"
        else _literal(addresses.resolved(change, change.encounter or ""), "Encounter")
    )
    arrived = Arrival(
        patient=patient,
        encounter=encounter,
        source=replace(reference, version=version),
        asks=change.relevance is Relevance.ASKS,
    )
    return [arrived]


def _require_no_patient(change: Change) -> None:
    """Refuse what has to be triaged where nobody can say whose it is."""
    if change.relevance is Relevance.ASKS and change.names_somebody:
        raise UnknownPatientError(
            "This is a current complaint or vital sign, and its patient cannot be "
            "found: refer to the patient as Patient/id of this gateway, by a "
            "conditional reference, or by the fullUrl of an entry of the same Bundle."
        )


def departure(reference: Reference, version: int, patient: str) -> list[Arrival]:
    """Return what it means that a patient's data went: an open case lacks them."""
    whose = _literal(patient, "Patient")
    if whose is None or reference.type not in READ_BY_TRIAGE:
        return []
    departed = Arrival(
        patient=whose,
        encounter=None,
        source=replace(reference, version=version),
        asks=False,
    )
    return [departed]


def relinked(
    session: Session,
    change: Change,
    stored: Reference,
    addresses: Addresses,
    *,
    context: Context,
) -> list[Arrival]:
    """Note whom a Patient's record names as the same person (Patient.link).

    Return the news for those whom it names no more: their open cases were assessed
    on data that are another's. Those whom it does name are reached as its kin.
    """
    if change.type != "Patient" or change.index in addresses.existing:
        return []
    if stored.version == 1 and not change.same_person:
        return []  # a new record has named nobody before
    named = (addresses.resolved(change, text) for text in change.same_person)
    stated = [each for text in named if (each := _literal(text, "Patient"))]
    return [
        Arrival(patient=each, encounter=None, source=stored, asks=False)
        for each in restate(session, stored, stated, context=context)
    ]


def open_cases(
    session: Session,
    arrivals: Iterable[Arrival],
    *,
    context: Context,
    window: timedelta,
) -> None:
    """Open a case for each visit that asks for triage; inform those that are open."""
    for patient, of_patient in _grouped(arrivals, lambda each: str(each.patient)):
        mine = list(of_patient)
        asking = [each for each in mine if each.asks]
        told = {
            _visit(session, list(of_visit), context=context, window=window)
            for _, of_visit in _grouped(asking, lambda each: str(each.encounter or "~"))
        }
        for each in (patient, *map(str, kin(session, Reference.parse(patient)))):
            _inform(session, each, mine, told=told, context=context)


def _grouped(
    arrivals: Iterable[Arrival], key: Callable[[Arrival], str]
) -> Iterator[tuple[str, Iterator[Arrival]]]:
    return groupby(sorted(arrivals, key=key), key=key)


def _visit(
    session: Session, arrivals: list[Arrival], *, context: Context, window: timedelta
) -> str:
    """Open the case of a visit, or inform the one that is open; return its id."""
    patient = arrivals[0].patient
    visit = Visit(encounter=arrivals[0].encounter, at=context.at)
    episodes, cases = _cases(session, patient)
    placed = placement(visit, episodes, cases, window=window)
    triggers = tuple(each.source for each in arrivals)
    fresh = session.derive("case", str(patient), *map(str, triggers), context.request)
    case_id, command = triage(
        visit,
        placed,
        fresh_id=str(UUID(bytes=fresh[:16], version=4)),
        patient=patient,
        triggers=triggers,
    )
    joined = placed.joins is not None
    if not joined:  # its id derives from a version that was not there before
        session.begin(case_stream(case_id))
    noted = (
        episode.join_case(case_id, visit, episodes)
        if joined
        else episode.open_case(case_id, visit)
    )
    session.append(
        episode_stream(str(patient)), noted, subject=str(patient), context=context
    )
    _tell(session, case_id, command, (patient,), context)
    return case_id


def _inform(
    session: Session,
    patient: str,
    arrivals: list[Arrival],
    *,
    told: Collection[str],
    context: Context,
) -> None:
    """Let the patient's other open cases know: a new medicine concerns them all."""
    _, cases = _cases(session, Reference.parse(patient))
    triggers = tuple(each.source for each in arrivals)
    for case_id, case in cases.items():
        recent = case.opened is not None and context.at - case.opened <= _FORGOTTEN
        if recent and not case.reviewed and case_id not in told:
            command = InformCase(encounter=None, triggers=triggers)
            whom = (Reference.parse(patient), arrivals[0].patient)
            _tell(session, case_id, command, whom, context)


def _cases(
    session: Session, patient: Reference
) -> tuple[Episodes, dict[str, Assessment]]:
    episodes, _ = session.load(
        episode_stream(str(patient)), episode.evolve, episode.NO_CASES
    )
    recent = episodes[-_RECENT:]
    return recent, {each.case_id: load_case(session, each.case_id) for each in recent}


def load_case(session: Session, case_id: str) -> Assessment:
    """Return a case as the log has it now."""
    state, _ = session.load(
        case_stream(case_id), assessment.evolve, Assessment(), assessment.passed
    )
    return state


def _tell(
    session: Session,
    case_id: str,
    command: AssessmentCommand,
    whom: tuple[Reference, ...],
    context: Context,
) -> None:
    events = assessment.decide(command, load_case(session, case_id))
    subject = of_case(*whom)
    session.append(case_stream(case_id), events, subject=subject, context=context)


def _literal(text: str, kind: str) -> Reference | None:
    try:
        reference = Reference.parse(text).unversioned()
    except ValueError:
        return None
    return reference if reference.type == kind else None
