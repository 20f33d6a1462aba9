"""Conditions on what a resource refers to, and on what refers to it.

(https://hl7.org/fhir/R4/search.html#chaining, #has)
"""

# ruff: noqa: S608 (only this module's own text becomes SQL; values are bound)

from collections.abc import Sequence

from gateway.projections.conditions import Clause, Condition, Source, exists, limited


def pointing(numbers: Sequence[int], kind: str, inner: Condition) -> Condition:
    """Return what refers to a resource of a type that meets a condition (a chain)."""
    marks = ", ".join("?" * len(numbers))
    check = exists(
        "term AS r JOIN latest AS p ON p.address = r.digest "
        f"WHERE r.serial = {{c}}.serial AND r.param IN ({marks}) AND p.type = ? AND ",
        (*numbers, kind),
        inner.check.of("p"),
    )
    within = Clause("1") if inner.exact else inner.check.of("p")
    sources = tuple(
        Source(
            f"(SELECT DISTINCT p.address FROM {source.named('i')} "
            f"JOIN latest AS p ON p.serial = i.serial "
            f"WHERE p.type = ? AND {source.where.of('i').sql} AND {within.sql}) AS a "
            "CROSS JOIN term AS {c} INDEXED BY term_filed",
            Clause(
                "{c}.digest = a.address AND {c}.param = ?",
                (kind, *source.where.values, *within.values, number),
            ),
        )
        for source in inner.sources
        for number in numbers
    )
    return Condition(check, limited(sources))


def pointed_to(kind: str, numbers: Sequence[int], inner: Condition) -> Condition:
    """Return what is referred to by a resource that meets a condition (`_has`)."""
    marks = ", ".join("?" * len(numbers))
    check = exists(
        "latest AS m JOIN term AS r ON r.digest = m.address "
        f"WHERE m.serial = {{c}}.serial AND r.param IN ({marks}) AND ",
        numbers,
        inner.check.of("r"),
    )
    within = Clause("1") if inner.exact else inner.check.of("i")
    sources = tuple(
        Source(
            f"{source.named('i')} CROSS JOIN term AS r "
            "ON r.serial = i.serial CROSS JOIN latest AS {c} "
            "ON {c}.address = r.digest",
            Clause(
                f"r.param IN ({marks}) AND {{c}}.type = ? AND "
                f"{source.where.of('i').sql} AND {within.sql}",
                (*numbers, kind, *source.where.values, *within.values),
            ),
        )
        for source in inner.sources
    )
    return Condition(check, limited(sources))
