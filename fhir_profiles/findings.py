"""What a walk over a resource finds, and how findings become issues.

A place costs nothing until something is wrong there: a check returns its findings and
each level above writes its own step onto them.
"""

from collections.abc import Callable, Iterable
from typing import Final

from fhir_profiles.catalogue import CATALOGUE, sentence
from fhir_profiles.problems import Issue

LIMIT: Final = 100
"""Issues of each severity that one walk reports."""

OPAQUE: Final = ("urn:uuid:", "urn:oid:")


class Finding:
    """An issue on its way up to the root."""

    __slots__ = ("details", "kind", "path", "steps")

    def __init__(self, kind: str, details: tuple[str, ...]) -> None:
        self.kind = kind
        self.details = details
        self.path: list[str | int] = []
        """Keys and indices of the JSON, innermost first."""
        self.steps: list[str] = []
        """The same as FHIRPath."""

    def under(self, key: str | int, step: str) -> "Finding":
        """Add the step that leads to the place from one level above."""
        self.path.append(key)
        self.steps.append(step)
        return self

    def issue(self, root: dict[str, object]) -> Issue:
        """Give the issue as seen from the root."""
        kind = CATALOGUE[self.kind]
        path = tuple(reversed(self.path))
        entry = entry_index(root, path)
        return Issue(
            severity=kind.severity,
            code=kind.code,
            id=self.kind,
            expression="".join(reversed(self.steps)),
            diagnostics=sentence(self.kind, *self.details),
            entry=entry,
            full_url=None if entry is None else _full_url(root, entry),
            path=path,
        )


Detail = str | Callable[[], str]
"""A text for a sentence of the catalogue, or what makes it."""

Findings = list[Finding] | None
"""None when nothing is wrong: the common case costs no list."""


class Walk:
    """The state of one walk over one root resource."""

    __slots__ = ("accepted", "depth", "errors", "local", "targets", "warnings")

    def __init__(self) -> None:
        self.errors = 0
        self.warnings = 0
        self.accepted: set[int] | None = None
        """The `id` of each entry of the Bundle that is known to be right, if any is."""
        self.depth = 0
        """Levels of elements that may nest without end."""
        self.local: list[str] = []
        """The #ids met in the resource being checked."""
        self.targets: dict[str, str | None] = {}
        """The types that references were found to name; a Bundle repeats them."""

    def report(self, kind: str, *details: Detail) -> Findings:
        """Report a finding here, or nothing when the limit is reached.

        A detail that takes work is given as a function, called only when reported, so
        that a body with a million faults costs no more than its reading.
        """
        if CATALOGUE[kind].severity == "error":
            self.errors += 1
            kept = self.errors <= LIMIT
        else:
            self.warnings += 1
            kept = self.warnings <= LIMIT
        if not kept:
            return None
        texts = tuple(one if isinstance(one, str) else one() for one in details)
        return [Finding(kind, texts)]

    def at(self, name: str, kind: str, *details: Detail) -> Findings:
        """Report a finding about the element of that name."""
        return placed(self.report(kind, *details), name)

    @property
    def complete(self) -> bool:
        """Whether everything found has been reported."""
        return max(self.errors, self.warnings) <= LIMIT


class Doubt(Walk):
    """A walk that only tells whether there would be anything to report."""

    __slots__ = ()

    def report(self, kind: str, *_details: Detail) -> Findings:
        """Doubt, without counting and without making a sentence."""
        return [Finding(kind, ())]


def placed(findings: Findings, key: str | int, step: str | None = None) -> Findings:
    """Write a step onto every finding; the step is the key unless told otherwise."""
    if findings:
        word = f"[{key}]" if isinstance(key, int) else f".{key}"
        for finding in findings:
            finding.under(key, word if step is None else step)
    return findings


def at_path(findings: Findings, path: Iterable[str | int]) -> Findings:
    """Write the steps of a whole path, outermost first, onto every finding."""
    for step in reversed(tuple(path)):
        placed(findings, step)
    return findings


def joined(first: Findings, second: Findings) -> Findings:
    """Put findings together."""
    if first and second:
        first.extend(second)
        return first
    return first or second


def gathered(found: Iterable[Findings]) -> Findings:
    """Put any number of findings together."""
    together: list[Finding] = []
    for findings in found:
        together.extend(findings or ())
    return together or None


def entry_index(root: dict[str, object], path: tuple[str | int, ...]) -> int | None:
    """Give the index of the Bundle's entry that the path leads into."""
    if root.get("resourceType") == "Bundle" and path[:1] == ("entry",):
        index = path[1:2]
        return index[0] if index and isinstance(index[0], int) else None
    return None


def _full_url(root: dict[str, object], entry: int) -> str | None:
    entries = root.get("entry")
    content = entries[entry] if isinstance(entries, list) else None
    full_url = content.get("fullUrl") if isinstance(content, dict) else None
    if isinstance(full_url, str) and full_url.startswith(OPAQUE):
        return full_url
    return None
