"""From an event of the log to what its AuditEvent says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeGuard, get_args

from domain import access, events
from domain.answers import Reviewer
from domain.assessment import Assessment
from domain.values import Reference
from fhir_profiles.audit_event import Audited
from gateway.store.records import Erased, Event, Recorded
from gateway.translate.followed import followed

_OK, _CREATED, _OVERLOADED = 200, 201, 503

_TREATMENT = "TREAT"
PREFIX = "log-"
"""In front of the position in the log that is an AuditEvent's id."""

Told = (
    events.RecordEvent
    | events.TaskEvent
    | events.ReviewEvent
    | events.AssessmentRecalled
    | access.AccessRecorded
    | access.AccessesUnrecorded
)
History = Callable[[str], Sequence[Recorded | Erased]]


def leaves_audit_event(event: Event) -> TypeGuard[Told]:
    """Say whether an AuditEvent tells of this event.

    What the machine did is told by Provenance, and claims and receipts are parts of
    the write that made them.
    """
    return isinstance(event, get_args(Told))


def silent_topics(registry: Mapping[str, type]) -> frozenset[str]:
    """Return the topics of which no AuditEvent tells."""
    told = get_args(Told)
    return frozenset(topic for topic, kind in registry.items() if kind not in told)


def audited(
    recorded: Recorded, event: Told, *, gateway: str, history: History
) -> Audited:
    """Return what is told of an event; `history` gives the events of a stream."""
    common = Audited(
        id=f"{PREFIX}{recorded.position}",
        at=recorded.at,
        interaction="",
        status=_OK,
        gateway=gateway,
        client=recorded.actor,
        address=recorded.address,
        request=recorded.request,
    )
    match event:
        case access.AccessRecorded():
            return _access(common, event)
        case access.AccessesUnrecorded():
            return _unrecorded(common, event)
        case events.RecordAccepted() | events.RecordCorrected():
            return _written(common, event)
        case events.RecordWithdrawn():
            return _withdrawn(common, event, history(recorded.stream), recorded)
        case events.AssessmentRecalled():
            told = _review(common, event.by, history(recorded.stream), recorded)
            return replace(told, purpose="")  # asked for by who operates, not treats
        case _:
            return _review(common, event.by, history(recorded.stream), recorded)


def _access(common: Audited, event: access.AccessRecorded) -> Audited:
    return replace(
        common,
        interaction=event.interaction,
        status=event.status,
        user=event.user,
        display=event.display,
        purpose=event.purpose,
        asked=event.asked,
        references=event.references,
        patients=event.patients,
    )


def _unrecorded(common: Audited, event: access.AccessesUnrecorded) -> Audited:
    since = event.since.isoformat(timespec="milliseconds")
    return replace(
        common,
        interaction="operation",
        status=_OVERLOADED,
        said=f"{event.count} requests were refused unrecorded since {since}",
    )


def _written(
    common: Audited, event: events.RecordAccepted | events.RecordCorrected
) -> Audited:
    created = isinstance(event, events.RecordAccepted)
    return replace(
        common,
        interaction="create" if created else "update",
        status=_CREATED if created else _OK,
        references=(event.reference,),
        patients=(event.patient,) if event.patient else (),
    )


def _withdrawn(
    common: Audited,
    event: events.RecordWithdrawn,
    stream: Sequence[Recorded | Erased],
    recorded: Recorded,
) -> Audited:
    known = [
        each.event.patient
        for each in stream
        if isinstance(each, Recorded)
        and each.version < recorded.version
        and isinstance(each.event, events.RecordAccepted | events.RecordCorrected)
    ]
    patient = known[-1] if known else ""
    return replace(
        common,
        interaction="delete",
        references=(event.reference,),
        patients=(patient,) if patient else (),
    )


def _review(
    common: Audited,
    by: Reviewer,
    stream: Sequence[Recorded | Erased],
    recorded: Recorded,
) -> Audited:
    """Tell of a nurse's step: an update of the case's Task."""
    state = before = Assessment()
    for each in stream:
        if each.version <= recorded.version:
            before, state = state, followed(state, each)
    declined = isinstance(recorded.event, events.TaskDeclined)  # a new Task is open
    number = (before if declined else state).task.number
    version = before.task.version + 1 if declined else state.task.version
    task = Reference(type="Task", id=f"{state.case_id}-{number}", version=version)
    return replace(
        common,
        interaction="update",
        user=by.reference,
        display=by.display,
        purpose=_TREATMENT,
        references=(task,),
        patients=(str(state.patient),) if state.patient else (),
    )
