"""Parts of resources: `_summary` and `_elements` (R4, search.html#summary, #elements).

Elements that a resource must have stay, so that it remains valid, and a tag says that
it is not whole.
"""

from typing import Any, Final

from fhir_profiles.search_parameters import mandatory, summary
from gateway.projections.controls import Controls

Resource = dict[str, Any]

_ALWAYS: Final = frozenset({"resourceType", "id", "meta"})
_SUBSETTED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}


def is_whole(controls: Controls) -> bool:
    """Say whether resources are shown as they are."""
    return controls.summary == "false" and not controls.elements


def subset(resource: Resource, controls: Controls) -> Resource:
    """Return the part of a resource that was asked for."""
    if is_whole(controls):
        return resource
    kind = resource["resourceType"]
    if controls.summary == "data":
        shown = {name: each for name, each in resource.items() if name != "text"}
    else:
        kept = _wanted(kind, controls) | mandatory(kind) | _ALWAYS
        shown = {
            name: each
            for name, each in resource.items()
            if any(_is_of(name.removeprefix("_"), one) for one in kept)
        }
    meta = shown.get("meta", {})
    return {**shown, "meta": {**meta, "tag": [*meta.get("tag", ()), _SUBSETTED]}}


def _wanted(kind: str, controls: Controls) -> frozenset[str]:
    if controls.elements:
        return frozenset(each.partition("[")[0] for each in controls.elements)
    return frozenset({"text"}) if controls.summary == "text" else summary(kind)


def _is_of(name: str, wanted: str) -> bool:
    """Say whether an element is the wanted one; `value` wants `valueQuantity`, too."""
    wanted = wanted.removesuffix("[x]")
    rest = name.removeprefix(wanted)
    return name == wanted or (name != rest and rest[:1].isupper())
