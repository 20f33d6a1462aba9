"""The patch in a request's body, or in the resource of a Bundle's entry."""

from base64 import b64decode

from fhir_profiles import structure
from fhir_profiles.patching import Patch, malformed
from fhir_profiles.patching_fhirpath import fhirpath_patch
from fhir_profiles.patching_json import json_patch
from gateway.intake.amendment import LARGEST
from gateway.intake.change import Resource, TooLargeError

JSON_PATCH = "application/json-patch+json"
FHIRPATH_PATCH = "application/fhir+json"
MEDIA_TYPES = (JSON_PATCH, FHIRPATH_PATCH)
"""What PATCH takes (FHIR R4, http.html#patch); the second is a Parameters resource."""


def patch_of_body(body: bytes, media_type: str) -> Patch:
    """Read the body of a PATCH; one that breaks rules is never let pass.

    Raises:
        InvalidResourceError: it is no patch; each issue has its place.
        TooLargeError: it is larger than what can be patched.

    """
    if len(body) > LARGEST:
        raise TooLargeError(
            f"A patch has {LARGEST // 1024} KiB at most: update the resource by PUT."
        )
    if media_type == JSON_PATCH:
        return json_patch(body)
    return fhirpath_patch(structure.read(body))


def patch_of_entry(resource: Resource) -> Patch:
    """Read the checked resource of a PATCH entry: Parameters, or JSON Patch in Binary.

    Raises:
        MalformedPatchError: it is no patch; each issue has its place.

    """
    if resource.get("resourceType") == "Parameters":
        return fhirpath_patch(resource)
    if resource.get("contentType") != JSON_PATCH:
        malformed(f"The contentType of a patch is {JSON_PATCH}.", "Binary.contentType")
    return json_patch(_decoded(str(resource.get("data", ""))))


def _decoded(data: str) -> bytes:
    """Read base64Binary, which may be broken into lines."""
    try:
        return b64decode("".join(data.split()), validate=True)
    except ValueError:
        malformed("The patch is not in base64.", "Binary.data")
