"""Transaction and batch: POST /fhir (FHIR R4, http.html#transaction)."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from aiohttp import web

from fhir_profiles.lexical import parse
from fhir_profiles.problems import InvalidResourceError
from gateway.access import ForbiddenError, Principal
from gateway.http import replies
from gateway.http.change import shown
from gateway.http.disclosure import (
    disclose_entries,
    disclose_interaction,
    disclose_standing,
)
from gateway.http.entry_reads import entry_reads, require_read
from gateway.http.jobs import accepted, once
from gateway.http.outcomes import told
from gateway.http.preferences import preferences, stated
from gateway.http.resumption import JOB
from gateway.http.rights import permit, require_change
from gateway.http.services import PRINCIPAL, SERVICES, context
from gateway.http.set_aside import entry_set_aside
from gateway.intake.bundle import BundleRequest, bundle_request
from gateway.intake.change import Answer, ChangeError, Plan, require_none_refused
from gateway.intake.unit import Unit
from gateway.problems import problem_of

_LARGE = 256 * 1024  # bytes; beyond, reading a Bundle would hold up other requests
_AT_ONCE = 64  # entries of one batch that wait for the log; others want in, too
_REASONS = {200: "OK", 201: "Created", 204: "No Content"}
Entries = dict[int, dict[str, Any]]


async def transaction(request: web.Request) -> web.Response:
    """Carry out a transaction as a whole, or each entry of a batch by itself."""
    if preferences(request).respond_async and JOB not in request:
        return await accepted(request)
    body = await request.read()
    asked = await _read(request, body)
    disclose_interaction(request, asked.type)
    entries = await _carried_out(request, asked)
    entries |= await entry_reads(request, asked.reads)
    disclose_entries(request, entries)
    content = {
        "resourceType": "Bundle",
        "type": f"{asked.type}-response",
        "entry": [entries[index] for index in sorted(entries)],
    }
    if not entries:
        del content["entry"]
    return replies.body(content)


async def _read(request: web.Request, body: bytes) -> BundleRequest:
    services = request.app[SERVICES]
    reading = partial(
        bundle_request,
        body,
        key=request.headers.get("Idempotency-Key"),
        actor=request[PRINCIPAL].name,
        current=services.currency(),
        step=services.metrics.step,
    )
    return await asyncio.to_thread(reading) if len(body) > _LARGE else reading()


async def _carried_out(request: web.Request, asked: BundleRequest) -> Entries:
    if asked.type == "batch":
        return await _each_alone(request, asked)
    entries: Entries = {}
    for entry in asked.reads:
        require_read(request[PRINCIPAL], entry)
    for plan in asked.plans:
        entries |= await _answered(request, plan, await _append(request, plan))
    return entries


async def _each_alone(request: web.Request, asked: BundleRequest) -> Entries:
    slots = asyncio.Semaphore(_AT_ONCE)

    async def alone(plan: Plan) -> Entries:
        async with slots:
            try:
                return await _answered(request, plan, await _append(request, plan))
            except Exception as error:  # noqa: BLE001 (each entry has its own answer)
                return {plan.changes[0].index: _failed(error)}

    entries = {
        each.index: _failed(InvalidResourceError(each.issues)) for each in asked.refused
    }
    for aside in asked.aside:
        entries[aside.index] = await entry_set_aside(request, aside)
    for answered in await asyncio.gather(*map(alone, asked.plans)):
        entries |= answered
    return entries


async def _append(request: web.Request, plan: Plan) -> Sequence[Answer]:
    services = request.app[SERVICES]
    _require(request[PRINCIPAL], plan)
    unit = Unit(
        plan=plan,
        context=context(request),
        window=services.settings.window,
        permit=permit(request[PRINCIPAL]),
    )
    return await services.append(once(request, unit))


async def _answered(
    request: web.Request, plan: Plan, answers: Sequence[Answer]
) -> Entries:
    """Return the answers to the entries of a plan, as the caller prefers them."""
    entries: Entries = {}
    given = request.headers.getall("Prefer", [])
    returned = stated([*given, "return=minimal"]).returned
    for change, answer in zip(plan.changes, answers, strict=True):
        entries[change.index] = {"response": _response(answer)}
        if (change.method, answer.status) == ("POST", web.HTTPOk.status_code):
            disclose_standing(request, answer.reference)  # its condition found it
        if returned == "OperationOutcome":
            said = told(answer, change.warnings)
            entries[change.index]["response"]["outcome"] = said
    if returned == "representation":
        bodies = await shown(request, answers)
        for change, body in zip(plan.changes, bodies, strict=True):
            entries[change.index] |= {"resource": parse(body)} if body else {}
    return entries


def _response(answer: Answer) -> dict[str, Any]:
    content: dict[str, Any] = {
        "status": f"{answer.status} {_REASONS[answer.status]}",
    }
    if answer.reference is not None:
        content["etag"] = replies.etag(answer.reference)
    if answer.status in {200, 201}:
        content["location"] = answer.name
    if answer.at is not None:
        content["lastModified"] = answer.at.isoformat(timespec="milliseconds")
    return content


def _failed(error: Exception) -> dict[str, Any]:
    """Return the answer of a batch's entry that failed alone.

    Raises:
        Exception: the error itself, where it is a fault of ours.

    """
    problem = problem_of(error)
    if problem is None:
        raise error
    return {"response": {"status": str(problem.status), "outcome": problem.outcome}}


def _require(caller: Principal, plan: Plan) -> None:
    """Let every change through, or none.

    Raises:
        ChangeError: a change that the caller's scopes do not grant.
        RefusedRequestError: several of them.

    """
    refused = []
    for change in plan.changes:
        try:
            require_change(caller, change)
        except ForbiddenError as error:
            refused.append(ChangeError(change, error))
    require_none_refused(refused)
