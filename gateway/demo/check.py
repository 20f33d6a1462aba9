"""Whether what the nurse decided, and what she left, stands as it should."""

from typing import Any

from gateway.demo.reader import Reader
from gateway.demo.task import case, parameter
from gateway.demo.visit import Decision

Resource = dict[str, Any]


async def wrong(reader: Reader, task: Resource, decision: Decision | None) -> list[str]:
    """Return what does not stand, one sentence each; none where all does."""
    task = await reader.read(f"Task/{task['id']}")
    machine = await reader.read(f"ClinicalImpression/{case(task)}")
    risk = await reader.read(f"RiskAssessment/{case(task)}")
    if decision is None:
        return _differences(
            task,
            ("Task", task["status"], "requested"),
            ("ClinicalImpression", machine["status"], "in-progress"),
            ("RiskAssessment", risk["status"], "preliminary"),
            ("assessor", machine.get("assessor"), None),
        )
    accepted = decision.decision == "accepted"
    counts = machine
    if not accepted:
        counts = await reader.read(f"ClinicalImpression/{case(task)}-review")
    return _differences(
        task,
        ("Task", task["status"], "completed"),
        ("decision", parameter(task, "output", "decision"), decision.decision),
        (
            "machine's ClinicalImpression",
            machine["status"],
            "completed" if accepted else "entered-in-error",
        ),
        ("ClinicalImpression that counts", counts["status"], "completed"),
        ("human assessor", "assessor" in counts, True),
        ("RiskAssessment", risk["status"], "final" if accepted else "entered-in-error"),
    )


def _differences(task: Resource, *facts: tuple[str, object, object]) -> list[str]:
    return [
        f"Task {task['id']}: {what} is {found}, not {wanted}."
        for what, found, wanted in facts
        if found != wanted
    ]
