"""Which Device made an assessment: the rules, or a language model."""

import hashlib
from typing import Any

from domain.answers import ModelIdentity
from domain.values import Reference
from fhir_profiles.canonical import ADAPTER, MODEL, RULES, WEIGHTS
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
        identifiers=[(RULES, version)],
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
        identifiers=[(MODEL, model.name), (WEIGHTS, model.weights)],
    )


def adapter_reference(model: ModelIdentity) -> Reference | None:
    """Return the address of the Device of a model's adapter, None without one."""
    if not model.adapter:
        return None
    identity = f"{model.name}|{model.weights}"
    return Reference(type="Device", id=f"{PREFIX}adapter-{_short(identity)}")


def adapter_device(model: ModelIdentity) -> Resource | None:
    """Return the Device of a model's adapter, None without one."""
    address = adapter_reference(model)
    if address is None:
        return None
    return device(
        resource_id=address.id,
        name=model.adapter,
        version=f"of {model.name}; weights {model.weights}",
        kind=DeviceKind.ADAPTER,
        identifiers=[(ADAPTER, model.adapter)],
    )


def references(model: ModelIdentity) -> list[Reference]:
    """Return the Devices of a model: itself, and its adapter."""
    adapter = adapter_reference(model)
    return [model_reference(model), *([adapter] if adapter else [])]


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
