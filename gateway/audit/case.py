"""The whole life of one case, from the log alone."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, get_args

from domain.assessment import Assessment, evolve, passed
from domain.events import (
    REGISTRY,
    AssessmentEvent,
    CaseInformed,
    CaseOpened,
    FloorAssessed,
    ReviewEvent,
)
from domain.values import Case, Reference
from gateway.audit import reads as accesses
from gateway.audit.case_entries import entry_of, tombstone
from gateway.audit.durations import Stopwatch
from gateway.audit.input_entries import inputs
from gateway.audit.moment import Progress
from gateway.audit.outcome import outcome, versions
from gateway.audit.story import Entry, Story, in_order
from gateway.intake.streams import case_stream
from gateway.store.keysource import KeySource
from gateway.store.records import Erased, Recorded
from gateway.store.transcript import Transcript, transcript

_TYPE: Final = re.compile(r"(?:[A-Za-z]+/)?([A-Za-z0-9.-]{1,64})(?:/_history/\d+)?")
_PART: Final = re.compile(r"-(?:review|\d{1,6}(?:-(?:model|raised))?)$")


class UnknownCaseError(Exception):
    """No case of this log goes by that id."""


@dataclass
class Life:
    """The events of a case, in order, and what they add up to."""

    case_id: str
    events: list[tuple[Recorded, AssessmentEvent, Assessment, Assessment]]
    erased: list[Erased]
    state: Assessment
    used: dict[Reference, str] = field(default_factory=dict)


def case_story(
    folder: Path,
    identity: str,
    *,
    kek_file: KeySource | None = None,
    progress: Progress,
) -> Story:
    """Return the story of the case that an id belongs to.

    Args:
        folder: the data folder of a stopped or a running gateway; it is only read.
        identity: of a case, Task, ClinicalImpression, RiskAssessment or Provenance,
            with or without its type.
        kek_file: key-encryption key; the one in the folder where not given.
        progress: is told how far the access records are read.

    Raises:
        UnknownCaseError: nothing in this log goes by that id.
        StoreError: the log is missing, damaged, or its key does not fit.

    """
    with transcript(folder, registry=REGISTRY, kek_file=kek_file) as log:
        return _told(log, life_of(log, identity), progress)


def life_of(log: Transcript, identity: str) -> Life:
    """Return the events of the case that an id belongs to; raises as `case_story`."""
    for case_id in _candidates(identity):
        events = log.stream(case_stream(case_id))
        if events:
            return _life(case_id, events)
    raise UnknownCaseError(
        "No case of this log goes by that id. Give the id of a case (a Task's "
        "groupIdentifier), of a Task or of a ClinicalImpression, as a nurse sees it."
    )


def _candidates(identity: str) -> Iterator[str]:
    """Give the ids that a case may have: the one given, and what it is a part of."""
    found = _TYPE.fullmatch(identity.strip())
    if found is not None:
        yield found[1]
        whole = _PART.sub("", found[1])
        if whole != found[1]:
            yield whole


def _life(case_id: str, events: list[Recorded | Erased]) -> Life:
    life = Life(case_id=case_id, events=[], erased=[], state=Assessment())
    for recorded in events:
        if isinstance(recorded, Erased):
            life.erased.append(recorded)
            life.state = passed(life.state, recorded.topic)
        elif isinstance(recorded.event, get_args(AssessmentEvent)):
            event: AssessmentEvent = recorded.event
            after = evolve(life.state, event)
            life.events.append((recorded, event, life.state, after))
            life.state = after
            _note_used(life.used, event)
    return life


def _note_used(used: dict[Reference, str], event: AssessmentEvent) -> None:
    """Note which versions the case used, and as what."""
    match event:
        case CaseOpened():
            _add(used, event.triggers, "opened the case")
        case CaseInformed():
            _add(used, event.triggers, "news for the case")
        case FloorAssessed():
            for reference in event.case.inputs:
                _add(used, (reference,), _use(event.case, reference))
        case _:
            pass


def _add(used: dict[Reference, str], references: Iterable[Reference], how: str) -> None:
    for each in references:
        before = used.get(each, "")
        if how not in before.split("; "):
            used[each] = f"{before}; {how}" if before else how


def _use(case: Case, reference: Reference) -> str:
    if reference.type == "Patient":
        return "the patient's record"
    groups = ("complaints", "vitals", "conditions", "medications", "allergies")
    told = [
        name
        for name in groups
        if any(each.source == reference for each in getattr(case, name))
    ]
    return ", ".join(told) or "context"


def _told(log: Transcript, life: Life, progress: Progress) -> Story:
    watch, decided = Stopwatch(), _decided(life)
    for recorded, event, _, _ in life.events:
        watch.note(recorded, event)
    first = min(_positions(life))
    found = accesses.reads(
        log,
        life.case_id,
        life.used,
        () if life.state.patient is None else (life.state.patient,),
        after=first - 1,
        progress=progress,
    )
    return Story(
        case_id=life.case_id,
        tenant=log.tenant,
        head=log.head,
        outcome=outcome(life.state, decided[-1] if decided else None, found),
        durations=watch.table(life.state, decided[0] if decided else None),
        entries=in_order(_entries(log, life), map(accesses.entry, found.found)),
        reads=accesses.table(found),
        versions=versions(event for _, event, _, _ in life.events),
        erased=len(life.erased),
    )


def _positions(life: Life) -> Iterator[int]:
    yield from (recorded.position for recorded, *_ in life.events)
    yield from (erased.position for erased in life.erased)


def _decided(life: Life) -> list[datetime]:
    return [
        recorded.at
        for recorded, event, _, _ in life.events
        if isinstance(event, get_args(ReviewEvent))
    ]


def _entries(log: Transcript, life: Life) -> Iterator[Entry]:
    yield from inputs(life.used, log.stream)
    for recorded, event, before, after in life.events:
        yield entry_of(recorded, event, before, after)
    yield from map(tombstone, life.erased)
