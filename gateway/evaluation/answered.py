"""What became of a question to the model: counted, without a word of the answer."""

from dataclasses import dataclass, replace
from enum import StrEnum

from domain.answers import Draft, ModelRun
from inference.parse import parse
from inference.pipeline import Proposal, Withholding

_UNREADABLE = "readable"  # the check of inference.pipeline that an answer is JSON


class Outcome(StrEnum):
    """What became of a question to the model."""

    LEVEL = "level"
    CANNOT_ASSESS = "cannot-assess"
    WITHHELD = "withheld"
    UNREADABLE = "unreadable"
    NO_ANSWER = "no-answer"


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What the model said of a case; no level where it gave none, and then why.

    `guards` are the checks that fired, `reasons` what was shown to the nurse, and
    `quoted` those of them with a passage's words. `stated` is the level before the
    checks, None where none could be read. `passages` is how many the model
    saw. `milliseconds` is None where no answer came.
    """

    level: int | None
    stated: int | None = None
    confidence: str = ""
    withheld: tuple[str, ...] = ()
    model: str = ""
    weights: str = ""
    prompt: str = ""
    outcome: Outcome = Outcome.LEVEL
    guards: tuple[str, ...] = ()
    reasons: int = 0
    quoted: int = 0
    index: str = ""
    passages: int = 0
    milliseconds: int | None = None
    prompt_tokens: int = 0
    cached_tokens: int = 0


def told(answer: Proposal | Withholding) -> Answered:
    """Return what is counted of an answer, or of its absence."""
    if isinstance(answer, Proposal):
        return _proposed(answer.draft, answer.run)
    if answer.run is None:
        return Answered(level=None, withheld=answer.reasons, outcome=Outcome.NO_ANSWER)
    found = _counted(answer.run)
    unread = _UNREADABLE in found.guards
    outcome = Outcome.UNREADABLE if unread else Outcome.WITHHELD
    return replace(found, withheld=answer.reasons, outcome=outcome)


def _proposed(draft: Draft, run: ModelRun) -> Answered:
    found = replace(
        _counted(run),
        confidence=draft.confidence,
        reasons=len(draft.reasons),
        quoted=sum(bool(each.evidence) for each in draft.reasons),
    )
    if draft.acuity is None:
        why = ("The model says that it cannot assess.",)
        return replace(found, withheld=why, outcome=Outcome.CANNOT_ASSESS)
    return replace(found, level=int(draft.acuity))


def _counted(run: ModelRun) -> Answered:
    read = parse(run.answer, run.finish)
    level = read.acuity if isinstance(read, Draft) else None
    return Answered(
        level=None,
        stated=None if level is None else int(level),
        model=run.model.name,
        weights=run.model.weights,
        prompt=run.prompt_version,
        guards=tuple(dict.fromkeys(fired.guard for fired in run.guards)),
        index=run.index,
        passages=len(run.passages),
        milliseconds=run.milliseconds,
        prompt_tokens=run.usage.prompt,
        cached_tokens=run.usage.cached,
    )
