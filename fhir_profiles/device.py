"""Device: which program, rule set or model made an assessment."""

from enum import StrEnum

from fhir.resources.R4B.device import Device

from fhir_profiles.canonical import DEVICE
from fhir_profiles.datatypes import Json, built


class DeviceKind(StrEnum):
    """What a Device of the gateway is."""

    GATEWAY = "gateway"
    RULES = "rules"
    LANGUAGE_MODEL = "language-model"


_DISPLAYS = {
    DeviceKind.GATEWAY: "Triage gateway",
    DeviceKind.RULES: "Deterministic triage rules",
    DeviceKind.LANGUAGE_MODEL: "Artificial Intelligence: large language model",
}


def device(*, resource_id: str, name: str, version: str, kind: DeviceKind) -> Json:
    """Return the Device of a program, by its name and exact version or weights' hash.

    https://hl7.org/fhir/R4/device.html; the shape follows AI Transparency on FHIR.
    """
    name_type = "model-name" if kind is DeviceKind.LANGUAGE_MODEL else "other"
    display = _DISPLAYS[kind]
    return built(
        Device,
        id=resource_id,
        status="active",
        deviceName=[{"name": name, "type": name_type}],
        type={
            "coding": [{"system": DEVICE, "code": kind.value, "display": display}],
            "text": display,
        },
        version=[{"value": version}],
    )
