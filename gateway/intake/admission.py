"""Whether content is let in, by the site's rules: refused, set aside, or let pass."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fhir_profiles import lexical, structure
from fhir_profiles.bundle import RefusedEntry, Requests, read_bundle
from fhir_profiles.delivery import Delivery
from fhir_profiles.problems import InvalidResourceError, Issue
from fhir_profiles.rule_groups import Rules, Treatment
from gateway.intake.change import Change, Resource

_UNUSED = (Treatment.REJECT, Treatment.QUARANTINE)


class QuarantineError(InvalidResourceError):
    """The content cannot be used; the site wants it set aside, not refused."""


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """A resource that is let in, and what is wrong with it all the same."""

    resource: Resource
    issues: tuple[Issue, ...] = ()
    violations: tuple[Issue, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AdmittedBundle:
    """The requests of a Bundle that are let in; `aside` are entries of a batch."""

    asked: Requests
    aside: tuple[RefusedEntry, ...] = ()
    violations: tuple[Issue, ...] = ()

    def marked(self, change: Change) -> Change:
        """Return the change of an entry that remembers what is wrong with it."""
        if not self.violations and not self.asked.warnings:
            return change
        return marked(
            change,
            (each for each in self.asked.warnings if each.entry == change.index),
            (each for each in self.violations if each.entry == change.index),
        )


def read(body: bytes, rules: Rules) -> Admitted:
    """Parse and check one resource by the site's rules.

    Raises:
        InvalidResourceError: with every issue, where any of them rejects.
        QuarantineError: with every issue, where none rejects and one sets aside.

    """
    resource = lexical.parse(body)
    issues = structure.check(resource)
    if not issues:
        return Admitted(resource=resource)
    verdict = rules.verdict(structure.positioned(issues, body))
    if verdict.treatment in _UNUSED:
        raise _refusal(verdict.treatment, verdict.issues)
    return Admitted(
        resource=resource, issues=verdict.issues, violations=verdict.violations
    )


def read_requests(got: Delivery, body: bytes, rules: Rules) -> AdmittedBundle:
    """Judge a delivered transaction or batch by the site's rules.

    A transaction is set aside as a whole; of a batch each entry by itself.

    Raises:
        InvalidResourceError: with every issue, each with its place.
        QuarantineError: likewise, where the site wants the whole set aside.

    """
    issues = got.issues
    try:
        asked = read_bundle(got.resource, rules.tolerated(issues), got.urns)
    except InvalidResourceError as error:
        found = structure.positioned(error.issues, body)
        raise _refusal(rules.verdict(found).treatment, found) from None
    refused = [each for each in asked.refused if not _is_aside(each, rules)]
    return AdmittedBundle(
        asked=replace(asked, refused=tuple(refused)),
        aside=tuple(
            replace(each, issues=tuple(structure.positioned(each.issues, body)))
            for each in asked.refused
            if _is_aside(each, rules)
        ),
        violations=tuple(each for each in issues if rules.lets_pass(each)),
    )


def marked(
    change: Change, issues: Iterable[Issue], violations: Iterable[Issue]
) -> Change:
    """Return a change that remembers what is wrong with its content."""
    return replace(
        change,
        warnings=tuple(issues),
        violations=tuple(sorted({each.id for each in violations})),
    )


def _is_aside(entry: RefusedEntry, rules: Rules) -> bool:
    return rules.verdict(entry.issues).treatment is Treatment.QUARANTINE


def _refusal(
    treatment: Treatment | None, issues: Iterable[Issue]
) -> InvalidResourceError:
    if treatment is Treatment.QUARANTINE:
        return QuarantineError(issues)
    return InvalidResourceError(issues)
