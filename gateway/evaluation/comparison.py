"""Who is compared with whom, on which cases, and what a reader must know of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.evaluation import paired
from gateway.evaluation.assessors import ARM, Assessor
from gateway.evaluation.cases import LabelledCase
from gateway.evaluation.figures import Judged
from inference.metrics import Estimate

_PAIRS = (
    (
        Assessor.MAJORITY,
        Assessor.MODEL,
        "what the model alone does otherwise than the most frequent level",
    ),
    (Assessor.BASE, Assessor.MODEL, "what the adapter adds to its base"),
    (
        Assessor.FLOOR,
        Assessor.MODEL,
        "what a model alone does otherwise than the rules",
    ),
    (Assessor.FLOOR, Assessor.COMBINED, "what the model adds to the rules"),
    (
        Assessor.FLOOR,
        Assessor.COMBINED_BARE,
        "what the model without evidence adds to the rules",
    ),
    (
        Assessor.COMBINED_BARE,
        Assessor.COMBINED,
        "what evidence adds to rules and model",
    ),
    (
        Assessor.COMBINED,
        Assessor.COMBINED_GOLD,
        "what evidence without a fault would add to rules and model",
    ),
    (Assessor.BARE, Assessor.MODEL, "what evidence adds to the model alone"),
    (
        Assessor.MODEL,
        Assessor.GOLD,
        "what evidence without a fault would add to the model alone",
    ),
)
_NO_OPINION = (
    "The model is shown the level of the rules and why: what it says is no second"
    " opinion that it reached alone."
)
_TODAY = (
    "Knowledge is what is in force on the day of the evaluation, since the days of"
    " labelled cases are past, shifted or made up."
)
_NO_DIFFERENCE = (
    "Where no case differs, the interval of a gain is 0 to 0, though of n cases up to"
    " 3/n may differ elsewhere (Hanley and Lippman-Hand, JAMA 1983;249:1743)."
)
_NO_GOLD = (
    "model-gold is left out: no case here names the passages that answer it (`gold`)."
)
_SOME_GOLD = "model-gold is of the {named} of {total} cases that name their passages."


@dataclass(frozen=True, kw_only=True)
class Gain:
    """What one assessor adds to another, measured on the same cases."""

    first: Assessor
    second: Assessor
    told: str
    figures: dict[str, Estimate | None]


def of(
    judged: Sequence[Judged], assessors: Sequence[Assessor]
) -> dict[Assessor, list[Judged]]:
    """Return the cases of each assessor, without those who have none."""
    found = {
        by: [each for each in judged if each.prediction.concerns(by)]
        for by in assessors
    }
    return {by: cases for by, cases in found.items() if cases}


def gains(
    judged: Sequence[Judged], assessors: Sequence[Assessor], *, seed: int
) -> list[Gain]:
    """Return every paired difference that those who were asked allow."""
    return [
        _gain(judged, first, second, told, seed=seed)
        for first, second, told in _PAIRS
        if _known(first, assessors) and _known(second, assessors)
    ]


def commonest(cases: Iterable[LabelledCase]) -> int | None:
    """Return the level that labels name most often; of two, the more urgent."""
    counted = Counter(
        each.truth.exact for each in cases if each.truth and each.truth.exact
    )
    return min(counted, key=lambda level: (-counted[level], level), default=None)


def caveats(judged: Sequence[Judged], assessors: Sequence[Assessor]) -> Iterator[str]:
    """Yield what the comparison cannot tell."""
    if any(by in ARM for by in assessors):
        yield _NO_OPINION
        yield _TODAY
    if len(assessors) > 1:
        yield _NO_DIFFERENCE
    if Assessor.GOLD in assessors:
        named = sum(each.prediction.concerns(Assessor.GOLD) for each in judged)
        if not named:
            yield _NO_GOLD
        elif named < len(judged):
            yield _SOME_GOLD.format(named=named, total=len(judged))


def _known(assessor: Assessor, asked: Sequence[Assessor]) -> bool:
    """Say whether an assessor's levels are known: floor and its arm were asked."""
    arm = ARM.get(assessor, assessor)
    return arm in asked and (assessor is arm or Assessor.FLOOR in asked)


def _gain(
    judged: Sequence[Judged],
    first: Assessor,
    second: Assessor,
    told: str,
    *,
    seed: int,
) -> Gain:
    cases = of(judged, (first, second))
    shared = [each for each in cases[first] if each.prediction.concerns(second)]
    found = paired.gains(shared, first, second, seed=seed)
    return Gain(first=first, second=second, told=told, figures=found)
