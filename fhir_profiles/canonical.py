"""The canonical URLs of what this gateway defines, and the codes it writes.

A canonical URL is a name, not an address (https://hl7.org/fhir/R4/references.html).
`.example` is reserved (RFC 2606), so nobody can own these names by buying a domain; an
operator who publishes the definitions changes `BASE` before the first resource is sent.
"""

from types import MappingProxyType
from typing import Final

BASE: Final = "https://triage-gateway.example/fhir"
ACUITY: Final = f"{BASE}/CodeSystem/acuity"
"""Codes 1 to 5, 1 the most urgent."""

DEVICE: Final = f"{BASE}/CodeSystem/device"
"""What a Device of the gateway is: see `device.DeviceKind`."""

METHOD: Final = f"{BASE}/CodeSystem/method"
"""How a RiskAssessment was made: `machine`."""

TASK: Final = f"{BASE}/CodeSystem/task"
"""The Task's code and the types of its inputs and outputs."""

RULE_GROUP: Final = f"{BASE}/CodeSystem/rule-group"
"""Tags of resources that break rules which the site lets pass."""

CASE: Final = f"{BASE}/identifier/case"
"""Identifier system of triage cases."""

PASSAGE: Final = f"{BASE}/identifier/passage"
"""Identifier system of knowledge passages."""

OBSERVATION_VALUE: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
AIAST: Final = MappingProxyType(
    {
        "system": OBSERVATION_VALUE,
        "code": "AIAST",
        "display": "Artificial Intelligence asserted",
    }
)
"""The security label of content that a machine asserted (AI Transparency on FHIR)."""
