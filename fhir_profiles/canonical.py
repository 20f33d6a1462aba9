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

MAPPED_LEVEL: Final = f"{BASE}/CodeSystem/mapped-level"
"""Levels in the words of published scales, such as `MTS-2`: mapped, not assessed."""

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

INDEX: Final = f"{BASE}/identifier/knowledge-index"
"""Identifier system of the versions of the knowledge index."""

PROMPT: Final = f"{BASE}/identifier/prompt"
"""Identifier system of the versions of the prompt."""

PROMPT_SHA256: Final = f"{BASE}/identifier/prompt-sha256"
"""Identifier system of prompts as they were sent, by their hash."""

SCHEMA_SHA256: Final = f"{BASE}/identifier/output-schema-sha256"
"""Identifier system of the schemas that answers were held to, by their hash."""

RULES: Final = f"{BASE}/identifier/rules"
"""Identifier system of the versions of the rules: of a Device."""

MODEL: Final = f"{BASE}/identifier/model"
"""Identifier system of the names of models: of a Device."""

WEIGHTS: Final = f"{BASE}/identifier/model-weights"
"""Identifier system of the hashes or revisions of models' weights: of a Device."""

ADAPTER: Final = f"{BASE}/identifier/model-adapter"
"""Identifier system of the names of adapters: of a Device."""

ADAPTER_SHA256: Final = f"{BASE}/identifier/model-adapter-sha256"
"""Identifier system of adapters by the hash of their files: of a Device."""

RELEASE: Final = f"{BASE}/identifier/model-release"
"""Identifier system of the releases of models, `name@version`: of a Device."""

OBSERVATION_VALUE: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
AIAST: Final = MappingProxyType(
    {
        "system": OBSERVATION_VALUE,
        "code": "AIAST",
        "display": "Artificial Intelligence asserted",
    }
)
"""The security label of content that a machine asserted (AI Transparency on FHIR)."""
