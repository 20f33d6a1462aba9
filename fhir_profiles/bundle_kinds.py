"""The kinds of issue that a Bundle and its requests can have."""

from typing import Final

from fhir_profiles.problems import Kind

BUNDLE_KINDS: Final = {
    "bundle.type": Kind(
        "value",
        "Only a Bundle of type transaction or batch can be processed; send one.",
    ),
    "bundle.resource-type": Kind("structure", "{} is no Bundle; send a Bundle."),
    "bundle.request-missing": Kind(
        "required", "The entry has no request; add request.method and request.url."
    ),
    "bundle.method": Kind("not-supported", "The method is not known; {}."),
    "bundle.url": Kind(
        "value", "request.url does not fit {}; write {}, without the server's base."
    ),
    "bundle.url-type": Kind(
        "value", "request.url names another type than the resource; make them agree."
    ),
    "bundle.url-id": Kind(
        "value", "request.url names another id than the resource; make them agree."
    ),
    "bundle.resource-missing": Kind(
        "required", "A {} needs a resource; add the resource to the entry."
    ),
    "bundle.resource-unexpected": Kind(
        "structure", "A {} takes no resource; remove the resource from the entry."
    ),
    "bundle.patch": Kind(
        "structure",
        "A PATCH needs Parameters (FHIRPath Patch) or a Binary (JSON Patch); send one.",
    ),
    "bundle.condition": Kind("value", "{} does not go with {} or cannot be read; {}."),
    "bundle.identity": Kind(
        "duplicate",
        "Another entry of the transaction writes the same resource; keep one of them.",
    ),
    "bundle.full-url": Kind(
        "value", "fullUrl must be absolute and without a version; {}."
    ),
    "bundle.full-url-duplicate": Kind(
        "duplicate", "Another entry has the same fullUrl; give each its own."
    ),
    "bundle.full-url-id": Kind(
        "invariant", "fullUrl and the resource's id disagree; make them agree."
    ),
    "bundle.reference": Kind(
        "not-found",
        "No entry has the fullUrl that this reference names; add the entry or name a "
        "resource that the server holds.",
    ),
    "bundle.ambiguous": Kind(
        "multiple-matches",
        "Several entries have the fullUrl that this reference names; name the version.",
    ),
    "bundle.version": Kind(
        "not-found",
        "No entry is the version that this reference names; correct the version.",
    ),
    "bundle.invariant": Kind("invariant", "{}"),
}
