"""Which Device made an assessment: the rules, or a language model."""

import hashlib
from typing import Any

from domain.answers import ModelIdentity
from domain.values import Reference
from fhir_profiles.device import DeviceKind, device

Resource = dict[str, Any]
PREFIX = "gateway-"


def rules_reference(version: str) -> Reference:
    """Return the address of the Device of a rule set."""
    return Reference(type="Device", id=f"{PREFIX}rules-{_short(version)}")


def rules_device(version: str) -> Resource:
    """Return the Device of a rule set."""
    return device(
        resource_id=rules_reference(version).id,
        name="triage-gateway safety floor",
        version=version,
        kind=DeviceKind.RULES,
    )


def model_reference(model: ModelIdentity) -> Reference:
    """Return the address of the Device of a model: name, weights and server."""
    identity = f"{model.name}|{model.weights}|{model.server}"
    return Reference(type="Device", id=f"{PREFIX}model-{_short(identity)}")


def model_device(model: ModelIdentity) -> Resource:
    """Return the Device of a model."""
    return device(
        resource_id=model_reference(model).id,
        name=model.name,
        version=f"weights {model.weights}; server {model.server}",
        kind=DeviceKind.LANGUAGE_MODEL,
    )


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
