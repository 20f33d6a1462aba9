"""Conditions of a search as SQL: what each asks of a resource, and where to start.

A condition can check one resource, named by its serial number, and mostly also find
those that meet it from an index. `{c}` stands for the alias of the table that has the
serial number. Only this module's own text becomes SQL; values are bound.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from gateway.projections.matching import Needle

Value: TypeAlias = str | int | bytes

_MOST_SOURCES: Final = 300  # SQLite joins at most 500 selects
MOST_RANGES: Final = 300
"""Ranges of digests in one condition; SQLite nests at most 1000 of them."""
MOST_DIGESTS: Final = 1000
"""Digests in one condition."""


class Clause(NamedTuple):
    """A piece of SQL, and the values bound in it."""

    sql: str
    values: tuple[Value, ...] = ()

    def of(self, alias: str) -> "Clause":
        """Return the clause about another alias."""
        return Clause(self.sql.replace("{c}", alias), self.values)


class Source(NamedTuple):
    """Rows of an index that meet a condition; each has a `serial`.

    `ordered` where the index gives them in the order of their serial numbers.
    """

    tables: str
    where: Clause
    ordered: bool = False

    def named(self, alias: str) -> str:
        """Return the tables, the one with the serial number under an alias."""
        return self.tables.replace("{c}", alias)


@dataclass(frozen=True)
class Condition:
    """What is asked of a resource; it may have no index to start from.

    `exact` where all that the sources give meets it, so that nothing is to be checked.
    """

    check: Clause
    sources: tuple[Source, ...] = ()
    exact: bool = True


def of_kind(kind: str) -> Condition:
    """Return what every resource of a type meets, which is already known of it."""
    where = Clause("{c}.type = ?", (kind,))
    table = "latest AS {c} INDEXED BY latest_kind"
    return Condition(Clause("1"), (Source(table, where, ordered=True),))


def filed(numbers: Sequence[int], needles: Iterable[Needle]) -> Condition:
    """Return what a resource meets that is filed under any of the digests."""
    found = tuple(dict.fromkeys(needles))
    if not found:
        return Condition(Clause("0"), (Source("latest AS {c}", Clause("0")),))
    marks = ", ".join("?" * len(numbers))
    check = exists(
        f"term AS t WHERE t.serial = {{c}}.serial AND t.param IN ({marks}) AND ",
        numbers,
        _any(list(_digests("t", found))),
    )
    sources = _sources(numbers, found) if len(found) <= _MOST_SOURCES else ()
    return Condition(check, limited(tuple(sources)))


def limited(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Return sources, or none where they are too many for one statement."""
    return sources if len(sources) <= _MOST_SOURCES else ()


def _digests(alias: str, needles: Sequence[Needle]) -> Iterator[Clause]:
    """Give one clause for all single digests, and one for each range."""
    single = tuple(each.low for each in needles if each.until is None)
    if single:
        marks = ", ".join("?" * len(single))
        yield Clause(f"{alias}.digest IN ({marks})", single)
    for each in needles:
        if each.until is not None:
            yield _digest(alias, each)


def _sources(numbers: Sequence[int], needles: Iterable[Needle]) -> Iterator[Source]:
    for needle in needles:
        sql, values = _digest("{c}", needle)
        for number in numbers:
            where = Clause(f"{{c}}.param = ? AND {sql}", (number, *values))
            yield Source(
                "term AS {c} INDEXED BY term_filed", where, ordered=not needle.until
            )


def _digest(alias: str, needle: Needle) -> Clause:
    if needle.until is None:
        return Clause(f"{alias}.digest = ?", (needle.low,))
    sql = f"{alias}.digest >= ? AND {alias}.digest < ?"
    values = (needle.low, needle.until)
    if not needle.tag:
        return Clause(sql, values)
    return Clause(
        f"{sql} AND substr({alias}.digest, ?, ?) = ?",
        (*values, needle.offset + 1, len(needle.tag), needle.tag),
    )


def absent(condition: Condition) -> Condition:
    """Return the condition that a resource does not meet another one."""
    return Condition(Clause(f"NOT {condition.check.sql}", condition.check.values))


def every(conditions: Sequence[Condition]) -> Condition:
    """Return the condition that all of these hold."""
    sql = " AND ".join(each.check.sql for each in conditions)
    values = tuple(value for each in conditions for value in each.check.values)
    return Condition(Clause(f"({sql})", values), conditions[0].sources, exact=False)


def either(conditions: Sequence[Condition]) -> Condition:
    """Return the condition that one of these holds."""
    sources = tuple(source for each in conditions for source in each.sources)
    from_index = all(each.sources for each in conditions)
    check = _any([each.check for each in conditions])
    exact = all(each.exact for each in conditions)
    return Condition(check, limited(sources) if from_index else (), exact=exact)


def present(numbers: Sequence[int]) -> Condition:
    """Return the condition that a parameter has a value."""
    marks = ", ".join("?" * len(numbers))
    where = f"WHERE t.serial = {{c}}.serial AND t.param IN ({marks})"
    sql = (
        f"(EXISTS (SELECT 1 FROM term AS t {where}) "
        f"OR EXISTS (SELECT 1 FROM moment AS t {where}))"
    )
    return Condition(Clause(sql, (*numbers, *numbers)))


def addressed(addresses: Sequence[bytes]) -> Condition:
    """Return the condition that a resource has one of these addresses."""
    marks = ", ".join("?" * len(addresses))
    here = Clause(f"{{c}}.address IN ({marks})", tuple(addresses))
    check = exists("latest AS t WHERE t.serial = {c}.serial AND ", (), here.of("t"))
    return Condition(check, (Source("latest AS {c}", here),))


def _any(clauses: Sequence[Clause]) -> Clause:
    sql = " OR ".join(f"({each.sql})" for each in clauses)
    return Clause(f"({sql})", tuple(v for each in clauses for v in each.values))


def exists(start: str, values: Sequence[Value], clause: Clause) -> Clause:
    """Return that there is a row; `start` is what follows FROM, up to a clause."""
    return Clause(
        f"EXISTS (SELECT 1 FROM {start}{clause.sql})", (*values, *clause.values)
    )
