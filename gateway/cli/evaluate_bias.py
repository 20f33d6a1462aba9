"""`triage-gateway evaluate --bias`: the same cases with attributes swapped."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from gateway.cli.progress import bar
from gateway.evaluation import assessors, bias_report
from gateway.evaluation.assessors import Assessor, Prediction, Reading
from gateway.evaluation.bias import Pair
from gateway.evaluation.bias_report import Audit
from gateway.evaluation.cases import DataSet, Input
from gateway.evaluation.report import Header
from gateway.evaluation.swaps import SWAPS, Swap, swapped

JSON_NAME, PAGE_NAME = "bias.json", "bias.html"

Ask = Callable[[DataSet, Sequence[Prediction]], Awaitable[list[Prediction]]]


@dataclass(frozen=True, kw_only=True)
class Audited:
    """The audits of all data sets, and beside them all that was said."""

    audits: list[Audit]
    said: list[list[Prediction]]


async def audited(
    sets: Sequence[DataSet],
    how: Reading,
    ask: Ask | None,
    by: Sequence[Assessor],
    *,
    seed: int,
) -> Audited:
    """Return the audits of data sets; `ask` asks a model, None asks the rules only.

    Raises:
        CasesError: a case cannot be made; its id is named.

    """
    found = Audited(audits=[], said=[])
    for data in sets:
        before = await _said(data, {c.id: c.input for c in data.cases}, how, ask)
        pairs = {swap: await _pairs(data, swap, before, how, ask) for swap in SWAPS}
        audit = bias_report.audit(data.name, len(data.cases), pairs, by, seed=seed)
        found.audits.append(audit)
        found.said.append(
            [*before, *(p.after for each in pairs.values() for p in each)]
        )
    return found


async def _pairs(
    data: DataSet,
    swap: Swap,
    before: Sequence[Prediction],
    how: Reading,
    ask: Ask | None,
) -> list[Pair]:
    known = {each.id: each for each in before}
    clusters = {case.id: case.cluster or case.id for case in data.cases}
    inputs = {
        case.id: changed
        for case in data.cases
        if (changed := swapped(case.input, swap)) is not None
    }
    after = await _said(data, inputs, how, ask) if inputs else []
    return [
        Pair(cluster=clusters[each.id], before=known[each.id], after=each)
        for each in after
    ]


def written(header: Header, found: Audited, out: Path) -> None:
    """Write the audits and say in the terminal what flipped."""
    out.mkdir(parents=True, exist_ok=True)
    (out / JSON_NAME).write_bytes(bias_report.as_json(header, found.audits))
    page = bias_report.as_page(header, found.audits)
    (out / PAGE_NAME).write_text(page, encoding="utf-8")
    for each in found.audits:
        flips = [row for row in each.comparisons if row.flips and row.flips.count]
        shown = sum(row.equivalent for row in each.comparisons)
        click.echo(
            f"{each.name}: {len(each.comparisons)} comparisons, {len(flips)} with a "
            f"changed level, {shown} shown equivalent."
        )
        for row in flips:
            told = row.flips.count if row.flips else 0
            click.echo(
                f"  {row.assessor}, {row.attribute}: {row.value}: {told} of {row.pairs}"
            )
    click.echo(f"{out / JSON_NAME} and {PAGE_NAME} are written.", err=True)


async def _said(
    data: DataSet, inputs: dict[str, Input], how: Reading, ask: Ask | None
) -> list[Prediction]:
    with bar(f"Rules, {data.name}") as progress:
        floors = assessors.predict(inputs, how, progress=progress)
    return floors if ask is None else await ask(data, floors)
