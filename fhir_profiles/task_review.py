"""A nurse's Task, as she sent it back: what she asks to be done."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from domain.values import Acuity
from fhir_profiles.canonical import TASK
from fhir_profiles.elements import Resource, codes, element, elements, string

_DECISIONS = ("accepted", "overridden", "corrected")
_KNOWN = ("decision", "acuity", "reason", "correction", "notes")
_LEVELS = frozenset(Acuity)
_LONGEST = 10_000

_Output: TypeAlias = tuple[str, Resource]
_T = TypeVar("_T")


class UnreadableTaskError(ValueError):
    """A Task cannot be read as a review: where, and a sentence that says what to do."""

    def __init__(self, expression: str, sentence: str) -> None:
        super().__init__(f"{expression}: {sentence}")
        self.expression = expression
        self.sentence = sentence


@dataclass(frozen=True, kw_only=True)
class TaskChange:
    """What a Task's new content asks for; None where the nurse said nothing."""

    status: str
    owner: str | None = None
    decision: str | None = None
    acuity: Acuity | None = None
    reason: str | None = None
    correction: str | None = None
    notes: str | None = None


def task_change(task: Resource) -> TaskChange:
    """Read the status, owner and outputs of a Task that was sent back.

    Outputs are known by `type.coding` of our code system: `decision` (valueCode or
    valueString: accepted, overridden, corrected), `acuity` (valueInteger 1 to 5),
    `reason`, `correction` and `notes` (valueString), each at most once. `resource` and
    outputs of other systems are left alone. Whether the change is allowed is not
    judged here.

    Raises:
        UnreadableTaskError: an output or the status has no value that can be read.

    """
    status = string(task, "status")
    if not status:
        raise UnreadableTaskError("Task.status", "Send the status the Task shall have.")
    found = _found(task)
    return TaskChange(
        status=status,
        owner=string(element(task, "owner"), "reference") or None,
        decision=_read(found, "decision", _decision),
        acuity=_read(found, "acuity", _acuity),
        reason=_read(found, "reason", _text),
        correction=_read(found, "correction", _text),
        notes=_read(found, "notes", _text),
    )


def _found(task: Resource) -> dict[str, _Output]:
    """Return the outputs by their code, each with its place."""
    found: dict[str, _Output] = {}
    for code, place, output in _outputs(task):
        if code not in _KNOWN:
            known = ", ".join(_KNOWN)
            raise UnreadableTaskError(
                f"{place}.type", f"Use one of the output types {known}."
            )
        if code in found:
            raise UnreadableTaskError(place, f"Send only one output '{code}'.")
        found[code] = (place, output)
    return found


def _read(
    found: dict[str, _Output], code: str, reader: Callable[[Resource, str], _T]
) -> _T | None:
    if code not in found:
        return None
    place, output = found[code]
    return reader(output, f"{place}.value")


def _outputs(task: Resource) -> Iterator[tuple[str, str, Resource]]:
    for index, output in enumerate(elements(task, "output")):
        for coding in codes(element(output, "type")):
            if coding.system == TASK and coding.code != "resource":
                yield coding.code, f"Task.output[{index}]", output


def _decision(output: Resource, expression: str) -> str:
    decision = string(output, "valueCode") or string(output, "valueString")
    if decision not in _DECISIONS:
        raise UnreadableTaskError(
            expression,
            "Send accepted, overridden or corrected as valueCode.",
        )
    return decision


def _acuity(output: Resource, expression: str) -> Acuity:
    level = output.get("valueInteger")
    if isinstance(level, bool) or not isinstance(level, int) or level not in _LEVELS:
        raise UnreadableTaskError(
            expression, "Send a valueInteger from 1 (most urgent) to 5."
        )
    return Acuity(level)


def _text(output: Resource, expression: str) -> str:
    said = string(output, "valueString").strip()
    if not said or len(said) > _LONGEST:
        raise UnreadableTaskError(
            expression, f"Send a valueString of 1 to {_LONGEST} characters."
        )
    return said
