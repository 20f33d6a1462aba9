"""What a Task of the gateway says: levels, patient, and whether the model answered."""

import re
from typing import Any

Resource = dict[str, Any]

UNANSWERED = "The language model has not answered yet."
"""The gateway's sentence in a Task's description; tests hold it to the same words."""

_LEVEL = re.compile(r"The language model says acuity (\d)")
_PREFIX = "The draft was withheld: "
_WITHHELD = re.compile(r"No model answer is shown \((.*?)\): the rules", re.DOTALL)


def answered(task: Resource) -> bool:
    """Say whether the model's answer was taken in, be it that it was withheld."""
    return UNANSWERED not in task["description"]


def model_says(task: Resource) -> str:
    """Return the model's answer in a few words; its acuity does not count."""
    said = task["description"]
    level = _LEVEL.search(said)
    if level:
        counts = " (shadow)" if "in shadow" in said else ""
        return f"says {level[1]}{counts}"
    if "could not assess" in said:
        return "could not assess"
    withheld = _WITHHELD.search(said)
    if withheld is None:
        return "no answer"
    # The reasons end with the one that decided; a table has room for that one.
    last = withheld[1].rpartition("; ")[2]
    return f"withheld: {last.removeprefix(_PREFIX)}"


def parameter(task: Resource, side: str, code: str) -> Any:  # noqa: ANN401 (FHIR's value[x])
    """Return the value of an input or output of the gateway's own code system."""
    system = task["code"]["coding"][0]["system"]
    for each in task.get(side, []):
        for coding in each["type"].get("coding", []):
            if coding["system"] == system and coding["code"] == code:
                return next(each[name] for name in each if name.startswith("value"))
    return None


def used(task: Resource) -> list[str]:
    """Return the addresses of the exact versions that were assessed."""
    return [
        each["valueReference"]["reference"]
        for each in task.get("input", [])
        if "valueReference" in each
    ]


def patient(task: Resource) -> str:
    """Return the address of the patient."""
    address: str = task["for"]["reference"]
    return address


def case(task: Resource) -> str:
    """Return the id of the case, which its ClinicalImpression shares."""
    value: str = task["groupIdentifier"]["value"]
    return value
