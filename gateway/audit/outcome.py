"""What became of a case, and which versions of everything had a part in it."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from domain.answers import ModelRun, Review
from domain.assessment import Assessment
from domain.events import (
    AssessmentEvent,
    FloorAssessed,
    ImpressionProposed,
    ImpressionWithheld,
)
from domain.values import Floor
from gateway.audit import words
from gateway.audit.nurse_entries import person
from gateway.audit.reads import Reads
from gateway.audit.story import Facts
from gateway.translate import wording


def outcome(state: Assessment, decided: datetime | None, found: Reads) -> Facts:
    """Return what the rules, the model and the nurse said, in one place."""
    return Facts(rows=tuple(_outcome(state, decided, found)))


def versions(events: Iterable[AssessmentEvent]) -> Facts:
    """Return every version of rules, model, prompt, schema and index that was used."""
    found: dict[str, dict[str, None]] = {}
    for event in events:
        for label, version in _versions(event):
            found.setdefault(label, {})[version] = None
    return Facts(rows=tuple((label, "; ".join(said)) for label, said in found.items()))


def _outcome(
    state: Assessment, decided: datetime | None, found: Reads
) -> Iterator[tuple[str, str]]:
    if not state.exists:
        yield "Case", "every event of it was erased"
        yield from _gaps(found)
        return
    yield "Patient", words.reference(state.patient)
    yield "Encounter", words.reference(state.encounter)
    yield "Opened", words.instant(state.opened)
    yield from _seen(state)
    yield "Language model", wording.model_sentence(state)
    yield "Proposed", words.level(state.acuity)
    if state.review is None or state.reviewer is None:
        yield "Nurse", "has not decided"
    else:
        yield "Nurse", f"{person(state.reviewer)}: {state.review.decision.value}"
        yield "Decided", f"{words.level(state.review.acuity)}, {words.instant(decided)}"
        yield from _lowered(state.review, state.floor)
    for recall in state.recalls:
        yield "Recalled", recall.reason or "no reason was given"
    yield from _gaps(found)


def _seen(state: Assessment) -> Iterator[tuple[str, str]]:
    """Say who came with what, and what the rules made of it."""
    case, floor = state.case, state.floor
    if case is None or floor is None:
        yield "Rules", "have not judged the case"
        return
    yield "Age, sex", f"{words.age(case.age)}, {case.sex.value}"
    said = "; ".join(each.text for each in case.complaints)
    yield "Complaint", said or "none was sent"
    because = [each.sentence for each in floor.fired if each.acuity == floor.acuity]
    yield "Rules", f"{words.level(floor.acuity)}. {' '.join(because)}".strip()
    yield "Signature", wording.signed(state.standing)


def _lowered(review: Review, floor: Floor | None) -> Iterator[tuple[str, str]]:
    """Say so where a nurse went below what the rules demand, and her reason."""
    if floor is not None and review.acuity > floor.acuity:
        yield "Less urgent than the rules", f"Her reason: {review.reason}"


def _gaps(found: Reads) -> Iterator[tuple[str, str]]:
    """Say what the access records cannot tell any more."""
    if found.erased:
        yield "Erased access records", f"{found.erased}, perhaps of this case"
    if found.unrecorded:
        yield "Refusals only counted", f"{found.unrecorded}; they showed nothing"


def _versions(event: AssessmentEvent) -> Iterator[tuple[str, str]]:
    match event:
        case FloorAssessed():
            yield "Rules", event.floor.rules
            if event.standing.catalogue:
                yield "Catalogue of the rules", event.standing.catalogue
            if event.standing.site:
                yield "Site's own rules", event.standing.site
        case ImpressionProposed():
            yield from _of_run(event.run)
        case ImpressionWithheld() if event.run is not None:
            yield from _of_run(event.run)
        case _:
            return


def _of_run(run: ModelRun) -> Iterator[tuple[str, str]]:
    base, _, adapter = run.model.name.partition(":")
    yield "Model", base
    yield "Adapter", adapter or "none"
    yield "Weights", run.model.weights
    yield "Server", run.model.server
    yield "Prompt", run.prompt_version
    yield "Answer's schema", run.schema_sha256
    yield "Knowledge index", run.index
