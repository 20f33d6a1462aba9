"""Which Device made an assessment: the rules, or a language model.

A Device is published where it is first mentioned and never changed: all that it says is
settled by its id. By its identifiers a recall finds it.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from domain.answers import ModelRun
from domain.values import Reference
from fhir_profiles.canonical import (
    ADAPTER,
    ADAPTER_SHA256,
    MODEL,
    RELEASE,
    RULES,
    WEIGHTS,
)
from fhir_profiles.device import DeviceKind, device
from gateway.store.framing import framed

Resource = dict[str, Any]
PREFIX = "gateway-"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def rules_reference(version: str) -> Reference:
    """Return the address of the Device of a rule set."""
    return _address("rules", version)


def rules_device(version: str) -> Resource:
    """Return the Device of a rule set."""
    return device(
        resource_id=rules_reference(version).id,
        name="triage-gateway safety floor",
        version=version,
        kind=DeviceKind.RULES,
        identifiers=[(RULES, version)],
    )


def model_reference(run: ModelRun) -> Reference:
    """Return the address of a model's Device: of name, weights, server and release."""
    model = run.model
    return _address("model", model.name, model.weights, model.server, run.release)


def model_device(run: ModelRun) -> Resource:
    """Return the Device of a model."""
    model = run.model
    return device(
        resource_id=model_reference(run).id,
        name=model.name,
        version=f"weights {model.weights}; server {model.server}{_released(run)}",
        kind=DeviceKind.LANGUAGE_MODEL,
        identifiers=model_identifiers(run),
    )


def model_identifiers(run: ModelRun) -> list[tuple[str, str]]:
    """Return systems and values of a model, and of the base that an adapter is on."""
    name = run.model.name
    return _told(
        *((MODEL, each) for each in (name, name.partition(":")[0])),
        *((WEIGHTS, each) for each in _weights(run.model.weights)),
        (RELEASE, run.release),
    )


def adapter_reference(run: ModelRun) -> Reference | None:
    """Return the address of the Device of a model's adapter, None without one.

    One that was trained again is another Device, also under the same name.
    """
    if not (run.model.adapter or run.adapter_sha256):
        return None
    model = run.model
    return _address(
        "adapter", model.name, model.weights, run.adapter_sha256, run.release
    )


def adapter_device(run: ModelRun) -> Resource | None:
    """Return the Device of a model's adapter, None without one."""
    address = adapter_reference(run)
    if address is None:
        return None
    model, files = run.model, run.adapter_sha256 or "not declared"
    of = f"of {model.name}; weights {model.weights}"
    return device(
        resource_id=address.id,
        name=model.adapter or f"adapter of {model.name}",
        version=f"{of}; files {files}{_released(run)}",
        kind=DeviceKind.ADAPTER,
        identifiers=adapter_identifiers(run),
    )


def adapter_identifiers(run: ModelRun) -> list[tuple[str, str]]:
    """Return systems and values of an adapter, of which its name may be unknown."""
    return _told(
        (ADAPTER, run.model.adapter),
        (ADAPTER_SHA256, run.adapter_sha256),
        (RELEASE, run.release),
    )


def references(run: ModelRun) -> list[Reference]:
    """Return the Devices of a model: itself, and its adapter."""
    adapter = adapter_reference(run)
    return [model_reference(run), *([adapter] if adapter else [])]


def _told(*identifiers: tuple[str, str]) -> list[tuple[str, str]]:
    """Return each identifier once, without those of which nothing is known."""
    return list(dict.fromkeys(each for each in identifiers if each[1]))


def _weights(declared: str) -> Iterator[str]:
    """Give weights as they were declared, and each hash among them in both writings.

    A release names its base by the bare hash; the embedded model names two files.
    """
    yield declared
    for found in _SHA256.findall(declared.lower()):
        yield from (f"sha256:{found}", found)


def _released(run: ModelRun) -> str:
    return f"; release {run.release}" if run.release else ""


def _address(kind: str, *identity: str) -> Reference:
    return Reference(type="Device", id=f"{PREFIX}{kind}-{_short(identity)}")


def _short(identity: Iterable[str]) -> str:
    return hashlib.sha256(framed(*identity)).hexdigest()[:16]
