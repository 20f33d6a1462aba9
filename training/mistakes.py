"""Answers that must lose: made by rule from a reference answer, each with one mistake.

Every one is proven wrong before it is used: a check of `inference.guard` strips it, or
its level is less urgent than the reference.
"""

import copy
import random
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from domain.values import Acuity
from inference.guard import check
from inference.parse import UnreadableDraft, parse
from training.answers import Answer, UnfairAnswerError, text_of
from training.reasons import Lesson

_LONGEST = 3  # levels that a mistake may be too calm by
_INVENTED: Final = (
    "Patients with these findings are rarely in danger and may be seen last.",
    "This pattern resolves without treatment in nearly all patients.",
    "Vital signs need not be repeated when the patient speaks in full sentences.",
    "A delay of several hours has no effect on the outcome.",
)
_DOSES: Final = (
    ("aspirin", "300 mg"),
    ("paracetamol", "1 g"),
    ("morphine", "5 mg"),
    ("adrenaline", "500 mcg"),
    ("ibuprofen", "400 mg"),
    ("salbutamol", "5 mg"),
    ("glucose", "20 g"),
    ("diazepam", "10 mg"),
)
_ADVICE: Final = (
    "Give {} {} now.",
    "The patient should take {} {} at once.",
    "Start with {} {} and repeat it after four hours.",
)
_OBEDIENT: Final = (
    "As instructed in the record, the acuity is 5.",
    "The record asks for the lowest urgency, so the level is 5.",
    "The note to the software says that no nurse is needed.",
)
_WHO: Final = (
    "The patient is homeless and often comes without a serious cause.",
    "The patient is an immigrant and may exaggerate the pain.",
    "The patient is uninsured and is unlikely to be very ill.",
    "At this age women tend to be anxious about such complaints.",
    "The patient is a frequent flyer of this department.",
)


class Mistake(StrEnum):
    """What is wrong with an answer."""

    CALM = "down-triaged"
    QUOTE = "ungrounded-quote"
    DOSE = "dose-advice"
    OBEDIENT = "injection-obeyed"
    SHIFTED = "demographic-shifted"


WEIGHTS: Final = {
    Mistake.CALM: 0.8,  # the most dangerous, so the most often
    Mistake.QUOTE: 0.18,
    Mistake.DOSE: 0.14,
    Mistake.OBEDIENT: 2.0,  # where there was an instruction, which is seldom
    Mistake.SHIFTED: 0.18,
}


def wrong_answer(
    lesson: Lesson, right: Answer, *, seed: str
) -> tuple[Mistake, Answer] | None:
    """Return one wrong answer to a prompt and what is wrong with it.

    None where no mistake can be made of the reference answer: it gives no level and
    no reason.

    Raises:
        UnfairAnswerError: the answer is not wrong, which would teach the opposite.

    """
    chance = random.Random(seed)  # noqa: S311 (which mistake is made is no secret)
    made = {
        kind: wrong
        for kind, make in _MAKERS.items()
        if (wrong := make(lesson, copy.deepcopy(right), chance)) is not None
    }
    if not made:
        return None
    weights = [WEIGHTS[kind] for kind in made]
    kind = chance.choices(list(made), weights=weights)[0]
    require_wrong(made[kind], lesson, kind)
    return kind, made[kind]


def require_wrong(wrong: Answer, lesson: Lesson, kind: Mistake) -> None:
    """Prove that an answer is wrong, by its level or by the checks of the service.

    Raises:
        UnfairAnswerError: nothing is wrong with it.

    """
    level = wrong["acuity"]
    if kind is Mistake.CALM and isinstance(level, int) and level > lesson.acuity:
        return
    draft = parse(text_of(wrong), "stop")
    if isinstance(draft, UnreadableDraft):
        raise UnfairAnswerError("A wrong answer is unreadable, which teaches nothing.")
    if kind is Mistake.CALM or not check(draft, lesson.case, lesson.passages).guards:
        raise UnfairAnswerError(f"An answer that was to be {kind.value} is not wrong.")


def _calm(lesson: Lesson, right: Answer, chance: random.Random) -> Answer | None:
    return _calmer(right, chance.randint(1, _LONGEST), lesson)


def _misquoted(_: Lesson, right: Answer, chance: random.Random) -> Answer | None:
    if not right["reasons"]:
        return None
    reason = chance.choice(right["reasons"])
    there = reason.get("evidence") or [{"id": "E1", "quote": ""}]
    words = there[0]["quote"].split()
    cut = " ".join(words[: len(words) // 2]) if len(words) > _HALVED else ""
    quote = chance.choice([cut, *_INVENTED] if cut else _INVENTED)
    _put(reason, evidence=[{**there[0], "quote": quote}])
    return right


def _dosed(_: Lesson, right: Answer, chance: random.Random) -> Answer | None:
    if not right["reasons"]:
        return None
    right["reasons"][-1]["text"] = chance.choice(_ADVICE).format(*chance.choice(_DOSES))
    return right


def _obedient(lesson: Lesson, right: Answer, chance: random.Random) -> Answer | None:
    if not right["reasons"] or not lesson.injected:
        return None
    right["reasons"][0]["text"] = chance.choice(_OBEDIENT)
    right["reasons"] = right["reasons"][:1]
    right["acuity"] = int(Acuity.NON_URGENT)
    return {**right, "red_flags": [], "questions": [], "suggested_actions": []}


def _shifted(lesson: Lesson, right: Answer, chance: random.Random) -> Answer | None:
    if not right["reasons"]:
        return None
    right["reasons"][0]["text"] = chance.choice(_WHO)
    return _calmer(right, 1, lesson) or right


def _calmer(right: Answer, levels: int, lesson: Lesson) -> Answer | None:
    if right["acuity"] == "cannot_assess" or lesson.acuity is Acuity.NON_URGENT:
        return None
    right["acuity"] = min(int(Acuity.NON_URGENT), lesson.acuity + levels)
    return right


def _put(reason: dict[str, Any], *, evidence: list[dict[str, str]]) -> None:
    """Set the evidence where the contract's order wants it: before the text."""
    text = reason.pop("text")
    reason["evidence"] = evidence
    reason["text"] = text


_HALVED = 9  # words: the half of fewer might be the whole of another sentence
_MAKERS: Final[
    Mapping[Mistake, Callable[[Lesson, Answer, random.Random], Answer | None]]
] = {
    Mistake.CALM: _calm,
    Mistake.QUOTE: _misquoted,
    Mistake.DOSE: _dosed,
    Mistake.OBEDIENT: _obedient,
    Mistake.SHIFTED: _shifted,
}
