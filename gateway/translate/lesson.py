"""One reviewed assessment as a line of training data, without anything of a person.

Every value is a number, a word of a closed list, the rules' own sentence on the new
case, or the site's own name of a model, prompt, index or passage. The prose of model
and nurse is left out.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from domain.answers import Decision, Draft, ModelRun, Review
from domain.assessment import Assessment
from domain.values import Case, Floor, Sex
from gateway.translate.deidentified import Safe, UnsafeCaseError, safe

Line = dict[str, Any]
Cell = tuple[str, str, tuple[str, ...]]
"""What a case could be singled out by: age band, sex, complaints."""

_LABEL: Final = re.compile(r"[PCVHMA][1-9]\d?")
_CONFIDENCE: Final = ("low", "medium", "high")
_DAYS: Final = 365.25
_BANDS: Final = (
    *((28, "under 28 days"), (365, "under 1 year"), (5 * _DAYS, "1-4 years")),
    *((12 * _DAYS, "5-11 years"), (18 * _DAYS, "12-17 years")),
    *((10 * n * _DAYS, f"{10 * n - 10}-{10 * n - 1} years") for n in range(3, 10)),
)


def lesson(state: Assessment, *, choices: frozenset[str], omit: bool) -> Line:
    """Return what training learns from a case that a nurse has decided.

    `choices` are the words that a model may choose from: flags, actions, missing data.

    Raises:
        UnsafeCaseError: it cannot be shown; the message is a short code of why.

    """
    case, floor, review = state.case, state.floor, state.review
    if not (case and floor and review and state.opened and state.acuity):
        raise UnsafeCaseError("case.incomplete")
    shown = safe(case, floor, opened=state.opened, omit=omit)
    return {
        "case": msgspec.to_builtins(shown.case),
        "floor": msgspec.to_builtins(shown.floor),
        "omitted": dict(shown.omitted),
        "run": None if state.run is None else _run(state.run),
        "draft": None if state.draft is None else _draft(state.draft, shown, choices),
        "machine_acuity": int(state.acuity),
        "decision": _decision(review, state),
        "preference": _preference(review, state),
    }


def cell_of(line: Line) -> Cell:
    """Return what a line could be singled out by."""
    case = msgspec.convert(line["case"], Case)
    band = "unknown"
    if case.age is not None:
        older = (name for days, name in _BANDS if case.age.least < days)
        band = next(older, "90 years and over")
    said = {part for each in case.complaints for part in each.text.split(". ")}
    return band, Sex(case.sex).value, tuple(sorted(said))


def read(line: Line) -> tuple[Case, Floor]:
    """Return case and floor of a line, as prompts are rendered from them."""
    return msgspec.convert(line["case"], Case), msgspec.convert(line["floor"], Floor)


def _run(run: ModelRun) -> Line:
    """Return what was asked, by the site's own names of it; no text of the model."""
    return {
        "model": run.model.name,
        "weights": run.model.weights,
        "shadow": run.shadow,
        "prompt_version": run.prompt_version,
        "index": run.index,
        "passages": [{"id": each.id, "sha256": each.sha256} for each in run.passages],
    }


def _draft(draft: Draft, shown: Safe, choices: frozenset[str]) -> Line:
    chosen = (*draft.red_flags, *draft.actions, *draft.missing)
    if not choices.issuperset(chosen) or draft.confidence not in _CONFIDENCE:
        raise UnsafeCaseError("draft.unknown-choice")
    return {
        "acuity": None if draft.acuity is None else int(draft.acuity),
        "red_flags": list(draft.red_flags),
        "actions": list(draft.actions),
        "missing": list(draft.missing),
        "confidence": draft.confidence,
        "reasons": list(_reasons(draft)) if not shown.omitted else [],
        "questions": len(draft.questions),
    }


def _reasons(draft: Draft) -> Iterator[Line]:
    """Give of each reason what it rests on; labels hold while nothing is omitted."""
    for each in draft.reasons:
        if not all(map(_LABEL.fullmatch, each.case_refs)):
            raise UnsafeCaseError("draft.unknown-label")
        yield {
            "case_refs": list(each.case_refs),
            "evidence": len(each.evidence),
        }


def _decision(review: Review, state: Assessment) -> Line:
    return {
        "kind": review.decision.value,
        "acuity": int(review.acuity),
        "gave_reason": bool(review.reason.strip()),
        "looked_again": state.again is not None,
    }


def _preference(review: Review, state: Assessment) -> Line | None:
    """Return which of two levels the nurse preferred, None where she agreed."""
    if review.decision is Decision.ACCEPTED or review.acuity == state.acuity:
        return None
    return {"chosen": int(review.acuity), "rejected": int(state.acuity or 0)}
