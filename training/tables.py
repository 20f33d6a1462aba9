"""Figures of an evaluation as tables in Markdown, each with interval and number."""

from collections.abc import Iterable, Sequence
from typing import Final

from domain.registered import Measured
from inference.evaluation import DataSet, Evaluation

_TOLD_OF_GROUPS: Final = ("under_triage", "critical_under_triage", "over_triage")
_COUNTED: Final = "answered"
"""The figure that is of all cases, answered or not."""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; nothing in a cell can leave it."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def validity(evaluation: Evaluation, names: Sequence[str]) -> str:
    """Return a table of every figure for each data set; "" where there is none."""
    told = [
        f"{_title(data)}\n\n{_overall(evaluation, data)}"
        for data in evaluation.data
        if data.name in names
    ]
    return "\n\n".join(told)


def fairness(evaluation: Evaluation, names: Sequence[str]) -> str:
    """Return tables of the groups of each data set; "" where there is none."""
    told = [
        f"{_title(data)}\n\n{_groups(evaluation, data)}"
        for data in evaluation.data
        if data.name in names and _grouped(evaluation, data)
    ]
    said = "No test of equivalence was made; few cases neither show nor rule out bias."
    return "\n\n".join([*told, said]) if told else ""


def sizes(evaluation: Evaluation, names: Sequence[str]) -> str:
    """Return how many cases of each group the data sets hold; "" where none is told."""
    counted = {
        (each.data, each.group, each.of): each.total
        for each in evaluation.figures
        if each.metric == _COUNTED and each.group and each.data in names
    }
    return table(
        ("data set", "group", "of", "cases"),
        [(*key, str(total)) for key, total in sorted(counted.items())],
    ) if counted else ""  # fmt: skip


def gate(evaluation: Evaluation) -> str:
    """Return what the gate asked, and what of it held."""
    if not evaluation.gate:
        return "No gate was asked."
    rows = [
        (
            each.requirement,
            "not measured" if each.found is None else f"{each.found:.3f}",
            "holds" if each.holds else "**falls short**",
        )
        for each in evaluation.gate
    ]
    return table(("required", "found", ""), rows)


def _title(data: DataSet) -> str:
    told = f"{data.name}: {data.total} cases of {data.clusters} patients or scenarios"
    caveats = " ".join(data.caveats)
    return f"{told}, {data.labelled} labelled; inputs {data.sha256}. {caveats}".strip()


def _overall(evaluation: Evaluation, data: DataSet) -> str:
    found = [each for each in evaluation.overall if each.data == data.name]
    by = list(dict.fromkeys(each.assessor for each in found))
    told = {(each.metric, each.assessor): _told(each) for each in found}
    metrics = dict.fromkeys(each.metric for each in found)
    rows = [(name, *(told.get((name, who), "-") for who in by)) for name in metrics]
    return table(("figure", *by), rows)


def _groups(evaluation: Evaluation, data: DataSet) -> str:
    found = _grouped(evaluation, data)
    told = {(e.group, e.of, e.assessor, e.metric): _told(e) for e in found}
    keys = dict.fromkeys(key[:3] for key in told)
    rows = [
        (*key, *(told.get((*key, name), "-") for name in _TOLD_OF_GROUPS))
        for key in keys
    ]
    return table(("group", "of", "assessor", *_TOLD_OF_GROUPS), rows)


def _grouped(evaluation: Evaluation, data: DataSet) -> list[Measured]:
    return [
        each
        for each in evaluation.figures
        if each.group and each.data == data.name and each.metric in _TOLD_OF_GROUPS
    ]


def _told(figure: Measured) -> str:
    """Write a figure: a share, which alone has a one-sided bound, in percent."""
    if figure.upper is None:
        span = f"{figure.low:.2f} to {figure.high:.2f}"
        return f"{figure.value:.2f} ({span}), n {figure.total}"
    span = f"{100 * figure.low:.1f}-{100 * figure.high:.1f}"
    return f"{100 * figure.value:.1f} % ({span}), n {figure.total}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
