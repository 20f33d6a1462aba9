"""One case made into rows: for supervision, preference, feedback and reward.

The columns are those of `training.rows`; `about` says of each row what it is, and is
not read by a stage.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from domain.values import Acuity
from inference.prompt import render
from training.answers import Answer, answer, text_of
from training.evidence import Library, Shown, kind_for
from training.mistakes import wrong_answer
from training.questions import Question
from training.reasons import Lesson

Row = dict[str, Any]
Rows = tuple[tuple[str, Row], ...]
"""Rows, each with the stage that it is for."""
STAGES: Final = ("sft", "dpo", "kto", "grpo")
_PUBLIC = (
    "Answer this question about general medicine. Answer with one JSON object that has"
    " the letter of the right option."
)


@dataclass(frozen=True, kw_only=True)
class Item:
    """A case on its way into the rows: where it is from, and where it belongs.

    `rejected` is a level that a nurse has changed, `feedback` what a nurse thought of
    the machine's level; both are None for cases that no nurse has seen.
    """

    id: str
    source: str  # synthetic, clinic
    split: str
    lesson: Lesson
    rejected: Acuity | None = None
    feedback: bool | None = None


def grounded(item: Item, library: Library, *, seed: int) -> tuple[Item, Shown, Answer]:
    """Return an item with the passages it shows, their kind, and the answer.

    Where nothing of the record has support in what was found, what was found next is
    shown, and else nothing. Only foreign passages stay as they are: to rest on none of
    them is what they are there to teach.
    """
    mark = f"{seed} {item.id}"
    chance = random.Random(mark)  # noqa: S311 (which evidence is shown is no secret)
    kind = library.possible(kind_for(chance, item.lesson.acuity))
    case, floor = item.lesson.case, item.lesson.floor
    for tried, skip in ((kind, 0), (Shown.RELEVANT, 1), (Shown.ABSENT, 0)):
        passages = library.evidence(case, floor, tried, seed=mark, skip=skip)
        told = replace(item, lesson=replace(item.lesson, passages=passages))
        made = answer(told.lesson, seed=mark)
        if made["reasons"] or (tried is Shown.IRRELEVANT and passages):
            break
    return told, tried if passages else Shown.ABSENT, made


def rows(
    item: Item, kind: Shown, right: Answer, *, seed: int
) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a case with the answer it is to get."""
    prompt = messages(item.lesson)
    about = {
        "id": item.id,
        "source": item.source,
        "family": item.lesson.family,
        "evidence": kind.value,
        "level": right["acuity"],
    }
    yield "sft", {"prompt": prompt, "completion": turn(right), "about": about}
    for mistake, wrong in _losing(item, right, seed):
        pair = {"chosen": turn(right), "rejected": turn(wrong)}
        yield "dpo", {"prompt": prompt, **pair, "about": {**about, "mistake": mistake}}
    for label, judged in _judged(item, right):
        row = {"prompt": prompt, "completion": turn(judged), "label": label}
        yield "kto", {**row, "about": about}
    if right["reasons"]:
        yield "grpo", {"prompt": prompt, **rewarded(item.lesson), "about": about}


def unpaired(row: Row, *, chosen: bool) -> Row:
    """Return one side of a pair as feedback on one answer, for want of a nurse's."""
    kept = row["chosen" if chosen else "rejected"]
    about = {**row["about"], "made_of": "pairs"}
    prompt = row["prompt"]
    return {"prompt": prompt, "completion": kept, "label": chosen, "about": about}


def public_row(question: Question) -> Row:
    """Return a public question as a row for supervision."""
    options = "\n".join(
        f"{letter}: {text}" for letter, text in question.options.items()
    )
    asked = f"{_PUBLIC}\n\n{question.text}\n\n{options}"
    about = {"id": question.id, "source": "public", "family": question.source}
    return {
        "prompt": [{"role": "user", "content": asked}],
        "completion": turn({"answer": question.answer}),
        "about": about,
    }


def messages(lesson: Lesson) -> list[dict[str, str]]:
    """Return the prompt as the service renders it."""
    rendered = render(lesson.case, lesson.floor, lesson.passages)
    return [{"role": each.role, "content": each.content} for each in rendered]


def turn(made: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return an answer as the assistant's turn."""
    return [{"role": "assistant", "content": text_of(dict(made))}]


def rewarded(lesson: Lesson) -> Row:
    """Return what a reward is computed from."""
    return {
        "case": msgspec.to_builtins(lesson.case),
        "floor": msgspec.to_builtins(lesson.floor),
        "acuity": int(lesson.acuity),
        "passages": msgspec.to_builtins(lesson.passages),
    }


def _losing(item: Item, right: Answer, seed: int) -> Sequence[tuple[str, Answer]]:
    """Return the answers that lose: the machine's that a nurse has changed, or ours."""
    if item.rejected is not None:
        return [("changed-by-nurse", {**right, "acuity": int(item.rejected)})]
    wrong = wrong_answer(item.lesson, right, seed=f"{seed} {item.id} wrong")
    return [] if wrong is None else [(wrong[0].value, wrong[1])]


def _judged(item: Item, right: Answer) -> Iterator[tuple[bool, Answer]]:
    """Yield the machine's level as the nurse judged it; nothing where none did."""
    if item.feedback is True:
        yield True, right
    elif item.feedback is False and item.rejected is not None:
        yield False, {**right, "acuity": int(item.rejected)}
