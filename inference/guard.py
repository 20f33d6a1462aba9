"""Reasons to strip a claim or to withhold a draft: pure, one short function each.

Every check gets the claim and what the model had seen. A claim that fails is left
out and the check is on record; a draft of which no reason is left is withheld. The
sentences on record never repeat the model's words or the patient's data.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from domain.answers import (
    Draft,
    GuardFired,
    PassageShown,
    Question,
    Reason,
)
from domain.values import Case
from inference.contract import ASKING, labelled
from inference.founded import founded, lacking
from inference.grounding import CHECKS, LAST_CHECKS, Seen, all_said
from inference.lexicon import GENERIC, conditions_named
from inference.plain import comparable
from inference.prompt import INSTRUCTIONS, case_refs, facts, record_mark
from inference.quantities import numbers
from inference.wording import WORDING, objection

_Claim = TypeVar("_Claim", Reason, Question)

NAMES: Final = tuple(
    dict.fromkeys(
        (
            "no-leak",
            *(name for name, _ in CHECKS),
            "is-a-question",
            *(name for name, *_ in WORDING),
            *(name for name, _ in LAST_CHECKS),
            "founded-flags",
            "truly-missing",
            "no-reason-left",
        )
    )
)
"""Every check by its name, in the order in which they are made."""

_LEAK_WORDS = 7  # consecutive words of the instructions are no coincidence


@dataclass(frozen=True, kw_only=True)
class Checked:
    """The draft without the claims that failed, or None, and the checks that fired.

    In the draft, `Reason.case_refs` are literal references and `Evidence.passage`
    is the id of the passage.
    """

    draft: Draft | None
    guards: tuple[GuardFired, ...]


def check(draft: Draft, case: Case, passages: Sequence[PassageShown]) -> Checked:
    """Return what of a draft may be shown, and every check that fired."""
    seen = Seen(
        facts=facts(case),
        sources=case_refs(case),
        passages=labelled(passages),
        mark=record_mark(case),
    )
    if leak := _leak(draft, seen):
        return Checked(draft=None, guards=(leak,))
    reasons, stripped = _kept("Reason", draft.reasons, seen, _object_to_reason)
    questions, dropped = _kept("Question", draft.questions, seen, _object_to_question)
    ticked, unticked = _ticked(draft, case, all_said(seen.facts, *_texts(reasons)))
    guards = (*stripped, *dropped, *unticked)
    if draft.acuity is not None and not reasons:
        return Checked(draft=None, guards=(*guards, _NOTHING_LEFT))
    resolved = tuple(_resolved(reason, seen) for reason in reasons)
    kept = replace(ticked, reasons=resolved, questions=questions)
    return Checked(draft=kept, guards=guards)


_NOTHING_LEFT = GuardFired(
    guard="no-reason-left",
    sentence="The draft was withheld: none of its reasons passed the checks.",
)
_UNFOUNDED = GuardFired(
    guard="founded-flags",
    sentence="Red flags were left out: nothing in the case speaks of them.",
)
_PRESENT = GuardFired(
    guard="truly-missing",
    sentence="Data that the case holds were said to be missing: that was left out.",
)
_LEAKED = GuardFired(
    guard="no-leak",
    sentence="The draft was withheld: it repeats its instructions or data tags.",
)


def _leak(draft: Draft, seen: Seen) -> GuardFired | None:
    said = " ".join(
        [
            *(r.text for r in draft.reasons),
            *(f"{q.text} {q.why}" for q in draft.questions),
        ]
    )
    told = f" {' '.join(_words(INSTRUCTIONS))} "
    words = _words(said)
    runs = (words[i : i + _LEAK_WORDS] for i in range(len(words) - _LEAK_WORDS + 1))
    if seen.mark in said or any(f" {' '.join(run)} " in told for run in runs):
        return _LEAKED
    return None


def _words(text: str) -> list[str]:
    return [word.strip(".,:;!?\"'()") for word in comparable(text).split()]


def _kept(
    kind: str,
    claims: Sequence[_Claim],
    seen: Seen,
    object_to: Callable[[_Claim, Seen], tuple[str, str] | None],
) -> tuple[tuple[_Claim, ...], list[GuardFired]]:
    kept: dict[_Claim, None] = {}
    fired = []
    for place, claim in enumerate(claims, 1):
        if found := object_to(claim, seen):
            sentence = f"{kind} {place} was left out: {found[1]}."
            fired.append(GuardFired(guard=found[0], sentence=sentence))
        else:
            kept[claim] = None  # a claim that is made twice is shown once
    return tuple(kept), fired


def _object_to_reason(reason: Reason, seen: Seen) -> tuple[str, str] | None:
    return (
        _first(CHECKS, reason, seen)
        or objection(reason.text)
        or _first(LAST_CHECKS, reason, seen)
    )


def _first(
    checks: Sequence[tuple[str, Callable[[Reason, Seen], str | None]]],
    reason: Reason,
    seen: Seen,
) -> tuple[str, str] | None:
    for name, refuse in checks:
        if finding := refuse(reason, seen):
            return name, finding
    return None


def _object_to_question(question: Question, seen: Seen) -> tuple[str, str] | None:
    said = f"{question.text} {question.why}"
    shown = all_said(seen.facts, *(passage.text for passage in seen.passages.values()))
    if not ASKING.search(question.text):
        return "is-a-question", "it does not ask"
    if not numbers(said) <= numbers(shown):
        return "known-numbers", "it states a number that the model was not shown"
    if not conditions_named(said) <= conditions_named(shown) | GENERIC:
        return "known-conditions", "it names a disease that the model was not shown"
    return objection(question.text) or objection(question.why)


def _texts(reasons: Sequence[Reason]) -> Iterator[str]:
    for reason in reasons:
        yield reason.text
        yield from (evidence.quote for evidence in reason.evidence)


def _ticked(draft: Draft, case: Case, said: str) -> tuple[Draft, list[GuardFired]]:
    """Drop red flags and missing data that nothing said of the case can have led to."""
    flags = tuple(each for each in draft.red_flags if founded(each, said))
    missing = tuple(each for each in draft.missing if lacking(each, case))
    fired = []
    if flags != draft.red_flags:
        fired.append(_UNFOUNDED)
    if missing != draft.missing:
        fired.append(_PRESENT)
    return replace(draft, red_flags=flags, missing=missing), fired


def _resolved(reason: Reason, seen: Seen) -> Reason:
    """Return a reason under names that outlive the prompt."""
    return replace(
        reason,
        case_refs=tuple(
            dict.fromkeys(str(seen.sources[name]) for name in reason.case_refs)
        ),
        evidence=tuple(
            replace(evidence, passage=seen.passages[evidence.passage].id)
            for evidence in reason.evidence
        ),
    )
