"""All that an evaluation found, as one object that becomes JSON and a page."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from gateway.evaluation import breakdown, comparison, figures
from gateway.evaluation.assessors import ARM, Assessor, Prediction, digest, outline
from gateway.evaluation.breakdown import (
    Absence,
    Confidence,
    Level,
    Missed,
    RuleUse,
)
from gateway.evaluation.cases import DataSet, LeftOut
from gateway.evaluation.comparison import Gain
from gateway.evaluation.conduct import Conduct, conduct
from gateway.evaluation.figures import Figures, Judged
from inference.metrics import LEVELS

_DETERMINISTIC = (
    "The floor is deterministic: intervals tell how far these cases may differ from "
    "others like them, not how far another run would differ."
)
_DEPENDENT = (
    "Clopper-Pearson intervals take cases as independent; visits of one patient are "
    "not. Bootstrap intervals draw whole patients where the data name them."
)
_FLATTERED = (
    "Data that helped to write rules flatter them. Only held-out cases, read by "
    "nobody, and a prospective study say how good the rules are."
)
_OPINION = (
    "A reference label is a human opinion: nurses and experts disagree in many visits."
)
GENERAL_CAVEATS = (_DETERMINISTIC, _DEPENDENT, _FLATTERED, _OPINION)


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a reader must know to trust, and to repeat, an evaluation."""

    at: datetime
    command: str
    seed: int
    held_out: bool
    gateway: str
    rules: str
    prompt: str = ""
    models: tuple[str, ...] = ()
    caveats: tuple[str, ...] = GENERAL_CAVEATS


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """The figures of one assessor on one data set."""

    assessor: Assessor
    overall: Figures
    groups: dict[str, dict[str, Figures]]
    sizes: dict[str, dict[str, int]]
    confusion: list[list[int]]
    calibration: list[Level]
    confidence: list[Confidence]
    absences: list[Absence]
    missed: list[Missed]


@dataclass(frozen=True, kw_only=True)
class Section:
    """One data set: what it is, who assessed it, how well."""

    name: str
    total: int
    labelled: int
    clusters: int
    sha256: str
    levels: dict[Assessor, list[int]]
    left_out: tuple[LeftOut, ...]
    caveats: tuple[str, ...]
    assessments: list[Assessment]
    gains: list[Gain]
    conduct: list[Conduct]
    rules: list[RuleUse]
    unanswered: dict[str, int]
    predictions: list[dict[str, object]]


@dataclass(frozen=True, kw_only=True)
class Report:
    """A whole evaluation."""

    header: Header
    sections: list[Section]


def section(
    data: DataSet,
    predictions: Sequence[Prediction],
    assessors: Sequence[Assessor],
    *,
    seed: int,
    listed: bool,
) -> Section:
    """Return what there is to say of a data set; `listed` shows single cases."""
    majority = comparison.commonest(data.cases)
    judged = [
        Judged(labelled=case, prediction=replace(prediction, majority=majority))
        for case, prediction in zip(data.cases, predictions, strict=True)
    ]
    asked = comparison.of(judged, assessors)
    return Section(
        name=data.name,
        total=len(judged),
        labelled=sum(case.truth is not None for case in data.cases),
        clusters=len({each.cluster for each in judged}),
        sha256=digest({case.id: case.input for case in data.cases}),
        levels={by: _levels(cases, by) for by, cases in asked.items()},
        left_out=data.left_out if listed else tuple(map(_unnamed, data.left_out)),
        caveats=(*data.caveats, *comparison.caveats(judged, assessors)),
        assessments=[
            _assessment(cases, by, seed=seed, listed=listed)
            for by, cases in asked.items()
        ],
        gains=comparison.gains(judged, tuple(asked), seed=seed),
        conduct=[conduct(judged, by, seed=seed) for by in asked if ARM.get(by) is by],
        rules=breakdown.rules(judged),
        unanswered=_unanswered(predictions),
        predictions=[outline(each) for each in predictions] if listed else [],
    )


def as_json(report: Report, verdicts: Sequence[object] = ()) -> bytes:
    """Return a report as JSON: measured values may be in it, patients' words not."""
    content = {"header": report.header, "gate": verdicts, "data": report.sections}
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def _assessment(
    judged: Sequence[Judged], assessor: Assessor, *, seed: int, listed: bool
) -> Assessment:
    apart = figures.groups(judged)
    return Assessment(
        assessor=assessor,
        overall=figures.figures(judged, assessor, seed=seed),
        groups={
            kind: {
                name: figures.figures(cases, assessor, seed=seed)
                for name, cases in of_kind.items()
            }
            for kind, of_kind in apart.items()
        },
        sizes={
            kind: {name: len(cases) for name, cases in of_kind.items()}
            for kind, of_kind in apart.items()
        },
        confusion=figures.confusion(judged, assessor),
        calibration=breakdown.calibration(judged, assessor),
        confidence=(breakdown.confidence(judged) if assessor is Assessor.MODEL else []),
        absences=breakdown.absences(judged, assessor),
        missed=breakdown.missed(judged, assessor) if listed else [],
    )


def _unnamed(left: LeftOut) -> LeftOut:
    return replace(left, id="")


def _levels(judged: Iterable[Judged], assessor: Assessor) -> list[int]:
    """Count the cases that were given each level, and at the end those given none."""
    counted = Counter(each.prediction.level(assessor) for each in judged)
    return [*(counted[level] for level in range(1, LEVELS + 1)), counted[None]]


def _unanswered(predictions: Iterable[Prediction]) -> dict[str, int]:
    """Count why the model gave no level."""
    answers = (each.answered for each in predictions)
    reasons = (" ".join(e.withheld) for e in answers if e and e.level is None)
    return dict(Counter(reasons).most_common())
