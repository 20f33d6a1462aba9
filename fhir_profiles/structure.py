"""Check a resource against R4: everything that is wrong, each with its place.

One pass over parsed JSON, driven by tables compiled from the R4 definitions: elements,
cardinality, choices, primitive text, required bindings, references, contained
resources, extensions, narrative, and invariants of the types that triage reads.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fhir_profiles import lexical
from fhir_profiles.findings import LIMIT, Walk
from fhir_profiles.positions import located
from fhir_profiles.problems import InvalidResourceError, Issue, refusing
from fhir_profiles.schema import schema


def read(body: bytes) -> dict[str, Any]:
    """Parse and check one resource.

    Raises:
        InvalidResourceError: with every issue, each with line and column.

    """
    resource = lexical.parse(body)
    issues = check(resource)
    if refusing(issues):
        raise InvalidResourceError(positioned(issues, body))
    return resource


def check(resource: dict[str, Any]) -> list[Issue]:
    """List what is wrong with a parsed resource, at most 100 errors and 100 warnings.

    Any JSON value is answered with issues, never with an exception. Characters and
    numbers were limited when the JSON was read; lines and columns are not known here.
    """
    return checked(resource, Walk())


def checked(resource: dict[str, Any], walk: Walk) -> list[Issue]:
    """List what is wrong as `check` does, in a walk that the caller looks at after."""
    findings = schema().containment.resource(resource, walk)
    if not findings:
        return []
    if not walk.complete:
        findings.extend(Walk().report("limit.more", str(LIMIT)) or ())
    root = resource if isinstance(resource, dict) else {}
    start = schema().resource(root.get("resourceType"))
    for finding in findings:
        finding.steps.append("Resource" if start is None else start.name)
    return [finding.issue(root) for finding in findings]


def positioned(issues: Iterable[Issue], body: bytes) -> list[Issue]:
    """Add the line and column of each issue in the body that was parsed."""
    listed = list(issues)
    text = body.decode("utf-8-sig", "replace")
    places = located(text, (issue.path for issue in listed))
    return [
        replace(issue, line=places[issue.path][0], column=places[issue.path][1])
        for issue in listed
    ]
