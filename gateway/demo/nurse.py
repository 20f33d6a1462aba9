"""The demonstration's nurse: takes a Task, begins, and completes it with a decision."""

from collections.abc import Iterator
from typing import Any

from gateway.demo.reader import Reader
from gateway.demo.task import parameter
from gateway.demo.visit import ACCEPTED, Decision

Resource = dict[str, Any]

# What she does with a Bundle that is not the demonstration's own: she knows nothing of
# the patient, so she overrides one upwards only, and writes down that this is a trial.
_OVERRIDE = Decision(decision="overridden", reason="Demonstration of an override.")
_CORRECT = Decision(
    decision="corrected", correction="Demonstration of a corrected assessment."
)
_LEFT_WAITING = 2


async def review(reader: Reader, task_id: str, decision: Decision) -> Resource:
    """Carry a Task from requested to completed; return it as it stands then.

    Raises:
        DemoError: the gateway refused a step.

    """
    content, etag = await reader.tagged(f"Task/{task_id}")
    for status in ("accepted", "in-progress"):
        content, etag = await reader.put({**content, "status": status}, etag)
    outputs = [_output(content, *each) for each in _said(content, decision)]
    done = {**content, "status": "completed", "output": outputs}
    content, _ = await reader.put(done, etag)
    return content


def plan(tasks: list[Resource]) -> dict[str, Decision]:
    """Decide what becomes of Tasks whose patients are not the demonstration's own.

    The first is accepted, the second overridden, the third corrected, the rest
    accepted; the last two are left waiting where there are more than three.
    """
    told = [ACCEPTED, _OVERRIDE, _CORRECT]
    several = len(tasks) > len(told)
    served = tasks[:-_LEFT_WAITING] if several else tasks
    rest = [ACCEPTED] * len(served)
    return {
        task["id"]: decision
        for task, decision in zip(served, [*told, *rest], strict=False)
    }


def _said(task: Resource, decision: Decision) -> Iterator[tuple[str, str, object]]:
    proposed = int(parameter(task, "input", "acuity"))
    yield "decision", "valueCode", decision.decision
    yield "acuity", "valueInteger", _acuity(proposed, decision)
    if decision.reason:
        yield "reason", "valueString", decision.reason
    if decision.correction:
        yield "correction", "valueString", decision.correction


def _acuity(proposed: int, decision: Decision) -> int:
    """Return her level; an override without one is one level more urgent."""
    if decision.acuity is not None:
        return decision.acuity
    if decision.decision != "overridden":
        return proposed
    return proposed - 1 if proposed > 1 else proposed + 1


def _output(task: Resource, code: str, kind: str, value: object) -> Resource:
    system = task["code"]["coding"][0]["system"]
    return {"type": {"coding": [{"system": system, "code": code}]}, kind: value}
