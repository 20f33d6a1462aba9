"""FHIR answers: bodies, ETags, Locations and negotiation (R4, http.html)."""

import re
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from domain.values import Reference
from fhir_profiles.lexical import serialise
from gateway.http.origin import origin_of
from gateway.http.services import SERVICES
from gateway.intake.change import Answer
from gateway.intake.patches import MEDIA_TYPES
from gateway.problems import (
    NotAcceptableError,
    Problem,
    UnsupportedMediaError,
    UnsupportedPatchError,
)
from gateway.projections.resources import Version

FHIR_JSON = "application/fhir+json"
FORM = "application/x-www-form-urlencoded"
_RELEASE = re.compile(
    r";\s*fhirVersion\s*=\s*\"?(?P<release>\d+\.\d+)", re.IGNORECASE
).search
_READ = ("application/fhir+json", "application/json", "application/json+fhir", "")
_WRITTEN = (*_READ, "*/*", "application/*", "text/json")
_FORMATS = ("json", *_READ, "text/json")
_LINES = ("application/fhir+ndjson", "application/ndjson")  # of exported files


def body(content: dict[str, Any], *, status: int = 200) -> web.Response:
    """Return a resource as the answer."""
    return raw(serialise(content), status=status)


def raw(
    content: bytes, *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """Return serialised JSON as the answer."""
    return web.Response(
        body=content,
        status=status,
        headers={"Content-Type": f"{FHIR_JSON}; charset=utf-8", **(headers or {})},
    )


def version(found: Version, *, status: int = 200) -> web.Response:
    """Return one version of a resource, with its ETag."""
    return raw(found.body, status=status, headers=tags(found.reference, found.at))


def answered(answer: Answer, content: bytes, *, base: str) -> web.Response:
    """Return what became of a create, update, patch or delete."""
    headers = tags(answer.reference, answer.at) if answer.reference else {}
    if answer.status in {200, 201}:
        headers["Location"] = f"{base}/{answer.name}"
    if not content:
        return web.Response(status=answer.status, headers=headers)
    # An answer with a body is no "204 No Content", though nothing is left to show.
    status = 200 if answer.status == web.HTTPNoContent.status_code else answer.status
    return raw(content, status=status, headers=headers)


def refused(problem: Problem) -> web.Response:
    """Return an OperationOutcome with its status."""
    content = serialise(problem.outcome)
    return raw(content, status=problem.status, headers=problem.headers)


def require_json(request: web.Request) -> None:
    """Refuse bodies and answers in another form than JSON.

    Raises:
        UnsupportedMediaError: the body is not JSON.
        NotAcceptableError: the caller accepts no JSON.

    """
    posted = (FORM,) if request.path.endswith("/_search") else ()
    if request.method == "PATCH":
        _require_patch(request)
    elif request.can_read_body and request.content_type not in (
        *_READ,
        "application/octet-stream",
        *posted,
    ):
        raise UnsupportedMediaError(
            "Send the body as application/fhir+json; the gateway does not read XML."
        )
    wanted = request.query.get("_format")
    if wanted is not None and wanted.replace(" ", "+") not in _FORMATS:
        raise NotAcceptableError("The gateway answers in JSON: send _format=json.")
    _require_release(request)
    accepted = [
        each.partition(";")[0].strip().lower()
        for each in request.headers.get("Accept", "").split(",")
        if _is_ours(each)
    ]
    written = (*_WRITTEN, *_LINES) if "/$export-file/" in request.path else _WRITTEN
    if wanted is None and not any(each in written for each in accepted):
        raise NotAcceptableError(
            "The gateway answers in JSON of FHIR R4: send 'Accept: "
            "application/fhir+json'."
        )


def _require_release(request: web.Request) -> None:
    """Refuse content of another release (R4, http.html#version-parameter)."""
    if not _is_ours(request.headers.get("Content-Type", "")):
        raise UnsupportedMediaError("Send content of FHIR R4: fhirVersion=4.0.")


def _is_ours(media_type: str) -> bool:
    said = _RELEASE(media_type)
    return said is None or said["release"] == "4.0"


def _require_patch(request: web.Request) -> None:
    if request.content_type not in MEDIA_TYPES:
        raise UnsupportedPatchError(
            f"Send JSON Patch as {MEDIA_TYPES[0]}, or FHIRPath Patch as "
            f"{MEDIA_TYPES[1]} (a Parameters resource)."
        )


def base_of(request: web.Request) -> str:
    """Return the FHIR base URL as the caller addressed it."""
    return f"{origin_of(request)}{request.app[SERVICES].prefix}/fhir"


def etag(reference: Reference) -> str:
    """Return the weak ETag of a version (R4, http.html#versioning)."""
    return f'W/"{reference.version}"'


def tags(reference: Reference, at: datetime | None) -> dict[str, str]:
    """Return the headers that name a version and its time."""
    headers = {"ETag": etag(reference)}
    if at is not None:
        headers["Last-Modified"] = format_datetime(at, usegmt=True)
    return headers
