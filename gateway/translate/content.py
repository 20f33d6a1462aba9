"""The content that readers get: the received resource under its address here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.events import RecordAccepted, RecordCorrected
from fhir_profiles import rule_groups
from fhir_profiles.lexical import parse
from fhir_profiles.linking import rewrite

Resource = dict[str, Any]


def served(event: RecordAccepted | RecordCorrected, *, at: datetime) -> Resource:
    """Return the resource with its id, version, time and resolved references.

    Everything else is as it was sent, decimals to the last digit.
    """
    content = parse(event.received)
    if event.links:
        content = rewrite(content, dict(event.links))
    meta = {
        **tagged(content.pop("meta", {}), event.violations),
        "versionId": str(event.reference.version),
        "lastUpdated": at.isoformat(timespec="milliseconds"),
    }
    kind = content.pop("resourceType")
    content.pop("id", None)
    return {
        "resourceType": kind,
        "id": event.reference.id,
        "meta": meta,
        **content,
    }


def tagged(meta: Resource, violations: Sequence[str]) -> Resource:
    """Return `meta` with a tag for each group of rules that the site let pass."""
    if not violations:
        return meta
    return {**meta, "tag": [*meta.get("tag", []), *rule_groups.tags(violations)]}
