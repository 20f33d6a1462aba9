"""What is wrong with a resource: where, why, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

_LISTED: Final = 12
_NEAREST: Final = 3


@dataclass(frozen=True)
class Kind:
    """A kind of issue."""

    code: str
    """The FHIR IssueType."""
    sentence: str
    """What is wrong and what to do."""
    severity: str = "error"


@dataclass(frozen=True, kw_only=True)
class Issue:
    """One OperationOutcome issue; it never holds a value that was received."""

    severity: str
    """`error` or `warning` (http://hl7.org/fhir/issue-severity)."""
    code: str
    """The FHIR IssueType (http://hl7.org/fhir/issue-type)."""
    id: str
    """The stable name in the catalogue of issues, such as `structure.required`."""
    expression: str
    """Where it is, as FHIRPath."""
    diagnostics: str
    """What is wrong, and what to do."""
    entry: int | None = None
    """The index of the Bundle's entry."""
    full_url: str | None = None
    """The entry's fullUrl where it is a urn:uuid or urn:oid, which tell nothing."""
    line: int | None = None
    """Counted from 1."""
    column: int | None = None
    """Counted from 1, in characters."""
    path: tuple[str | int, ...] = field(default=(), repr=False)
    """The same place as keys and indices of the JSON."""


class InvalidResourceError(ValueError):
    """The content cannot be accepted; `issues` says everything that is wrong."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("; ".join(issue.diagnostics for issue in self.issues[:3]))


def refusing(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Select the issues that forbid accepting the content."""
    return tuple(issue for issue in issues if issue.severity == "error")


def masked(value: object) -> str:
    """Describe a received value by its kind and size, never by its content."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return f"a text of {len(value)} characters"
        case list():
            return f"an array of {len(value)}"
        case dict():
            return f"an object with {len(value)} properties"
        case _:
            return "a number"


def allowed(received: object, names: Iterable[str]) -> str:
    """List what is allowed: all of it when short, else what is nearest."""
    known = sorted(names)
    if len(known) <= _LISTED:
        return f"allowed: {', '.join(known)}"
    if isinstance(received, str) and len(received) <= max(map(len, known)) * 2:
        near = get_close_matches(received, known, n=_NEAREST)
        if near:
            return f"nearest allowed: {', '.join(near)}"
    return f"{len(known)} are allowed, such as {known[0]} and {known[-1]}"
