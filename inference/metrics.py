"""What is measured of assessments: agreement, under-triage, discrimination; pure.

Levels are 1 (most urgent) to 5. Counts stand in tables, so that a bootstrap over many
resamples is one multiplication. Definitions of under- and over-triage: Sax, JAMA Netw
Open 2023;6(3):e233404, and Lee, PLOS ONE 2026 (strict).
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVELS = 5
RESAMPLES = 2000
CONFIDENCE = 0.95

Counts = NDArray[np.float64]
Statistic = Callable[[Counts], Counts]

_ROUND = 64
"""Resamples that are drawn at once: bounds the memory, not the result."""


@dataclass(frozen=True)
class Truth:
    """The levels that a reference allows: one of five, or a range of them."""

    most_urgent: int
    least_urgent: int

    def __post_init__(self) -> None:
        if not 1 <= self.most_urgent <= self.least_urgent <= LEVELS:
            raise ValueError("Levels go from 1 to 5, the most urgent first.")

    @property
    def exact(self) -> int | None:
        """Return the one level that is right, None where several are."""
        return self.most_urgent if self.most_urgent == self.least_urgent else None

    def under(self, level: int) -> bool:
        """Say whether a level is less urgent than the reference allows."""
        return level > self.least_urgent

    def over(self, level: int) -> bool:
        """Say whether a level is more urgent than the reference allows."""
        return level < self.most_urgent

    def surely_within(self, level: int) -> bool:
        """Say whether the reference is at least as urgent as a level."""
        return self.least_urgent <= level

    def surely_beyond(self, level: int) -> bool:
        """Say whether the reference is less urgent than a level."""
        return self.most_urgent > level


@dataclass(frozen=True)
class Proportion:
    """A share with its exact interval, and its one-sided upper bound, all at 95 %."""

    count: int
    total: int
    value: float
    low: float
    high: float
    upper: float


@dataclass(frozen=True)
class Estimate:
    """A statistic with the percentile interval of a bootstrap, of `total` cases."""

    value: float
    low: float
    high: float
    total: int


def proportion(flags: Iterable[bool]) -> Proportion | None:
    """Return the share of true flags; None where there are none at all."""
    found = [bool(flag) for flag in flags]
    count, total = sum(found), len(found)
    if not total:
        return None
    low, high = clopper_pearson(count, total)
    _, upper = clopper_pearson(count, total, confidence=2 * CONFIDENCE - 1)
    return Proportion(count, total, count / total, low, high, upper)


def clopper_pearson(
    count: int, total: int, *, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return the exact two-sided interval of a binomial proportion.

    Clopper and Pearson, Biometrika 1934;26:404. Its upper end at 90 % is the
    one-sided upper bound at 95 %.

    Raises:
        ValueError: the counts are no proportion.

    """
    if not 0 <= count <= total or not total:
        raise ValueError("A proportion needs 0 <= count <= total, and a total.")
    tail = (1 - confidence) / 2
    low = 0.0 if not count else _beta_quantile(tail, count, total - count + 1)
    full = count == total
    high = 1.0 if full else _beta_quantile(1 - tail, count + 1, total - count)
    return low, high


def confusion(pairs: Iterable[tuple[int, int]]) -> Counts:
    """Count (true level, given level) pairs in a 5 x 5 table."""
    table = np.zeros((LEVELS, LEVELS))
    for true, given in pairs:
        table[true - 1, given - 1] += 1
    return table


def quadratic_kappa(tables: Counts) -> Counts:
    """Return Cohen's kappa with squared distances (Cohen, Psychol Bull 1968)."""
    return _kappa(tables, _distance() ** 2)


def linear_kappa(tables: Counts) -> Counts:
    """Return Cohen's kappa with plain distances."""
    return _kappa(tables, _distance())


def auroc(tables: Counts) -> Counts:
    """Return how well the level tells outcomes apart, of (..., 2, 5) tables.

    Row 0 counts cases without, row 1 with the outcome, by level. It is the chance
    that a case with the outcome got the more urgent level, ties counting half (Hanley
    and McNeil, Radiology 1982;143:29).
    """
    without, having = tables[..., 0, :], tables[..., 1, :]
    calmer = np.flip(np.cumsum(np.flip(without, -1), -1), -1) - without
    wins = np.sum(having * (calmer + without / 2), -1)
    return _ratio(wins, np.sum(having, -1) * np.sum(without, -1))


def gain(tables: Counts) -> Counts:
    """Return the difference of two shares, of (..., 3) counts: total, first, second."""
    return _ratio(tables[..., 2] - tables[..., 1], tables[..., 0])


def bootstrap(
    clusters: Sequence[Counts],
    statistic: Statistic,
    *,
    seed: int,
    total: int,
    resamples: int = RESAMPLES,
) -> Estimate | None:
    """Return a statistic of the sum of the clusters' tables, with its interval.

    Whole clusters are drawn, since the visits of one patient are alike (Field and
    Welsh, J R Stat Soc B 2007;69:369). Resamples on which the statistic is undefined
    are left out; None where it is undefined on the data, or on every resample.
    """
    if not clusters:
        return None
    tables = np.stack(clusters)
    value = float(statistic(tables.sum(axis=0)))
    if math.isnan(value):
        return None
    drawn = _resampled(tables, statistic, np.random.default_rng(seed), resamples)
    defined = drawn[~np.isnan(drawn)]
    if not defined.size:
        return None
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Estimate(value, float(low), float(high), total)


def _resampled(
    tables: Counts, statistic: Statistic, random: np.random.Generator, resamples: int
) -> Counts:
    size, flat = len(tables), tables.reshape(len(tables), -1)
    found = []
    for start in range(0, resamples, _ROUND):
        many = min(_ROUND, resamples - start)
        times = random.multinomial(size, [1 / size] * size, size=many).astype(float)
        found.append(statistic((times @ flat).reshape(many, *tables.shape[1:])))
    return np.concatenate(found)


def _distance() -> Counts:
    levels = np.arange(LEVELS, dtype=float)
    return np.abs(levels[:, None] - levels[None, :])


def _kappa(tables: Counts, weights: Counts) -> Counts:
    total = np.sum(tables, (-2, -1))
    rows, columns = np.sum(tables, -1), np.sum(tables, -2)
    chance = rows[..., :, None] * columns[..., None, :]
    seen = np.sum(tables * weights, (-2, -1))
    expected = _ratio(np.sum(chance * weights, (-2, -1)), total)
    return 1 - _ratio(seen, expected)


def _ratio(above: Any, below: Any) -> Counts:  # noqa: ANN401 (numpy's sums are Any)
    """Divide; not a number where there is nothing to divide by."""
    first, second = np.asarray(above, float), np.asarray(below, float)
    found: Counts = np.full(np.broadcast(first, second).shape, np.nan)
    np.divide(first, second, out=found, where=second > 0)
    return found


def _beta_quantile(chance: float, a: int, b: int) -> float:
    """Return x with I_x(a, b) = chance, by halving: 60 steps reach the last digit."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _beta(middle, a, b) < chance:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta(x: float, a: int, b: int) -> float:
    """Return the regularised incomplete beta function (DLMF 8.17.22)."""
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(scale + a * math.log(x) + b * math.log1p(-x)) / a
    return front * _continued(x, a, b)


def _continued(x: float, a: int, b: int) -> float:
    """Evaluate the continued fraction of I_x(a, b) from its tail."""
    value = 1.0
    for m in range(_terms(a, b), 0, -1):
        odd = -(a + m - 1) * (a + b + m - 1) * x / ((a + 2 * m - 2) * (a + 2 * m - 1))
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        value = 1 + odd / (1 + even / value)
    return 1 / value


def _terms(a: int, b: int) -> int:
    """Return how many terms suffice: the fraction needs about the root of max(a, b)."""
    return 40 + 4 * math.isqrt(max(a, b))
