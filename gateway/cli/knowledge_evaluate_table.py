"""The figures of retrieval, in the terminal and as Markdown."""

import sys
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from gateway.evaluation import relevance
from gateway.evaluation.relevance import Report
from inference.metrics import Estimate, Proportion

_WIDE = 140


def show(found: Report) -> None:
    """Print a column for each way to rank, then what the threshold does."""
    heads, *rows = _rows(found)
    table = Table(*heads)
    for row in rows:
        table.add_row(*row)
    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    for line in _header(found):
        console.print(line)
    console.print(table)
    for line in _footer(found):
        console.print(line)


def markdown(found: Report) -> str:
    """Return the same as Markdown."""
    heads, *rows = _rows(found)
    lines = [heads, ["---"] * len(heads), *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return "\n\n".join([*_header(found), table, *_footer(found)])


def _header(found: Report) -> Iterator[str]:
    queries = found.library.queries
    answered = sum(bool(each.documents) for each in queries)
    yield (
        f"{found.library.name}: {len(found.library.passages)} passages,"
        f" {answered} queries with an answer, {len(queries) - answered} without;"
        f" {found.at:%Y-%m-%d}, triage-gateway {found.version},"
        f" embedding model {found.embedder[:40]}, index {found.index[:12]}."
    )


def _rows(found: Report) -> Iterator[list[str]]:
    yield ["95 % intervals", *(method.value for method in found.ways)]
    for name in relevance.names():
        yield [name, *(_estimate(way.figures[name]) for way in found.ways.values())]
    yield [
        "search, ms (p50 / p95)",
        *(f"{way.median_ms:.1f} / {way.p95_ms:.1f}" for way in found.ways.values()),
    ]


def _footer(found: Report) -> Iterator[str]:
    yield f"Embedding a query: {' / '.join(f'{e:.1f}' for e in found.embedding_ms)} ms."
    yield (
        "With the threshold, a right document among the passages shown:"
        f" {_proportion(found.shown.answered)}; nothing shown where nothing answers:"
        f" {_proportion(found.shown.silent)}."
    )
    for each in found.missed:
        first = each.documents[0] if each.documents else "nothing"
        wanted = ", ".join(each.query.documents) or "nothing"
        yield f"missed: {each.query.text!r}, wanted {wanted}; first {first}."
    yield from found.library.caveats


def _estimate(value: Estimate | None) -> str:
    if value is None:
        return "-"
    return f"{value.value:.3f} ({value.low:.3f}-{value.high:.3f})"


def _proportion(value: Proportion | None) -> str:
    if value is None:
        return "not labelled"
    return (
        f"{value.count} of {value.total} = {value.value:.3f}"
        f" ({value.low:.3f}-{value.high:.3f})"
    )
