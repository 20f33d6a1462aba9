"""One search parameter as an SQL condition with its values."""

from fhir_profiles.instants import Span, span
from gateway.projections.database import Database
from gateway.projections.parameters import Parameter

Condition = tuple[str, tuple[str | int | bytes, ...]]
_PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")


class SearchError(Exception):
    """A search parameter that the gateway cannot honour; `parameter` names it."""

    def __init__(self, parameter: str, sentence: str) -> None:
        super().__init__(sentence)
        # It goes back to the caller, in a text that may hold no control characters.
        self.parameter = "".join(c if c.isprintable() else "\ufffd" for c in parameter)


def condition(
    database: Database, known: dict[str, Parameter], name: str, value: str
) -> Condition:
    """Return what a resource in `latest` has to meet.

    Raises:
        SearchError: an unknown parameter, modifier or value.

    """
    base, _, modifier = name.partition(":")
    if base == "_id" and not modifier:
        return _among(database, value.split(","))
    if base == "_lastUpdated" and not modifier:
        return _changed(value)
    if base not in known:
        listed = ", ".join(sorted((*known, "_id", "_lastUpdated")))
        raise SearchError(name, f"Not a parameter of this search. Known: {listed}.")
    parameter = known[base]
    if parameter.kind == "date":
        return _dated(parameter, name, value)
    if modifier == "missing":
        return _missing(parameter, name, value)
    return _termed(database, parameter, name, value)


def _among(database: Database, identities: list[str]) -> Condition:
    marks = ",".join("?" * len(identities))
    return f"latest.key IN ({marks})", tuple(map(database.key, identities))


def _missing(parameter: Parameter, name: str, value: str) -> Condition:
    if value not in ("true", "false"):
        raise SearchError(name, "The modifier ':missing' takes true or false.")
    negation = "NOT " if value == "true" else ""
    sql = (
        f"{negation}EXISTS (SELECT 1 FROM term WHERE term.type = latest.type "
        "AND term.key = latest.key AND term.param = ?)"
    )
    return sql, (parameter.name,)


def _termed(
    database: Database, parameter: Parameter, name: str, value: str
) -> Condition:
    _, _, modifier = name.partition(":")
    prefix = _typed(parameter, name, modifier)
    texts = [each.replace("\0", ",") for each in value.replace("\\,", "\0").split(",")]
    digests = tuple(database.digest(prefix + text) for text in texts)
    negation = "NOT " if modifier == "not" else ""
    marks = ",".join("?" * len(digests))
    sql = (
        f"{negation}EXISTS (SELECT 1 FROM term WHERE term.type = latest.type "
        f"AND term.param = ? AND term.digest IN ({marks}) AND term.key = latest.key)"
    )
    return sql, (parameter.name, *digests)


def _typed(parameter: Parameter, name: str, modifier: str) -> str:
    """Return the type of `subject:Patient=7`, as a prefix of the reference."""
    if not modifier or (modifier == "not" and parameter.kind != "reference"):
        return ""
    if parameter.kind == "reference" and modifier[:1].isupper():
        return f"{modifier}/"
    raise SearchError(
        name, "This modifier is not supported; ':missing' and token ':not' are."
    )


def _changed(value: str) -> tuple[str, tuple[int, ...]]:
    prefix, interval = _interval("_lastUpdated", value)
    return _compared(prefix, "latest.at", "latest.at", interval)


def _dated(parameter: Parameter, name: str, value: str) -> Condition:
    prefix, interval = _interval(name, value)
    sql, values = _compared(prefix, "moment.low", "moment.high", interval)
    return (
        "EXISTS (SELECT 1 FROM moment WHERE moment.type = latest.type "
        f"AND moment.key = latest.key AND moment.param = ? AND {sql})",
        (parameter.name, *values),
    )


def _interval(name: str, value: str) -> tuple[str, Span]:
    prefix, text = (value[:2], value[2:]) if value[:2] in _PREFIXES else ("eq", value)
    interval = span(text.replace(" ", "+"))
    if interval is None:
        raise SearchError(
            name, "Send a date such as 2026-01-31, after an optional prefix (ge, lt…)."
        )
    return prefix, interval


def _compared(
    prefix: str, low: str, high: str, wanted: Span
) -> tuple[str, tuple[int, ...]]:
    """Compare intervals by FHIR's prefixes (search.html#prefix)."""
    match prefix:
        case "eq":
            return f"({low} >= ? AND {high} <= ?)", (wanted.low, wanted.high)
        case "ne":
            return f"NOT ({low} >= ? AND {high} <= ?)", (wanted.low, wanted.high)
        case "gt" | "sa":
            column = high if prefix == "gt" else low
            return f"({column} > ?)", (wanted.high,)
        case "lt" | "eb":
            column = low if prefix == "lt" else high
            return f"({column} < ?)", (wanted.low,)
        case "ge":
            return f"({high} >= ?)", (wanted.low,)
        case _:
            return f"({low} <= ?)", (wanted.high,)
