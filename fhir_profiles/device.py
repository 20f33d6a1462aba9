"""Device: which program, rule set or model made an assessment."""

from collections.abc import Iterable
from enum import StrEnum

from fhir.resources.R4B.device import Device

from fhir_profiles.canonical import DEVICE
from fhir_profiles.datatypes import Json, built


class DeviceKind(StrEnum):
    """What a Device of the gateway is."""

    GATEWAY = "gateway"
    RULES = "rules"
    LANGUAGE_MODEL = "language-model"
    ADAPTER = "adapter"


_DISPLAYS = {
    DeviceKind.GATEWAY: "Triage gateway",
    DeviceKind.RULES: "Deterministic triage rules",
    DeviceKind.LANGUAGE_MODEL: "Artificial Intelligence: large language model",
    DeviceKind.ADAPTER: "Artificial Intelligence: adapter of a language model",
}
_OF_MODELS = (DeviceKind.LANGUAGE_MODEL, DeviceKind.ADAPTER)


def device(
    *,
    resource_id: str,
    name: str,
    version: str,
    kind: DeviceKind,
    identifiers: Iterable[tuple[str, str]] = (),
) -> Json:
    """Return the Device of a program, by its name and exact version or weights' hash.

    `identifiers` are systems and values by which a recall finds it.
    https://hl7.org/fhir/R4/device.html; the shape follows AI Transparency on FHIR.
    """
    name_type = "model-name" if kind in _OF_MODELS else "other"
    display = _DISPLAYS[kind]
    return built(
        Device,
        id=resource_id,
        identifier=[{"system": each, "value": value} for each, value in identifiers],
        status="active",
        deviceName=[{"name": name, "type": name_type}],
        type={
            "coding": [{"system": DEVICE, "code": kind.value, "display": display}],
            "text": display,
        },
        version=[{"value": version}],
    )
