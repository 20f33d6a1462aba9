"""What one assessor adds to another: differences on the same cases."""

from collections.abc import Sequence

import numpy as np

from gateway.evaluation.assessors import Assessor
from gateway.evaluation.figures import (
    AGREEMENT,
    EXACT_OF_ALL,
    PROPORTIONS,
    Judge,
    Judged,
    clustered,
    exact_pair,
    has_one_level,
    is_exact,
    table,
)
from inference import metrics
from inference.metrics import Counts, Estimate


def gains(
    judged: Sequence[Judged], first: Assessor, second: Assessor, *, seed: int
) -> dict[str, Estimate | None]:
    """Return what the second assessor adds to the first, on the same cases.

    A case that one of them did not answer counts in `answered` and `exact_of_all`
    alone.
    """
    both = [e for e in judged if e.truth_and(first) and e.truth_and(second)]
    answered = [(e.cluster, _answered(e, (first, second))) for e in judged]
    right = [(e.cluster, _right(e, first, second)) for e in judged if has_one_level(e)]
    found: dict[str, Estimate | None] = {
        name: metrics.bootstrap(
            clustered(rows), metrics.gain, seed=seed, total=len(rows)
        )
        for name, rows in (("answered", answered), (EXACT_OF_ALL, right))
    }
    for name, (counts, has) in PROPORTIONS.items():
        rows = [(e.cluster, _paired(e, (first, second), counts, has)) for e in both]
        kept = [row for row in rows if row[1][0]]
        found[name] = metrics.bootstrap(
            clustered(kept), metrics.gain, seed=seed, total=len(kept)
        )
    exact = [each for each in both if exact_pair(each, first)]
    tables = clustered(
        (each.cluster, np.stack([table(each, first), table(each, second)]))
        for each in exact
    )
    for name, statistic in AGREEMENT.items():
        found[name] = metrics.bootstrap(
            tables, _difference(statistic), seed=seed, total=len(exact)
        )
    return found


def _paired(
    judged: Judged, assessors: tuple[Assessor, Assessor], counts: Judge, has: Judge
) -> Counts:
    """Return whether a case counts, and whether each of two assessors has it."""
    pairs = [pair for each in assessors if (pair := judged.truth_and(each))]
    if not counts(*pairs[0]):
        return np.zeros(3)
    return np.array([1.0, *(float(has(*pair)) for pair in pairs)])


def _right(judged: Judged, first: Assessor, second: Assessor) -> Counts:
    found = [is_exact(judged, each) for each in (first, second)]
    return np.array([1.0, *map(float, found)])


def _answered(judged: Judged, assessors: tuple[Assessor, Assessor]) -> Counts:
    given = [judged.prediction.level(each) is not None for each in assessors]
    return np.array([1.0, *map(float, given)])


def _difference(statistic: metrics.Statistic) -> metrics.Statistic:
    return lambda tables: (
        statistic(tables[..., 1, :, :]) - statistic(tables[..., 0, :, :])
    )
