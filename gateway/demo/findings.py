"""Complaint and vital signs of a case in one line each, as they were sent."""

from collections.abc import Iterator
from typing import Any

Resource = dict[str, Any]

_COMPLAINT = "8661-1"
_PRESSURE = ("8480-6", "8462-4")
_SHORT = {
    "8867-4": "HR",
    "9279-1": "RR",
    "2708-6": "SpO2",
    "59408-5": "SpO2",
    "8310-5": "T",
    "67775-7": "",
    "80288-4": "",
    "9269-2": "GCS",
    "72514-3": "pain",
    "14743-9": "glucose",
    "2339-0": "glucose",
    "82810-3": "",
}
_PRINTED = {"Cel": "°C", "[degF]": "°F", "%": "%", "mmol/L": "mmol/L"}


def complaint(resources: list[Resource]) -> str:
    """Return why the patient came, each reason once."""
    said = dict.fromkeys(text for each in resources for text in _reasons(each) if text)
    return "; ".join(said) or "(none sent)"


def vitals(resources: list[Resource]) -> str:
    """Return what was measured, as it was sent, with its unit where it matters."""
    observed = [each for each in resources if each["resourceType"] == "Observation"]
    said = [text for each in observed for text in _measured(each)]
    return ", ".join(sorted(said, key=str.casefold)) or "(none sent)"


def _reasons(resource: Resource) -> Iterator[str]:
    match resource["resourceType"]:
        case "Encounter":
            yield from map(_words, resource.get("reasonCode", []))
        case "Observation" if _COMPLAINT in _codes(resource):
            yield resource.get("valueString", "")
        case "Condition" if "encounter-diagnosis" in str(resource.get("category")):
            yield _words(resource.get("code", {}))
        case "QuestionnaireResponse":
            for item in resource.get("item", []):
                yield from (a.get("valueString", "") for a in item.get("answer", []))
        case _:
            return


def _measured(observation: Resource) -> Iterator[str]:
    parts = {code: p for p in observation.get("component", []) for code in _codes(p)}
    if all(code in parts for code in _PRESSURE):
        yield "BP " + "/".join(_value(parts[code]) for code in _PRESSURE)
        return
    for code in _codes(observation):
        if code in _SHORT:
            yield f"{_SHORT[code]} {_value(observation)}".strip()
            return


def _value(part: Resource) -> str:
    if "valueQuantity" in part:
        quantity = part["valueQuantity"]
        unit = _PRINTED.get(quantity.get("code", ""), "")
        return f"{quantity.get('value', '?')} {unit}".strip()
    return _words(part.get("valueCodeableConcept", {})).lower() or "?"


def _codes(part: Resource) -> list[str]:
    return [each.get("code", "") for each in part.get("code", {}).get("coding", [])]


def _words(concept: Resource) -> str:
    shown = [each.get("display", "") for each in concept.get("coding", [])]
    text: str = concept.get("text") or next(filter(None, shown), "")
    return text
