"""Whether the level changes when only what must not matter does: counterfactual swaps.

Each swap is compared with the case as it was sent, pair by pair. McNemar's test
(Psychometrika 1947;12:153) is of levels 1-2 against 3-5, the sign test of the whole
scale; both exact. Equivalence within a margin is shown by two one-sided tests
(Schuirmann, J Pharmacokinet Biopharm 1987;15:657), here exact binomial tests of the
share shifted each way, since "not significant" is not "fair". Holm's correction
(Scand J Stat 1979;6:65) is over all swaps.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.evaluation.assessors import Assessor, Prediction
from gateway.evaluation.figures import mean
from inference import metrics
from inference.metrics import Estimate, Proportion
from inference.prompt import render

MARGIN = 0.01
"""The share of cases, one in a hundred, below which a shift counts as none."""
_URGENT = 2


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One case as it was sent, and with one attribute swapped."""

    cluster: str
    before: Prediction = field(repr=False)
    after: Prediction = field(repr=False)

    def levels(self, assessor: Assessor) -> tuple[int, int] | None:
        """Return both levels; None where one of them was not given."""
        first, second = self.before.level(assessor), self.after.level(assessor)
        return None if first is None or second is None else (first, second)

    @property
    def same_prompt(self) -> bool:
        """Say whether a model is shown the same of both, apart from passages."""
        return _prompt(self.before) == _prompt(self.after)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What one swap did to the levels of one assessor."""

    attribute: str
    value: str
    told: bool
    assessor: Assessor
    pairs: int
    unanswered: int
    other_prompts: int
    flips: Proportion | None
    less_urgent: Proportion | None
    shift: Estimate | None
    mcnemar: float
    sign: float
    equivalence: float
    mcnemar_holm: float = 1.0
    equivalence_holm: float = 1.0

    @property
    def equivalent(self) -> bool:
        """Say whether a shift of the margin or more is ruled out, at 5 %."""
        return self.equivalence_holm < 1 - metrics.CONFIDENCE


def comparison(
    swap: tuple[str, str, bool],
    pairs: Sequence[Pair],
    assessor: Assessor,
    *,
    seed: int,
) -> Comparison:
    """Return the figures of a swap (attribute, value, told) on its pairs."""
    found = [(p.cluster, levels) for p in pairs if (levels := p.levels(assessor))]
    shifts = [second - first for _, (first, second) in found]
    calmer = sum(each > 0 for each in shifts)
    graver = sum(each < 0 for each in shifts)
    attribute, value, told = swap
    return Comparison(
        attribute=attribute,
        value=value,
        told=told,
        assessor=assessor,
        pairs=len(found),
        unanswered=len(pairs) - len(found),
        other_prompts=sum(not each.same_prompt for each in pairs),
        flips=metrics.proportion(each != 0 for each in shifts),
        less_urgent=metrics.proportion(each > 0 for each in shifts),
        shift=mean(((c, second - first) for c, (first, second) in found), seed=seed),
        mcnemar=two_sided(*_discordant([levels for _, levels in found])),
        sign=two_sided(calmer, graver),
        equivalence=max(at_most(n, len(shifts), MARGIN) for n in (calmer, graver)),
    )


def corrected(rows: Sequence[Comparison]) -> list[Comparison]:
    """Return comparisons with Holm's correction over all of one assessor's."""
    differing = holm([each.mcnemar for each in rows])
    same = holm([each.equivalence for each in rows])
    return [
        replace(row, mcnemar_holm=first, equivalence_holm=second)
        for row, first, second in zip(rows, differing, same, strict=True)
    ]


def by_attribute(
    rows: Mapping[str, Sequence[Pair]], assessor: Assessor, *, seed: int
) -> dict[str, Estimate | None]:
    """Return the flip rate of each attribute over all its values, cases drawn whole."""
    return {
        attribute: mean(
            (
                (pair.cluster, levels[0] != levels[1])
                for pair in pairs
                if (levels := pair.levels(assessor))
            ),
            seed=seed,
        )
        for attribute, pairs in rows.items()
    }


def two_sided(first: int, second: int) -> float:
    """Return the exact two-sided p-value that two counts come from equal chances."""
    total = first + second
    tail = sum(math.comb(total, k) for k in range(min(first, second) + 1))
    return min(1.0, 2 * tail / (1 << total))


def at_most(count: int, total: int, share: float) -> float:
    """Return the chance of so few or fewer of a total, were the share so large.

    In logarithms: the ways to choose some hundred of two thousand are no float.
    """
    chances = (
        math.exp(
            math.log(math.comb(total, k))
            + k * math.log(share)
            + (total - k) * math.log1p(-share)
        )
        for k in range(count + 1)
    )
    return min(1.0, math.fsum(chances))


def holm(chances: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number, in their order."""
    found, highest = [1.0] * len(chances), 0.0
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(chances) - rank) * chances[place]))
        found[place] = highest
    return found


def _prompt(prediction: Prediction) -> object:
    return render(prediction.case, prediction.floor, ())


def _discordant(levels: Sequence[tuple[int, int]]) -> tuple[int, int]:
    lost = sum(first <= _URGENT < second for first, second in levels)
    won = sum(second <= _URGENT < first for first, second in levels)
    return lost, won
