"""The FHIR release spoken on the wire, chosen once for the whole gateway."""

from typing import Final

from fhir_profiles.tables import load

FHIR_VERSION: Final = "4.0.1"
"""As it stands in CapabilityStatement.fhirVersion (http://hl7.org/fhir/R4)."""

CONTENT_TYPE: Final = "application/fhir+json"
"""The JSON media type (http://hl7.org/fhir/R4/http.html#mime-type)."""

SPECIFICATION: Final = "http://hl7.org/fhir/"
"""The prefix of the canonical URLs of the release's own definitions."""


def resource_types() -> frozenset[str]:
    """Name the 146 resource types of R4 that can be instantiated."""
    return load().resources
