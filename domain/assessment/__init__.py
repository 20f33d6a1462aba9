"""One triage case: opened, assessed by rules and model, decided by a nurse."""

from domain.assessment.decide import decide
from domain.assessment.state import Assessment, Status, TaskState, evolve

__all__ = ["Assessment", "Status", "TaskState", "decide", "evolve"]
