"""Floor and model judge cases, as the workers of the gateway let them."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

import msgspec

from domain.floor.compose import assess
from domain.values import Case, Floor
from gateway.evaluation.answered import Answered, told
from gateway.evaluation.cases import CasesError, Input
from gateway.evaluation.visit import case_of
from gateway.workers.floor import failed
from inference.pipeline import Pipeline
from inference.schema import Retriever

Progress = Callable[[int, int], None]


class Assessor(StrEnum):
    """Who judges: rules, a model as it serves, or with other evidence, or together.

    Majority gives every case the level that is the most frequent label of the data set:
    it has seen the labels, and no patient. Base is the model without its adapter, bare
    is without any passage, gold with those that a case names. Combined is the more
    urgent of floor and model, as the service shows it.
    """

    FLOOR = "floor"
    MAJORITY = "majority"
    BASE = "model-base"
    BARE = "model-bare"
    MODEL = "model"
    GOLD = "model-gold"
    COMBINED = "combined"
    COMBINED_BARE = "combined-bare"
    COMBINED_GOLD = "combined-gold"


ARM = MappingProxyType(
    {
        Assessor.BASE: Assessor.BASE,
        Assessor.BARE: Assessor.BARE,
        Assessor.MODEL: Assessor.MODEL,
        Assessor.GOLD: Assessor.GOLD,
        Assessor.COMBINED: Assessor.MODEL,
        Assessor.COMBINED_BARE: Assessor.BARE,
        Assessor.COMBINED_GOLD: Assessor.GOLD,
    }
)
"""Whose answers an assessor needs; the floor needs none."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a site reads cases: its window, and the questions that ask for complaints."""

    window: timedelta
    questions: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What was said of one case; made of its input alone.

    `answered` is what the model said as it serves, `ablated` what it said with other
    evidence, or without its adapter. `majority` is the level that the data set's labels
    have most often; None where nobody asked, or no label is one level.
    """

    id: str
    case: Case = field(repr=False)
    floor: Floor
    answered: Answered | None = None
    ablated: Mapping[Assessor, Answered] = field(default_factory=dict)
    majority: int | None = None

    def said(self, arm: Assessor) -> Answered | None:
        """Return what the model said with some evidence, None where it was not asked.

        Args:
            arm: base, bare, model or gold.

        """
        return self.answered if arm is Assessor.MODEL else self.ablated.get(arm)

    def level(self, assessor: Assessor) -> int | None:
        """Return the level that an assessor gave; None where it gave none."""
        floor = int(self.floor.acuity)
        arm = ARM.get(assessor)
        if arm is None:
            return self.majority if assessor is Assessor.MAJORITY else floor
        said = self.said(arm)
        model = said.level if said else None
        if arm is assessor:
            return model
        return floor if model is None else min(floor, model)

    def concerns(self, assessor: Assessor) -> bool:
        """Say whether a case is one for an assessor: not all name their passages."""
        if assessor is Assessor.MAJORITY:
            return self.majority is not None
        return ARM.get(assessor) is not Assessor.GOLD or Assessor.GOLD in self.ablated


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
    arm: Assessor = Assessor.MODEL,
    evidence: Mapping[str, Retriever] | None = None,
) -> list[Prediction]:
    """Let the model judge what the floor has judged, so many at once.

    `evidence` stands in for the pipeline's knowledge, by case: a case that is not in
    it is not asked.
    """
    slots = asyncio.Semaphore(concurrency)
    done, showing = 0, pipeline.showing
    if evidence is not None:  # it was chosen already
        showing = replace(showing, pertinent=False)

    async def one(prediction: Prediction) -> Prediction:
        nonlocal done
        known = pipeline.retriever if evidence is None else evidence.get(prediction.id)
        if known is None:
            return prediction
        async with slots:
            asked = replace(pipeline, retriever=known, showing=showing)
            answer = await asked.assess(prediction.case, prediction.floor)
        done += 1
        progress(done, total)
        return _with(prediction, arm, told(answer))

    total = len(predictions if evidence is None else evidence)
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
        **{arm.value: said for arm, said in prediction.ablated.items()},
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


def _with(prediction: Prediction, arm: Assessor, said: Answered) -> Prediction:
    if arm is Assessor.MODEL:
        return replace(prediction, answered=said)
    return replace(prediction, ablated={**prediction.ablated, arm: said})
