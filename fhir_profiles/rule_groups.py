"""What a site does with content that breaks a group of rules.

A group is what stands before the first point of an issue's id. Content is rejected
unless the site says otherwise: it may set aside what breaks a group (quarantine), or
keep and use it with a tag that says which groups it breaks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from fhir_profiles.canonical import RULE_GROUP
from fhir_profiles.catalogue import ALWAYS_REJECTED, GROUPS
from fhir_profiles.problems import Issue, refusing

_SHAPES: Final = frozenset(("structure", "value"))


class Treatment(StrEnum):
    """What becomes of content that breaks a rule."""

    REJECT = "reject"
    QUARANTINE = "quarantine"
    TAG = "tag"


class RuleGroupError(ValueError):
    """A site may not treat a group of rules in this way."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a site's rules say of the issues that were found.

    `violations` are the errors that it lets pass; in `issues` they are warnings, for
    nothing fails because of them.
    """

    treatment: Treatment | None
    issues: tuple[Issue, ...]
    violations: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class Rules:
    """How a site treats each group of rules; groups that it does not name reject."""

    treatments: Mapping[str, Treatment]

    def __post_init__(self) -> None:
        for group, treatment in self.treatments.items():
            _require_possible(group, treatment)

    def treatment(self, issue: Issue) -> Treatment:
        """Return what becomes of content because of one error.

        What could run as a program in a reader's browser is never let through.
        """
        found = self.treatments.get(group_of(issue.id), Treatment.REJECT)
        unsafe = issue.code == "security" and found is Treatment.TAG
        return Treatment.REJECT if unsafe else found

    def verdict(self, issues: Iterable[Issue]) -> Verdict:
        """Judge what was found: the strictest treatment of any error counts."""
        found = tuple(issues)
        errors = refusing(found)
        treatments = [self.treatment(each) for each in errors]
        if Treatment.REJECT in treatments:
            return Verdict(treatment=Treatment.REJECT, issues=found)
        if Treatment.QUARANTINE in treatments:
            return Verdict(treatment=Treatment.QUARANTINE, issues=found)
        return Verdict(
            treatment=Treatment.TAG if errors else None,
            issues=tuple(self.tolerated(found)),
            violations=errors,
        )

    def tolerated(self, issues: Iterable[Issue]) -> list[Issue]:
        """Return the issues, those errors as warnings that the site lets pass."""
        return [
            replace(each, severity="warning") if self.lets_pass(each) else each
            for each in issues
        ]

    def lets_pass(self, issue: Issue) -> bool:
        """Say whether an issue is an error that the site only tags."""
        return issue.severity == "error" and self.treatment(issue) is Treatment.TAG


STRICT: Final = Rules({})
"""Every error rejects."""


def group_of(issue_id: str) -> str:
    """Return the group of rules that an issue's id names."""
    return issue_id.partition(".")[0]


def tags(violations: Iterable[str]) -> list[dict[str, Any]]:
    """Return the codings of `meta.tag` for ids of issues that were let pass."""
    groups = sorted({group_of(each) for each in violations})
    return [
        {"system": RULE_GROUP, "code": each, "display": each.capitalize()}
        for each in groups
    ]


def _require_possible(group: str, treatment: Treatment) -> None:
    if group not in GROUPS:
        raise RuleGroupError(
            f"there is no group of rules {group}; there are {', '.join(GROUPS)}."
        )
    if group in ALWAYS_REJECTED and treatment is not Treatment.REJECT:
        raise RuleGroupError(f"what breaks the group {group} is always rejected.")
    if group in _SHAPES and treatment is Treatment.TAG:
        raise RuleGroupError(
            f"what breaks the group {group} has not the shape that triage reads: "
            "reject or quarantine it."
        )
