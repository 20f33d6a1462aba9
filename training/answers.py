"""The reference answer of a case: what a model is taught to write to one prompt.

Its reasons are made of the record's words and of whole sentences of the passages that
were shown. Many are tried, the gravest first, and those are taken that pass every check
of `inference.guard`: what a nurse would not be shown is not taught either.
"""

import json
import random
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final

from domain.answers import Draft, Reason
from domain.values import Acuity
from inference.contract import (
    MOST_REASONS,
    Confidence,
    output_schema,
)
from inference.guard import check
from inference.parse import UnreadableDraft, parse
from inference.prompt import case_refs
from training.bearing import bearing, doubts
from training.obedience import obeys
from training.reasons import Lesson, candidates, cites
from training.told import Told

LACKING: Final = 4
"""Vital signs that must be missing before a calm level is not given at all."""
_AT_ONCE = 4  # reasons that are checked together: few are checked in vain


class UnfairAnswerError(Exception):
    """A reference answer does not hold what models are held to: a fault of this code.

    It repeats nothing of the answer.
    """


Answer = dict[str, Any]
"""An answer by the contract, its fields in the contract's order."""


def answer(lesson: Lesson, *, seed: str) -> Answer:
    """Return the reference answer; `seed` chooses among words that are as good.

    The level is `cannot_assess` where key data are missing, or where nothing that the
    record tells has support in the passages: then the floor stands alone.

    Raises:
        UnfairAnswerError: the answer would not pass as it is.

    """
    chance = random.Random(seed)  # noqa: S311 (a choice of words hides nothing)
    reasons = _reasons(lesson, chance)
    level = None if not reasons or lacks_key_data(lesson) else lesson.acuity
    made = _worded(lesson, reasons, level)
    require_fair(made, lesson)
    return made


def lacks_key_data(lesson: Lesson) -> bool:
    """Say whether too little is known for a level less urgent than 2."""
    calm = lesson.acuity > Acuity.EMERGENT and not lesson.decided
    return calm and (len(lesson.floor.missing) >= LACKING or not lesson.case.complaints)


def require_fair(made: Answer, lesson: Lesson) -> None:
    """Read an answer as the service would, and let nothing be stripped of it.

    Raises:
        UnfairAnswerError: it breaks the schema of its prompt, or a check fires.

    """
    schema = output_schema(lesson.passages, case_refs(lesson.case))
    if not obeys(made, schema):
        raise UnfairAnswerError("A reference answer breaks the schema of its prompt.")
    draft = parse(text_of(made), "stop")
    if isinstance(draft, UnreadableDraft):
        raise UnfairAnswerError(f"A reference answer is unreadable. {draft.reason}")
    if fired := check(draft, lesson.case, lesson.passages).guards:
        names = ", ".join(each.guard for each in fired)
        raise UnfairAnswerError(f"A reference answer fails the checks {names}.")


def text_of(made: Answer) -> str:
    """Return an answer as a model writes it."""
    return json.dumps(made, separators=(",", ":"), ensure_ascii=False)


def _worded(lesson: Lesson, reasons: Sequence[Reason], level: Acuity | None) -> Answer:
    rest = bearing(
        lesson.case, lesson.floor, acuity=lesson.acuity, family=lesson.family
    )
    return {
        "reasons": [_object(reason, cited=cites(lesson)) for reason in reasons],
        "red_flags": [*rest.flags],
        "questions": [{"text": text} for text in rest.questions],
        "suggested_actions": [*rest.actions],
        "missing_data": [*rest.missing],
        "confidence": _confidence(lesson, level),
        "acuity": "cannot_assess" if level is None else int(level),
    }


def _object(reason: Reason, *, cited: bool) -> dict[str, Any]:
    quotes = [{"id": e.passage, "quote": e.quote} for e in reason.evidence]
    evidence = {"evidence": quotes} if cited else {}
    return {"case_refs": [*reason.case_refs], **evidence, "text": reason.text}


def _confidence(lesson: Lesson, level: Acuity | None) -> str:
    """Return how sure one may be: never high where anything is missing or doubtful."""
    floor = lesson.floor
    if level is None or len(floor.missing) > 1 or doubts(floor):
        return Confidence.LOW.value
    sure = lesson.passages and not floor.missing and floor.acuity == level
    return Confidence.HIGH.value if sure else Confidence.MEDIUM.value


def _reasons(lesson: Lesson, chance: random.Random) -> tuple[Reason, ...]:
    """Return the gravest reasons that pass every check, each on another finding."""
    kept: dict[Told, Reason] = {}
    tried = (each for each in candidates(lesson, chance) if each[0] not in kept)
    while len(kept) < MOST_REASONS and (some := [*islice(tried, _AT_ONCE)]):
        passed = _passing(some, lesson)
        for found, reason in some:
            if found not in kept and reason.text in passed and _is_new(reason, kept):
                kept[found] = reason
    grave = [reason for found, reason in kept.items() if not found.plain]
    return tuple((grave or [*kept.values()][:1])[:MOST_REASONS])


def _is_new(reason: Reason, kept: Mapping[Told, Reason]) -> bool:
    """Say whether a reason quotes what no other does: a sentence is quoted once."""
    quoted = {e.quote for other in kept.values() for e in other.evidence}
    return quoted.isdisjoint(evidence.quote for evidence in reason.evidence)


def _passing(tried: Sequence[tuple[Told, Reason]], lesson: Lesson) -> frozenset[str]:
    """Return the texts of the reasons in which no check finds a fault."""
    draft = Draft(acuity=lesson.acuity, reasons=tuple(reason for _, reason in tried))
    found = check(draft, lesson.case, lesson.passages).draft
    return frozenset(each.text for each in found.reasons) if found else frozenset()
