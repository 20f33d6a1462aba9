"""What became of a change, in words, for who prefers an OperationOutcome."""

from collections.abc import Iterable

from fhir_profiles.problems import InvalidResourceError, Issue
from gateway.intake.change import Answer
from gateway.problems import Outcome, issue, outcome, problem_of

_SAID = {
    200: "The resource stands as it was sent.",
    201: "The resource was created.",
    204: "The resource is deleted, or there was none.",
}


def told(answer: Answer, warnings: Iterable[Issue]) -> Outcome:
    """Return what became of a change, and what is odd about its content all the same.

    For `Prefer: return=OperationOutcome` (FHIR R4, http.html#ops).
    """
    done = issue("informational", _SAID[answer.status], severity="information")
    listed = problem_of(InvalidResourceError(warnings))
    return outcome([done, *(listed.outcome["issue"] if listed else ())])
