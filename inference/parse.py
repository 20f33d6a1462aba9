"""What a model wrote, read into a Draft or refused: pure and strict."""

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

from domain.answers import Draft, Evidence, Question, Reason
from domain.values import Acuity
from inference.contract import (
    MOST_CASE_REFS,
    MOST_CHOICES,
    MOST_EVIDENCE,
    MOST_QUESTIONS,
    MOST_REASONS,
    QUESTION_LENGTH,
    QUOTE_LENGTH,
    TEXT_LENGTH,
    Action,
    Confidence,
    MissingDatum,
    RedFlag,
)
from inference.plain import plain

LONGEST_ANSWER = 16_384  # characters; every maximum of the contract together is less

_Label = Annotated[str, msgspec.Meta(max_length=8)]


class _Evidence(msgspec.Struct, forbid_unknown_fields=True):
    id: _Label
    quote: Annotated[str, msgspec.Meta(max_length=QUOTE_LENGTH)]


class _Reason(msgspec.Struct, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LENGTH)]
    case_refs: Annotated[list[_Label], msgspec.Meta(max_length=MOST_CASE_REFS)]
    evidence: Annotated[list[_Evidence], msgspec.Meta(max_length=MOST_EVIDENCE)] = []


class _Question(msgspec.Struct, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=QUESTION_LENGTH)]
    why: Annotated[str, msgspec.Meta(max_length=QUESTION_LENGTH)] = ""


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    reasons: Annotated[list[_Reason], msgspec.Meta(max_length=MOST_REASONS)]
    red_flags: Annotated[list[RedFlag], msgspec.Meta(max_length=MOST_CHOICES)]
    questions: Annotated[list[_Question], msgspec.Meta(max_length=MOST_QUESTIONS)]
    suggested_actions: Annotated[list[Action], msgspec.Meta(max_length=MOST_CHOICES)]
    missing_data: Annotated[list[MissingDatum], msgspec.Meta(max_length=MOST_CHOICES)]
    confidence: Confidence
    acuity: Literal[1, 2, 3, 4, 5, "cannot_assess"]


@dataclass(frozen=True, kw_only=True)
class UnreadableDraft:
    """An answer that does not keep the contract; the reason repeats none of it."""

    reason: str


def parse(text: str, finish: str) -> Draft | UnreadableDraft:
    """Read a model's answer by the closed contract.

    Nothing is repaired: an answer that was cut off (any `finish` but "stop"), has an
    unknown field, a field twice or a value outside its range is no draft at all. An
    option that is named twice counts once.
    """
    if finish != "stop":
        return UnreadableDraft(reason="The model did not finish its answer.")
    if len(text) > LONGEST_ANSWER:
        return UnreadableDraft(reason="The model's answer is too long.")
    try:
        read = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
        answer = msgspec.convert(read, _Answer)
    except (ValueError, RecursionError):  # msgspec's ValidationError is a ValueError
        return UnreadableDraft(reason="The model's answer does not keep the contract.")
    return _draft(answer)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("A field stands twice.")
    return fields


def _no_constant(_: str) -> float:
    raise ValueError("NaN and Infinity are not JSON.")


def _draft(answer: _Answer) -> Draft:
    return Draft(
        acuity=None if answer.acuity == "cannot_assess" else Acuity(answer.acuity),
        reasons=tuple(_reason(reason) for reason in answer.reasons),
        red_flags=tuple(dict.fromkeys(flag.value for flag in answer.red_flags)),
        questions=tuple(
            Question(
                text=plain(asked.text, QUESTION_LENGTH),
                why=plain(asked.why, QUESTION_LENGTH),
            )
            for asked in answer.questions
        ),
        actions=tuple(dict.fromkeys(step.value for step in answer.suggested_actions)),
        missing=tuple(dict.fromkeys(datum.value for datum in answer.missing_data)),
        confidence=answer.confidence.value,
    )


def _reason(reason: _Reason) -> Reason:
    return Reason(
        text=plain(reason.text, TEXT_LENGTH),
        case_refs=tuple(dict.fromkeys(reason.case_refs)),
        evidence=tuple(
            Evidence(passage=cited.id, quote=plain(cited.quote, QUOTE_LENGTH))
            for cited in reason.evidence
        ),
    )
