"""From every way of saying no to an HTTP status and an OperationOutcome."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from domain import errors
from fhir_profiles.problems import InvalidResourceError, Issue
from fhir_profiles.task_review import UnreadableTaskError
from gateway.access import ForbiddenError, UnknownCallerError
from gateway.intake.addresses import UnsupportedConditionError
from gateway.intake.change import ChangeError
from gateway.projections.conditions import SearchError
from gateway.projections.projector import ReadModelsBehindError
from gateway.store.errors import LogClosedError, LogUnavailableError, OverloadedError

Outcome = dict[str, Any]


class NotAcceptableError(Exception):
    """The caller wants an answer in a form that the gateway does not speak."""


class UnsupportedMediaError(Exception):
    """The body is in a form that the gateway does not read."""


@dataclass(frozen=True)
class Problem:
    """An HTTP status, the OperationOutcome, and headers that belong to them."""

    status: int
    outcome: Outcome
    headers: dict[str, str]


# status, FHIR issue type (http://hl7.org/fhir/issue-type), headers
_ANSWERS: tuple[tuple[type[Exception], int, str, dict[str, str]], ...] = (
    (errors.StaleVersionError, 412, "conflict", {}),
    (errors.AmbiguousIdentityError, 412, "multiple-matches", {}),
    (errors.NotYoursError, 409, "conflict", {}),
    (errors.IllegalTransitionError, 409, "business-rule", {}),
    (errors.IncompleteReviewError, 422, "required", {}),
    (errors.ReusedKeyError, 422, "duplicate", {}),
    (errors.NotFoundError, 404, "not-found", {}),
    (errors.GoneError, 410, "deleted", {}),
    (errors.RuleError, 422, "business-rule", {}),
    (UnsupportedConditionError, 400, "not-supported", {}),
    (SearchError, 400, "not-supported", {}),
    (NotAcceptableError, 406, "not-supported", {}),
    (UnsupportedMediaError, 415, "not-supported", {}),
    (UnknownCallerError, 401, "login", {"WWW-Authenticate": "Bearer"}),
    (ForbiddenError, 403, "forbidden", {}),
    (OverloadedError, 503, "throttled", {"Retry-After": "1"}),
    (LogUnavailableError, 503, "no-store", {"Retry-After": "10"}),
    (ReadModelsBehindError, 503, "transient", {"Retry-After": "5"}),
    (LogClosedError, 503, "transient", {"Retry-After": "10"}),
)
_BROKEN_BODY = (
    "The body is not encoded as its headers say, or it broke off: send it again."
)
_HTTP_CODES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    413: "too-long",
    415: "not-supported",
}


def outcome(issues: Iterable[dict[str, Any]]) -> Outcome:
    """Return an OperationOutcome."""
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def issue(
    code: str, sentence: str, *expression: str, severity: str = "error"
) -> dict[str, Any]:
    """Return one issue; the expression is FHIRPath where there is a place to name."""
    content: dict[str, Any] = {
        "severity": severity,
        "code": code,
        "diagnostics": sentence,
    }
    if expression:
        content["expression"] = list(expression)
    return content


def problem_of(error: Exception) -> Problem | None:
    """Return the answer to a known error, or None where it is a fault of ours."""
    match error:
        case InvalidResourceError():
            return Problem(_invalid_status(error), _invalid(error), {})
        case ChangeError():
            return _refused(error)
        case UnreadableTaskError():
            found = issue("invalid", error.sentence, error.expression)
            return Problem(422, outcome([found]), {})
        case web.HTTPException():
            return _http(error)
        case web.RequestPayloadError():
            return Problem(400, outcome([issue("invalid", _BROKEN_BODY)]), {})
        case _:
            return _listed(error)


def _listed(error: Exception) -> Problem | None:
    for kind, status, code, headers in _ANSWERS:
        if isinstance(error, kind):
            place = (
                (f"http.{error.parameter}",) if isinstance(error, SearchError) else ()
            )
            return Problem(status, outcome([issue(code, str(error), *place)]), headers)
    return None


def unexpected(request_id: str) -> Problem:
    """Return the answer to a fault of ours: no detail but the request's id."""
    sentence = (
        "The gateway failed; nothing of the request is known to be kept. Repeat it, "
        f"and tell the operator the request id {request_id}."
    )
    return Problem(500, outcome([issue("exception", sentence, severity="fatal")]), {})


def _invalid_status(error: InvalidResourceError) -> int:
    """Return 400 where the body cannot be read at all, 422 where it breaks rules."""
    lexical = any(each.id.startswith("lexical.") for each in error.issues)
    return 400 if lexical else 422


def _invalid(error: InvalidResourceError) -> Outcome:
    return outcome(_detailed(each) for each in error.issues)


def _detailed(found: Issue) -> dict[str, Any]:
    place = f" (line {found.line}, column {found.column})" if found.line else ""
    content = issue(
        found.code,
        f"{found.diagnostics}{place}",
        *([found.expression] if found.expression else ()),
        severity=found.severity,
    )
    content["details"] = {"text": found.id}
    return content


def _refused(error: ChangeError) -> Problem:
    cause = problem_of(error.cause)
    known = cause or Problem(422, outcome([issue("processing", str(error))]), {})
    status = 412 if isinstance(error.cause, errors.NotFoundError) else known.status
    entry = error.change.index
    if error.change.full_url is not None or entry:
        for each in known.outcome["issue"]:
            each["expression"] = [f"Bundle.entry[{entry}]"]
    return Problem(status, known.outcome, known.headers)


def _http(error: web.HTTPException) -> Problem:
    code = _HTTP_CODES.get(error.status, "processing")
    sentence = {
        404: "There is nothing at this address. GET /fhir/metadata lists what is.",
        405: "This address does not take this method; the Allow header lists those.",
        413: "The body is larger than the gateway's limit: send smaller Bundles.",
    }.get(error.status, error.reason)
    headers = {name: value for name, value in error.headers.items() if name == "Allow"}
    return Problem(error.status, outcome([issue(code, sentence)]), headers)
