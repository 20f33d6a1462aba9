"""The kinds of issue of a request that is no Bundle: its address, patch, profile."""

from typing import Final

from fhir_profiles.problems import Kind

REQUEST_KINDS: Final = {
    "patch.malformed": Kind(
        "invalid", "What was sent is no patch; do what the message says."
    ),
    "request.address": Kind(
        "invalid",
        "The content has another type or id than the address; make them agree.",
    ),
    "request.profile": Kind(
        "not-supported",
        "The profile that was named is not known here; take what the message lists.",
    ),
    "request.profile-type": Kind(
        "invalid",
        "The profile that was named is one of another type; name one of this type.",
    ),
}
