"""An evaluation as one HTML page: no script, nothing loaded from anywhere."""

from collections.abc import Iterable, Mapping, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from domain.values import Case, Vital
from gateway.evaluation.assessors import Prediction
from gateway.evaluation.figures import Value
from gateway.evaluation.report import Report
from inference.evaluation import Verdict
from inference.metrics import Estimate, Proportion

Told = Mapping[str, Mapping[str, Sequence[str]]]
"""For each data set and case, what was known: shown to the reader of the page only."""

TITLES = {
    "answered": "Answered",
    "exact_of_all": "Exact level, none given is a miss",
    "exact": "Exact level",
    "within_one": "Within one level",
    "quadratic_kappa": "Quadratic kappa",
    "linear_kappa": "Linear kappa",
    "under_triage": "Under-triage, any",
    "critical_under_triage": "Critical under-triage (1-2 given 3-5)",
    "strict_under_triage": "Strict under-triage (1-2 given 4-5)",
    "over_triage": "Over-triage, any",
    "strict_over_triage": "Strict over-triage (4-5 given 1-2)",
    "sensitivity_1_2": "Sensitivity for levels 1-2",
    "specificity_1_2": "Specificity for levels 1-2",
    "sensitivity_1_3": "Sensitivity for levels 1-3",
    "specificity_1_3": "Specificity for levels 1-3",
    "auroc_admitted": "AUROC, admission",
    "auroc_icu": "AUROC, intensive care",
    "auroc_died": "AUROC, death",
}
_IN_GROUPS = (
    "under_triage",
    "critical_under_triage",
    "strict_under_triage",
    "over_triage",
    "quadratic_kappa",
)


def render(report: Report, verdicts: Sequence[Verdict], told: Told) -> str:
    """Return the page."""
    environment = Environment(
        loader=PackageLoader("gateway.evaluation"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    environment.filters["figure"] = figure
    return environment.get_template("report.html").render(
        report=report,
        verdicts=verdicts,
        told=told,
        titles=TITLES,
        in_groups=_IN_GROUPS,
    )


def told_of(
    predictions: Iterable[Prediction], wanted: set[str]
) -> dict[str, list[str]]:
    """Return what was known of some cases, in words for a reader."""
    return {
        each.id: list(_lines(each.case)) for each in predictions if each.id in wanted
    }


def percent(value: float | None) -> str:
    """Write a share of one in percent."""
    return "-" if value is None else f"{100 * value:.1f} %"


def figure(value: Value) -> str:
    """Write a figure with its interval and what it is of."""
    match value:
        case None:
            return "-"
        case Proportion():
            span = f"{100 * value.low:.1f}-{100 * value.high:.1f}"
            return f"{percent(value.value)} ({span}), {value.count}/{value.total}"
        case Estimate():
            return f"{value.value:.2f} ({value.low:.2f} to {value.high:.2f})"


def _lines(case: Case) -> Iterable[str]:
    for complaint in case.complaints:
        yield complaint.text
    yield ", ".join(map(_vital, case.vitals)) or "no vital signs"
    if case.medications:
        yield "takes " + ", ".join(sorted({each.text for each in case.medications}))


def _vital(vital: Vital) -> str:
    value = vital.consciousness or vital.value
    return f"{vital.name} {vital.quality if value is None else value}"
