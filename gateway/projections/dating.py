"""Conditions on dates: intervals compared by prefixes (R4, search.html#prefix)."""

import re
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from fhir_profiles.instants import Span, span
from gateway.projections.asking import SearchError, prefixed
from gateway.projections.conditions import Clause, Condition, Source, exists

# `low` and `high` stand for the limits of what is filed, `:low` and `:high` for the
# wanted ones. What follows from low <= high is said too, so that one index serves.
_COMPARED: Final = MappingProxyType(
    {
        "eq": "(low >= :low AND low <= :high AND high <= :high)",
        "ne": "NOT (low >= :low AND low <= :high AND high <= :high)",
        "gt": "(high > :high)",
        "sa": "(low > :high AND high > :high)",
        "lt": "(low < :low)",
        "eb": "(high < :low AND low < :low)",
        "ge": "(high >= :low)",
        "le": "(low <= :high)",
        "ap": "(low <= :high AND high >= :low)",
    }
)
_BY_END: Final = frozenset({"gt", "ge", "sa", "ap"})
_LIMIT: Final = re.compile(":?(?:low|high)")


def changed(kind: str, name: str, value: str) -> Condition:
    """Return what `_lastUpdated` asks."""
    prefix, wanted = _interval(name, value)
    here = _compared(prefix, "{c}.at", "{c}.at", wanted)
    check = exists("latest AS t WHERE t.serial = {c}.serial AND ", (), here.of("t"))
    where = Clause(f"{{c}}.type = ? AND {here.sql}", (kind, *here.values))
    return Condition(check, (Source("latest AS {c} INDEXED BY latest_at", where),))


def dated(numbers: Sequence[int], name: str, value: str) -> Condition:
    """Return what a date parameter asks."""
    prefix, wanted = _interval(name, value)
    here = _compared(prefix, "{c}.low", "{c}.high", wanted)
    marks = ", ".join("?" * len(numbers))
    check = exists(
        f"moment AS t WHERE t.serial = {{c}}.serial AND t.param IN ({marks}) AND ",
        numbers,
        here.of("t"),
    )
    index = "moment_high" if prefix in _BY_END else "moment_low"
    sources = tuple(
        Source(
            f"moment AS {{c}} INDEXED BY {index}",
            Clause(f"{{c}}.param = ? AND {here.sql}", (number, *here.values)),
        )
        for number in numbers
    )
    return Condition(check, sources)


def _interval(name: str, value: str) -> tuple[str, Span]:
    """Return a date's prefix and the time it spans.

    Raises:
        SearchError: no date.

    """
    prefix, text = prefixed(value)
    wanted = span(text.replace(" ", "+"))
    if wanted is None:
        raise SearchError(
            name, "Send a date such as 2026-01-31, after an optional prefix (ge, lt…)."
        )
    return prefix, wanted


def _compared(prefix: str, low: str, high: str, wanted: Span) -> Clause:
    values: list[int] = []
    columns = {"low": low, "high": high}
    limits = {":low": wanted.low, ":high": wanted.high}

    def bound(found: re.Match[str]) -> str:
        if found[0] in columns:
            return columns[found[0]]
        values.append(limits[found[0]])
        return "?"

    return Clause(_LIMIT.sub(bound, _COMPARED[prefix]), tuple(values))
