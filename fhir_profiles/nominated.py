"""The profile that a caller of `$validate` names, and whether it can be checked."""

from typing import Any, Final

from fhir_profiles.elements import string
from fhir_profiles.problems import Issue
from fhir_profiles.release import resource_types
from fhir_profiles.vital_signs_profile import PROFILES

Resource = dict[str, Any]
DEFINITIONS: Final = "http://hl7.org/fhir/StructureDefinition/"

CLAIMED: Final = dict.fromkeys(PROFILES, "Observation")
"""Profiles that `structure.check` looks at where a resource claims them -> type."""


def nominated(
    resource: Resource, profile: str | None
) -> tuple[Resource, tuple[Issue, ...]]:
    """Return the resource as if it claimed the profile, and why that cannot be.

    A version (`|4.0.1`) is passed over: there is one of each. The definition of a type
    itself is what every resource of that type is checked against.
    """
    if profile is None:
        return resource, ()
    name = profile.partition("|")[0]
    kind = CLAIMED.get(name) or _base(name)
    if kind is None:
        return resource, (_unknown(),)
    if kind != string(resource, "resourceType"):
        return resource, (_other(kind),)
    return (_claiming(resource, name), ()) if name in CLAIMED else (resource, ())


def _base(name: str) -> str | None:
    kind = name.removeprefix(DEFINITIONS)
    return kind if name != kind and kind in resource_types() else None


def _claiming(resource: Resource, name: str) -> Resource:
    meta = resource.get("meta", {})
    claimed = meta.get("profile", []) if isinstance(meta, dict) else []
    if not isinstance(claimed, list) or not isinstance(meta, dict) or name in claimed:
        return resource
    return {**resource, "meta": {**meta, "profile": [*claimed, name]}}


def _unknown() -> Issue:
    more = ", ".join(sorted(CLAIMED))
    return _issue(
        "not-supported",
        "request.profile",
        "The profile that was named is not known here. Known are "
        f"{DEFINITIONS}[type] of every type of R4, and {more}.",
    )


def _other(kind: str) -> Issue:
    return _issue(
        "invalid",
        "request.profile-type",
        f"The profile that was named is one of {kind}; name one of this type.",
    )


def _issue(code: str, identity: str, sentence: str) -> Issue:
    return Issue(
        severity="error",
        code=code,
        id=identity,
        expression="",
        diagnostics=sentence,
    )
