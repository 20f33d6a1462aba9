"""The figures of an evaluation in the terminal."""

import sys
from collections.abc import Sequence
from types import MappingProxyType

from rich.console import Console
from rich.table import Table

from gateway.evaluation.comparison import Gain
from gateway.evaluation.figures import Value
from gateway.evaluation.page import TITLES, figure
from gateway.evaluation.report import Report, Section
from inference.evaluation import Verdict

_WIDE = 160
_BEHAVED = MappingProxyType(
    {
        "Kept the schema": "obedient",
        "Cannot assess": "cannot_assess",
        "Withheld": "withheld",
        "Passages seen, mean": "passages",
        "Reasons shown, mean": "reasons",
        "of them quoting, mean": "quoted",
        "Repeated the rules' level": "echoed",
        "More urgent than the rules": "raised",
        "Less urgent (never counts)": "calmer",
    }
)
_GAINED = (
    *("answered", "exact_of_all", "exact"),
    *("under_triage", "over_triage", "quadratic_kappa"),
)


def show(found: Report, verdicts: Sequence[Verdict]) -> None:
    """Print a column for each data set and assessor, then what fell short."""
    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    if any(each.conduct for each in found.sections):
        for section in found.sections:
            _compare(console, section)
    else:
        console.print(_figures(found.sections))
    if found.header.held_out:
        console.print("Held-out cases: scored only, none is listed.")
    for verdict in verdicts:
        if not verdict.holds:
            console.print(_short_of(verdict))


def _figures(sections: Sequence[Section]) -> Table:
    columns = [(each, by) for each in sections for by in each.assessments]
    named = (
        f"{each.name}, {by.assessor}\nn = {sum(each.levels[by.assessor])}"
        for each, by in columns
    )
    table = Table("95 % intervals", *named)
    rows = {name: [by.overall[name] for _, by in columns] for name in TITLES}
    for name, values in rows.items():
        if any(values):
            table.add_row(TITLES[name], *map(_short, values))
    return table


def _short_of(verdict: Verdict) -> str:
    known = verdict.found
    said = "not measured" if known is None else f"{known:.3f}"
    return f"falls short: {verdict.requirement}; found {said}"


def _compare(console: Console, section: Section) -> None:
    """Print the figures of a data set, how the model behaved, and what parts add."""
    console.print(_figures([section]))
    console.print(_behaved(section))
    for gain in section.gains:
        console.print(_gained(section, gain), highlight=False)


def _behaved(section: Section) -> Table:
    """Return a column for each kind of evidence that the model got."""
    arms = section.conduct
    table = Table(
        section.name, *(f"{each.assessor}\nn = {each.cases}" for each in arms)
    )
    for title, name in _BEHAVED.items():
        table.add_row(title, *(_short(getattr(each, name)) for each in arms))
    raises = [each.raises for each in arms]
    row = [f"{e.right}, {e.too_far}, {e.wrong}, {e.left}" for e in raises]
    table.add_row("Raises: right, too far, wrong, left", *row)
    times = [each.seconds for each in arms]
    row = [f"{each.median:.1f}, {each.p95:.1f}" if each else "-" for each in times]
    table.add_row("Seconds: median, p95", *row)
    return table


def _gained(section: Section, gain: Gain) -> str:
    """Say in a line what one assessor adds to another."""
    told = [
        f"{TITLES[name].lower()} {value.value:+.2f} ({value.low:+.2f} to"
        f" {value.high:+.2f}, n = {value.total})"
        for name in _GAINED
        if (value := gain.figures[name]) is not None
    ]
    return f"{section.name}, {gain.told}: {'; '.join(told) or 'not measured'}"


def _short(value: Value) -> str:
    return figure(value).partition(",")[0]
