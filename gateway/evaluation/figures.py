"""The figures of an assessor on labelled cases, overall and for groups of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from domain.values import Age, Sex
from gateway.evaluation.assessors import Assessor, Prediction
from gateway.evaluation.cases import OUTCOMES, LabelledCase
from inference import metrics
from inference.metrics import Counts, Estimate, Proportion, Truth

Value = Proportion | Estimate | None
Figures = dict[str, Value]
Judge = Callable[[Truth, int], bool]

EXACT_OF_ALL = "exact_of_all"
"""The share with the right level, where no level counts as a wrong one."""
FEWEST = 5
"""Cases with, and without, an outcome below which no AUROC is told: it says nothing."""

_YEAR = 365.25
_BANDS = ((1, "under 1"), (5, "1-4"), (12, "5-11"), (18, "12-17"), (40, "18-39"))
_OLDER = ((65, "40-64"), (80, "65-79"), (200, "80 or more"))


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A labelled case beside what was said of it."""

    labelled: LabelledCase
    prediction: Prediction

    @property
    def cluster(self) -> str:
        """Return what this case shares with cases like it."""
        return self.labelled.cluster or self.labelled.id

    def truth_and(self, assessor: Assessor) -> tuple[Truth, int] | None:
        """Return label and given level, where there are both."""
        level = self.prediction.level(assessor)
        truth = self.labelled.truth
        return None if truth is None or level is None else (truth, level)


PROPORTIONS: dict[str, tuple[Judge, Judge]] = {
    "exact": (lambda t, _: t.exact is not None, lambda t, given: t.exact == given),
    "within_one": (
        lambda t, _: t.exact is not None,
        lambda t, given: t.most_urgent - 1 <= given <= t.least_urgent + 1,
    ),
    "under_triage": (lambda *_: True, lambda t, given: t.under(given)),
    "critical_under_triage": (
        lambda t, _: t.surely_within(2),
        lambda _, given: given >= 3,  # noqa: PLR2004 (the definition)
    ),
    "strict_under_triage": (
        lambda t, _: t.surely_within(2),
        lambda _, given: given >= 4,  # noqa: PLR2004 (the definition)
    ),
    "over_triage": (lambda *_: True, lambda t, given: t.over(given)),
    "strict_over_triage": (
        lambda t, _: t.surely_beyond(3),
        lambda _, given: given <= 2,  # noqa: PLR2004 (the definition)
    ),
    "sensitivity_1_2": (
        lambda t, _: t.surely_within(2),
        lambda _, given: given <= 2,  # noqa: PLR2004 (the definition)
    ),
    "specificity_1_2": (
        lambda t, _: t.surely_beyond(2),
        lambda _, given: given > 2,  # noqa: PLR2004 (the definition)
    ),
    "sensitivity_1_3": (
        lambda t, _: t.surely_within(3),
        lambda _, given: given <= 3,  # noqa: PLR2004 (the definition)
    ),
    "specificity_1_3": (
        lambda t, _: t.surely_beyond(3),
        lambda _, given: given > 3,  # noqa: PLR2004 (the definition)
    ),
}
"""For each share: which cases count, and which of them have it."""

AGREEMENT = {
    "quadratic_kappa": metrics.quadratic_kappa,
    "linear_kappa": metrics.linear_kappa,
}


def figures(judged: Sequence[Judged], assessor: Assessor, *, seed: int) -> Figures:
    """Return every figure; None where the cases cannot tell it."""
    pairs = [pair for each in judged if (pair := each.truth_and(assessor))]
    found: Figures = {
        "answered": metrics.proportion(
            each.prediction.level(assessor) is not None for each in judged
        ),
        EXACT_OF_ALL: metrics.proportion(
            is_exact(each, assessor) for each in judged if has_one_level(each)
        ),
    }
    for name, (counts, has) in PROPORTIONS.items():
        found[name] = metrics.proportion(has(*p) for p in pairs if counts(*p))
    exact = [each for each in judged if exact_pair(each, assessor)]
    tables = clustered((each.cluster, table(each, assessor)) for each in exact)
    for name, statistic in AGREEMENT.items():
        found[name] = metrics.bootstrap(tables, statistic, seed=seed, total=len(exact))
    return found | _outcomes(judged, assessor, seed=seed)


def confusion(judged: Iterable[Judged], assessor: Assessor) -> list[list[int]]:
    """Count true levels (rows) and given ones (columns), of exact labels only."""
    pairs = (exact_pair(each, assessor) for each in judged)
    table = metrics.confusion(pair for pair in pairs if pair)
    return [[int(count) for count in row] for row in table]


def groups(judged: Iterable[Judged]) -> dict[str, dict[str, list[Judged]]]:
    """Return the cases by age band, sex, and whatever their source groups them by."""
    found: dict[str, dict[str, list[Judged]]] = defaultdict(lambda: defaultdict(list))
    for each in judged:
        case = each.prediction.case
        known = {"age": age_band(case.age), "sex": _sex(case.sex)}
        for kind, name in (known | dict(each.labelled.groups)).items():
            found[kind][name].append(each)
    return {kind: dict(sorted(of_kind.items())) for kind, of_kind in found.items()}


def age_band(age: Age | None) -> str:
    """Name the band that an age lies in, by its youngest possible value."""
    if age is None:
        return "not known"
    years = (age.least + 1) / _YEAR
    return next(name for limit, name in (*_BANDS, *_OLDER) if years < limit)


def clustered(rows: Iterable[tuple[str, Counts]]) -> list[Counts]:
    """Sum the tables of the cases of each cluster."""
    found: dict[str, Counts] = {}
    for cluster, counts in rows:
        found[cluster] = found.get(cluster, np.zeros_like(counts)) + counts
    return list(found.values())


def mean(rows: Iterable[tuple[str, float]], *, seed: int) -> Estimate | None:
    """Return the mean of numbers, each beside its cluster, with clusters drawn."""
    found = [(cluster, np.array([1.0, number])) for cluster, number in rows]
    return metrics.bootstrap(clustered(found), _ratio, seed=seed, total=len(found))


def _ratio(tables: Counts) -> Counts:
    found: Counts = tables[..., 1] / tables[..., 0]
    return found


def _sex(sex: Sex) -> str:
    return "not known" if sex is Sex.UNKNOWN else sex.value


def exact_pair(judged: Judged, assessor: Assessor) -> tuple[int, int] | None:
    """Return the true and the given level, where the label is one level."""
    pair = judged.truth_and(assessor)
    if pair is None or pair[0].exact is None:
        return None
    return pair[0].exact, pair[1]


def table(judged: Judged, assessor: Assessor) -> Counts:
    """Return a case as a table of true (rows) and given levels; empty without both."""
    pair = exact_pair(judged, assessor)
    return metrics.confusion([pair] if pair else [])


def has_one_level(judged: Judged) -> bool:
    """Say whether the label is one level, and no range."""
    truth = judged.labelled.truth
    return truth is not None and truth.exact is not None


def is_exact(judged: Judged, assessor: Assessor) -> bool:
    """Say whether the right level was given; to give none is to miss it."""
    pair = exact_pair(judged, assessor)
    return pair is not None and pair[0] == pair[1]


def _outcomes(judged: Sequence[Judged], assessor: Assessor, *, seed: int) -> Figures:
    found: Figures = {}
    for outcome in OUTCOMES:
        known = [
            each
            for each in judged
            if outcome in each.labelled.outcomes and each.prediction.level(assessor)
        ]
        tables = clustered(
            (each.cluster, _by_outcome(each, assessor, outcome)) for each in known
        )
        having = sum(each.labelled.outcomes[outcome] for each in known)
        enough = min(having, len(known) - having) >= FEWEST
        found[f"auroc_{outcome}"] = metrics.bootstrap(
            tables if enough else [], metrics.auroc, seed=seed, total=len(known)
        )
    return found


def _by_outcome(judged: Judged, assessor: Assessor, outcome: str) -> Counts:
    table = np.zeros((2, metrics.LEVELS))
    level = judged.prediction.level(assessor) or metrics.LEVELS
    table[int(judged.labelled.outcomes[outcome]), level - 1] = 1
    return table
