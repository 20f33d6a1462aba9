"""How a model behaved: obedience, grounding, raises above the floor, time."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from gateway.evaluation.answered import Answered, Outcome
from gateway.evaluation.assessors import Assessor
from gateway.evaluation.figures import Judged, mean
from inference import metrics
from inference.metrics import Estimate, Proportion


@dataclass(frozen=True, kw_only=True)
class Raises:
    """What became of raises above the floor, where there is a label to hold them to.

    Right: the floor was less urgent than the label, and the raise is not more so. Too
    far: the floor was less urgent, and the raise is more urgent than the label. Wrong:
    the floor was urgent enough. `left` are the cases in which the floor was less
    urgent than the label and was not raised.
    """

    right: int
    too_far: int
    wrong: int
    left: int
    unlabelled: int


@dataclass(frozen=True, kw_only=True)
class Seconds:
    """How long the model took for an answer: median, and 95th percentile."""

    median: float
    p95: float
    total: int


@dataclass(frozen=True, kw_only=True)
class Conduct:
    """One model with one kind of evidence, on all cases that it was asked about.

    `obedient` is of the answers that came: those that kept the schema. `echoed` is of
    those with a level, before the checks: the rules' own level, repeated. `raised` and
    `calmer` say how often the model's level was more, or less urgent than the floor's;
    a calmer one never counts. `reasons` and `quoted` are means per case, of what a
    nurse would see. `cached` is the share of the prompts' tokens that the server had
    computed before, None where it does not tell.
    """

    assessor: Assessor
    cases: int
    outcomes: dict[Outcome, int]
    obedient: Proportion | None
    cannot_assess: Proportion | None
    withheld: Proportion | None
    guards: dict[str, int]
    passages: Estimate | None
    reasons: Estimate | None
    quoted: Estimate | None
    echoed: Proportion | None
    raised: Proportion | None
    calmer: Proportion | None
    raises: Raises
    seconds: Seconds | None
    cached: float | None


def conduct(judged: Sequence[Judged], arm: Assessor, *, seed: int) -> Conduct:
    """Return how a model behaved; `arm` is base, bare, model or gold."""
    said = [(each, found) for each in judged if (found := each.prediction.said(arm))]
    answers = [found for _, found in said]
    came = [found for found in answers if found.outcome is not Outcome.NO_ANSWER]
    return Conduct(
        assessor=arm,
        cases=len(said),
        outcomes={each: _many(answers, each) for each in Outcome},
        obedient=metrics.proportion(
            each.outcome is not Outcome.UNREADABLE for each in came
        ),
        cannot_assess=_share(answers, Outcome.CANNOT_ASSESS),
        withheld=_share(answers, Outcome.WITHHELD),
        guards=_guards(came),
        passages=mean(((e.cluster, found.passages) for e, found in said), seed=seed),
        reasons=mean(((e.cluster, found.reasons) for e, found in said), seed=seed),
        quoted=mean(((e.cluster, found.quoted) for e, found in said), seed=seed),
        echoed=metrics.proportion(
            found.stated == int(each.prediction.floor.acuity)
            for each, found in said
            if found.stated is not None
        ),
        raised=metrics.proportion(_steps(*each) > 0 for each in said),
        calmer=metrics.proportion(_steps(*each) < 0 for each in said),
        raises=_raises(said),
        seconds=_seconds(answers),
        cached=_cached(answers),
    )


def _steps(judged: Judged, said: Answered) -> int:
    """Return by how many levels the model is more urgent than the floor."""
    floor = int(judged.prediction.floor.acuity)
    return 0 if said.level is None else floor - said.level


def _raises(said: Sequence[tuple[Judged, Answered]]) -> Raises:
    found = Counter(_raise(*each) for each in said)
    return Raises(
        right=found["right"],
        too_far=found["too far"],
        wrong=found["wrong"],
        left=found["left"],
        unlabelled=found["unlabelled"],
    )


def _raise(judged: Judged, said: Answered) -> str:
    """Say what a raise was, or what the lack of one left; "" for neither."""
    truth, raised = judged.labelled.truth, _steps(judged, said) > 0
    if truth is None:
        return "unlabelled" if raised else ""
    under = truth.under(int(judged.prediction.floor.acuity))
    if not raised:
        return "left" if under else ""
    if not under:
        return "wrong"
    return "too far" if truth.over(said.level or 1) else "right"


def _many(answers: Iterable[Answered], outcome: Outcome) -> int:
    return sum(each.outcome is outcome for each in answers)


def _share(answers: Sequence[Answered], outcome: Outcome) -> Proportion | None:
    return metrics.proportion(each.outcome is outcome for each in answers)


def _guards(came: Iterable[Answered]) -> dict[str, int]:
    """Count the cases in which each check fired."""
    return dict(Counter(name for each in came for name in each.guards).most_common())


def _seconds(answers: Iterable[Answered]) -> Seconds | None:
    took = [e.milliseconds / 1000 for e in answers if e.milliseconds is not None]
    if not took:
        return None
    median, p95 = np.quantile(took, [0.5, 0.95])
    return Seconds(median=float(median), p95=float(p95), total=len(took))


def _cached(answers: Sequence[Answered]) -> float | None:
    """Return the share of known tokens; servers that never tell say 0 of each."""
    prompt = sum(each.prompt_tokens for each in answers)
    cached = sum(each.cached_tokens for each in answers)
    return cached / prompt if prompt and cached else None
