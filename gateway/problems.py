"""From every way of saying no to an HTTP status and an OperationOutcome."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from domain import errors
from fhir_profiles.patching import PatchError
from fhir_profiles.problems import InvalidResourceError, Issue
from fhir_profiles.task_review import UnreadableTaskError
from gateway.access import (
    ForbiddenError,
    KeysUnavailableError,
    UnknownCallerError,
)
from gateway.intake.change import (
    ChangeError,
    RefusedRequestError,
    TooLargeError,
)
from gateway.intake.conditions import UnsupportedConditionError
from gateway.intake.patches import MEDIA_TYPES
from gateway.intake.permission import NotPermittedError
from gateway.projections.asking import SearchError, TooCostlySearchError
from gateway.projections.projector import ReadModelsBehindError
from gateway.store.errors import LogClosedError, LogUnavailableError, OverloadedError

Outcome = dict[str, Any]


class NotAcceptableError(Exception):
    """The caller wants an answer in a form that the gateway does not speak."""


class UnsupportedMediaError(Exception):
    """The body is in a form that the gateway does not read."""


class UnsupportedPatchError(UnsupportedMediaError):
    """The patch is in a form that the gateway does not read."""


class ClientBusyError(Exception):
    """The caller has as many requests under way as it may (HTTP 429)."""


@dataclass(frozen=True)
class Problem:
    """An HTTP status, the OperationOutcome, and headers that belong to them."""

    status: int
    outcome: Outcome
    headers: dict[str, str]


_PATCHES = {"Accept-Patch": ", ".join(MEDIA_TYPES)}
# status, FHIR issue type (http://hl7.org/fhir/issue-type), headers
_ANSWERS: tuple[tuple[type[Exception], int, str, dict[str, str]], ...] = (
    (errors.StaleVersionError, 412, "conflict", {}),
    (errors.AmbiguousIdentityError, 412, "multiple-matches", {}),
    (errors.AlreadyThereError, 412, "conflict", {}),
    (errors.UnresolvedReferenceError, 412, "not-found", {}),
    (errors.IdTakenError, 409, "conflict", {}),
    (errors.MismatchedIdError, 400, "invalid", {}),
    (errors.NotYoursError, 409, "conflict", {}),
    (errors.IllegalTransitionError, 409, "business-rule", {}),
    (errors.IncompleteReviewError, 422, "required", {}),
    (errors.ReusedKeyError, 422, "duplicate", {}),
    (errors.NotFoundError, 404, "not-found", {}),
    (errors.GoneError, 410, "deleted", {}),
    (errors.RuleError, 422, "business-rule", {}),
    (UnsupportedConditionError, 400, "not-supported", {}),
    (PatchError, 422, "processing", {}),
    (TooLargeError, 413, "too-costly", {}),
    (TooCostlySearchError, 400, "too-costly", {}),
    (SearchError, 400, "not-supported", {}),
    (NotAcceptableError, 406, "not-supported", {}),
    (UnsupportedPatchError, 415, "not-supported", _PATCHES),
    (UnsupportedMediaError, 415, "not-supported", {}),
    (UnknownCallerError, 401, "login", {"WWW-Authenticate": "Bearer"}),
    (ForbiddenError, 403, "forbidden", {}),
    (NotPermittedError, 403, "forbidden", {}),
    (KeysUnavailableError, 503, "transient", {"Retry-After": "10"}),
    (ClientBusyError, 429, "throttled", {"Retry-After": "1"}),
    (OverloadedError, 503, "throttled", {"Retry-After": "1"}),
    (LogUnavailableError, 503, "no-store", {"Retry-After": "10"}),
    (ReadModelsBehindError, 503, "transient", {"Retry-After": "5"}),
    (LogClosedError, 503, "transient", {"Retry-After": "10"}),
)
_BROKEN_BODY = (
    "The body is not encoded as its headers say, or it broke off: send it again."
)
_OPAQUE = re.compile(
    r"urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
).fullmatch
_UNREAD = ("lexical.", "patch.", "request.")  # groups of issues
_HTTP_CODES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    408: "timeout",
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
        case ChangeError() | RefusedRequestError():
            return _refusal(error)
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
    """Return 400 for what cannot be read or was sent to a wrong place, else 422."""
    unread = any(each.id.startswith(_UNREAD) for each in error.issues)
    return 400 if unread else 422


def _invalid(error: InvalidResourceError) -> Outcome:
    return outcome(_detailed(each) for each in error.issues)


def _detailed(found: Issue) -> dict[str, Any]:
    line = f"line {found.line}, column {found.column}" if found.line else ""
    content = issue(
        found.code,
        f"{found.diagnostics}{_place(found.full_url, line)}",
        *([found.expression] if found.expression else ()),
        severity=found.severity,
    )
    content["details"] = {"text": found.id}
    return content


def _place(full_url: str | None, line: str = "") -> str:
    """Name an entry by its fullUrl, which is repeated only where it tells nothing."""
    known = full_url if _OPAQUE(full_url or "") else ""
    place = ", ".join(each for each in (known, line) if each)
    return f" ({place})" if place else ""


def _refused(error: ChangeError) -> Problem:
    cause = problem_of(error.cause)
    known = cause or Problem(422, outcome([issue("processing", str(error))]), {})
    entry = error.change.index
    if error.change.full_url is not None or entry:
        for each in known.outcome["issue"]:
            inside = each.get("expression", [])
            each["expression"] = [f"Bundle.entry[{entry}]", *inside]
            each["diagnostics"] += _place(error.change.full_url)
    return known


def _refusal(error: ChangeError | RefusedRequestError) -> Problem:
    """Return the refusals of all entries; 400 where their statuses differ."""
    if isinstance(error, ChangeError):
        return _refused(error)
    problems = [_refused(each) for each in error.refused]
    statuses = {each.status for each in problems}
    status = statuses.pop() if len(statuses) == 1 else 400
    issues = (found for each in problems for found in each.outcome["issue"])
    return Problem(status, outcome(issues), {})


def _http(error: web.HTTPException) -> Problem:
    code = _HTTP_CODES.get(error.status, "processing")
    sentence = {
        404: "There is nothing at this address. GET /fhir/metadata lists what is.",
        405: "This address does not take this method; the Allow header lists those.",
        413: "The body is larger than the gateway's limit: send smaller Bundles.",
    }.get(error.status, error.reason)
    headers = {name: value for name, value in error.headers.items() if name == "Allow"}
    return Problem(error.status, outcome([issue(code, sentence)]), headers)
