"""The log as training data: every reviewed case that can be shown, and a manifest.

Whoever has the folder learns of nobody: see `gateway.translate.deidentified`. Cases of
patients under a legal hold, and of patients who were erased, are left out. Cases that
few patients share are suppressed. Ids are drawn anew for each export, and lines stand
in a random order.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, get_args

from domain.assessment import Assessment, evolve
from domain.events import REGISTRY, AssessmentEvent, ReviewEvent
from domain.retained import HoldLifted, PatientHeld
from gateway.audit.output_folder import require_apart
from gateway.audit.training_files import (
    LEAST_K,
    USUAL_K,
    Exported,
    ExportError,
    Found,
    common,
    smallest,
    write,
)
from gateway.store.keysource import KeySource
from gateway.store.records import Erased, Recorded
from gateway.store.transcript import Transcript, transcript
from gateway.translate.deidentified import UnsafeCaseError
from gateway.translate.lesson import cell_of, lesson
from inference.contract import Action, MissingDatum, RedFlag

Progress = Callable[[int, int], None]
CHOICES: Final = frozenset(
    each.value for kind in (RedFlag, Action, MissingDatum) for each in kind
)
_KNOWN: Final = frozenset(get_args(AssessmentEvent))
_STEP: Final = 1000


@dataclass(kw_only=True)
class _Log:
    """What one pass over the log tells: reviewed cases, and patients under a hold."""

    reviewed: dict[str, None] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    dropped: Counter[str] = field(default_factory=Counter)


def export(
    folder: Path,
    output: Path,
    *,
    kek_file: KeySource | None,
    k: int = USUAL_K,
    omit: bool = False,
    today: date,
    progress: Progress,
) -> Exported:
    """Write the training data of a stopped or a running gateway's log.

    `omit` leaves findings of the history out that cannot be shown, instead of the
    whole case.

    Raises:
        ExportError: `k` is too small, or a legal hold names no patient.
        OutputFolderError: `output` is not new or empty, or lies in the log's folder.
        StoreError: the log is missing, damaged, holds an event that this program does
            not know, or its key does not fit.

    """
    if k < LEAST_K:
        raise ExportError(f"Ask for cells of at least {LEAST_K} patients.")
    require_apart(output, folder)
    with transcript(folder, registry=REGISTRY, kek_file=kek_file) as log:
        told = _told(log, progress)
        found = list(_lines(log, told, omit=omit))
    kept, dropped = common(found, k), told.dropped
    if len(kept) < len(found):
        dropped["cell.small"] = len(found) - len(kept)
    result = Exported(
        reviewed=len(told.reviewed),
        written=len(kept),
        k=smallest(kept),
        dropped=dict(sorted(dropped.items())),
    )
    write(output, kept, result, asked_k=k, omit=omit, today=today)
    return result


def _told(log: Transcript, progress: Progress) -> _Log:
    told, head = _Log(), log.head
    for event in log.events():
        if isinstance(event, Recorded):
            _look(told, event)
        if event.position % _STEP == 0 or event.position == head:
            progress(event.position, head)
    return told


def _look(told: _Log, recorded: Recorded) -> None:
    event = recorded.event
    if isinstance(event, get_args(ReviewEvent)):
        told.reviewed[recorded.stream] = None
    elif isinstance(event, PatientHeld):
        told.held.add(_patient_of(recorded.stream))
    elif isinstance(event, HoldLifted):
        told.held.discard(_patient_of(recorded.stream))


def _patient_of(stream: str) -> str:
    """Return whose hold it is.

    Raises:
        ExportError: the stream does not say: nothing is exported then.

    """
    patient = stream.partition("/")[2]
    if not patient.startswith("Patient/"):
        raise ExportError("A legal hold names no patient, so nothing is exported.")
    return patient


def _lines(log: Transcript, told: _Log, *, omit: bool) -> Iterator[Found]:
    for stream in told.reviewed:
        try:
            state = _state(log.stream(stream))
            patient = _not_held(state, told.held)
            line = lesson(state, choices=CHOICES, omit=omit)
        except UnsafeCaseError as error:
            told.dropped[str(error)] += 1
        else:
            yield Found(patient=patient, line=line, cell=cell_of(line))


def _not_held(state: Assessment, held: Collection[str]) -> str:
    """Return whose case it is, unless a legal hold stands."""
    patient = str(state.patient or "").partition("/_history/")[0]
    if patient in held:
        raise UnsafeCaseError("held")
    return patient


def _state(stream: Iterable[Recorded | Erased]) -> Assessment:
    state = Assessment()
    for each in stream:
        if isinstance(each, Erased):
            raise UnsafeCaseError("erased")
        if type(each.event) not in _KNOWN:
            raise UnsafeCaseError("event.unknown")
        state = evolve(state, each.event)  # type: ignore[arg-type]
    return state
