"""One triage case: opened, assessed by rules and model, decided by a nurse."""

from domain.assessment.decide import decide
from domain.assessment.passed import passed
from domain.assessment.state import Assessment, evolve
from domain.assessment.task import Status, TaskState

__all__ = ["Assessment", "Status", "TaskState", "decide", "evolve", "passed"]
