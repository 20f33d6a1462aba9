"""The figures of an evaluation in the terminal."""

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from gateway.evaluation.figures import Value
from gateway.evaluation.gate import Verdict
from gateway.evaluation.page import TITLES, figure
from gateway.evaluation.report import Report

_WIDE = 160


def show(found: Report, verdicts: Sequence[Verdict]) -> None:
    """Print a column for each data set and assessor, then what fell short."""
    columns = [(each, by) for each in found.sections for by in each.assessments]
    named = (f"{each.name}, {by.assessor}\nn = {each.total}" for each, by in columns)
    table = Table("95 % intervals", *named)
    for name in TITLES:
        values = [by.overall[name] for _, by in columns]
        if any(value is not None for value in values):
            table.add_row(TITLES[name], *map(_short, values))
    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    console.print(table)
    if found.header.held_out:
        console.print("Held-out cases: scored only, none is listed.")
    for verdict in verdicts:
        if not verdict.holds:
            known = verdict.found
            said = "not measured" if known is None else f"{known:.3f}"
            console.print(f"falls short: {verdict.requirement}; found {said}")


def _short(value: Value) -> str:
    return figure(value).partition(",")[0]
