"""Floor and model judge cases, as the workers of the gateway let them."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

import msgspec

from domain.floor.compose import assess
from domain.values import Case, Floor
from gateway.evaluation.cases import CasesError, Input
from gateway.evaluation.visit import case_of
from gateway.workers.floor import failed
from inference.pipeline import Pipeline, Proposal, Withholding

Progress = Callable[[int, int], None]


class Assessor(StrEnum):
    """Who judges; combined is the more urgent of floor and model."""

    FLOOR = "floor"
    MODEL = "model"
    COMBINED = "combined"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a site reads cases: its window, and the questions that ask for complaints."""

    window: timedelta
    questions: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What the model said of a case; no level where it gave none, and then why."""

    level: int | None
    confidence: str = ""
    withheld: tuple[str, ...] = ()
    model: str = ""
    weights: str = ""
    prompt: str = ""


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What was said of one case; made of its input alone."""

    id: str
    case: Case = field(repr=False)
    floor: Floor
    answered: Answered | None = None

    def level(self, assessor: Assessor) -> int | None:
        """Return the level that an assessor gave; None where it gave none."""
        floor = int(self.floor.acuity)
        model = self.answered.level if self.answered else None
        if assessor is Assessor.MODEL:
            return model
        if assessor is Assessor.FLOOR or model is None:
            return floor
        return min(floor, model)


def predict(
    inputs: Mapping[str, Input], how: Reading, *, progress: Progress
) -> list[Prediction]:
    """Let the floor judge every input.

    Raises:
        CasesError: an input cannot be made into a case; its id is named.

    """
    found = []
    for done, (name, source) in enumerate(inputs.items(), 1):
        found.append(_predicted(name, source, how))
        progress(done, len(inputs))
    return found


async def ask(
    predictions: Sequence[Prediction],
    pipeline: Pipeline,
    *,
    concurrency: int,
    progress: Progress,
) -> list[Prediction]:
    """Let the model judge what the floor has judged, so many at once."""
    slots = asyncio.Semaphore(concurrency)
    done = 0

    async def one(prediction: Prediction) -> Prediction:
        nonlocal done
        async with slots:
            answer = await pipeline.assess(prediction.case, prediction.floor)
        done += 1
        progress(done, len(predictions))
        return Prediction(
            id=prediction.id,
            case=prediction.case,
            floor=prediction.floor,
            answered=_answered(answer),
        )

    return list(await asyncio.gather(*map(one, predictions)))


def serialised(predictions: Sequence[Prediction]) -> bytes:
    """Return predictions as JSON, without what the patients said."""
    return msgspec.json.encode([outline(each) for each in predictions])


def outline(prediction: Prediction) -> dict[str, object]:
    """Return what was said of a case, without the case."""
    floor = prediction.floor
    return {
        "id": prediction.id,
        "floor": int(floor.acuity),
        "fired": [
            {"rule": each.rule, "level": int(each.acuity)} for each in floor.fired
        ],
        "missing": list(floor.missing),
        "doubts": len(floor.doubts),
        "rules": floor.rules,
        "model": prediction.answered,
    }


def digest(inputs: Mapping[str, Input]) -> str:
    """Return a SHA-256 by which the same inputs are known again."""
    encoded = msgspec.json.encode(sorted(inputs.items()))
    return hashlib.sha256(encoded).hexdigest()


def _predicted(name: str, source: Input, how: Reading) -> Prediction:
    try:
        case = case_of(source, window=how.window, questions=how.questions)
    except CasesError as error:
        raise CasesError(f"Case {name}: {error}") from None
    try:
        floor = assess(case)
    except Exception as error:  # noqa: BLE001 (what the service does then is measured)
        floor = failed(type(error).__name__)
    return Prediction(id=name, case=case, floor=floor)


def _answered(answer: Proposal | Withholding) -> Answered:
    run = answer.run
    known = {
        "model": run.model.name if run else "",
        "weights": run.model.weights if run else "",
        "prompt": run.prompt_version if run else "",
    }
    if isinstance(answer, Withholding):
        return Answered(level=None, withheld=answer.reasons, **known)
    given = answer.draft.acuity
    return Answered(
        level=None if given is None else int(given),
        confidence=answer.draft.confidence,
        withheld=("The model says that it cannot assess.",) if given is None else (),
        **known,
    )
