"""Transaction and batch: POST /fhir (FHIR R4, http.html#transaction)."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from aiohttp import web

from domain.values import Reference
from fhir_profiles.bundle import RefusedEntry
from fhir_profiles.lexical import parse
from fhir_profiles.problems import InvalidResourceError
from fhir_profiles.requests import Entry
from gateway.access import Permission
from gateway.http import replies
from gateway.http.services import PRINCIPAL, SERVICES, Services, context
from gateway.intake.bundle import BundleRequest, bundle_request
from gateway.intake.change import Answer, ChangeError, Plan
from gateway.intake.unit import Unit
from gateway.problems import issue, outcome, problem_of
from gateway.projections import resources

_LARGE = 256 * 1024  # bytes; beyond, reading a Bundle would hold up other requests
_AT_ONCE = 64  # entries of one batch that wait for the log; others want in, too
_REASONS = {200: "OK", 201: "Created", 204: "No Content"}
Entries = dict[int, dict[str, Any]]


async def transaction(request: web.Request) -> web.Response:
    """Carry out a transaction as a whole, or each entry of a batch by itself."""
    request[PRINCIPAL].require(Permission.WRITE)
    body = await request.read()
    asked = await _read(request, body)
    entries = await _carried_out(request, asked)
    entries |= await _reads(request.app[SERVICES], asked.reads)
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
    for plan in asked.plans:
        entries |= _answered(plan, await _append(request, plan))
    return entries


async def _each_alone(request: web.Request, asked: BundleRequest) -> Entries:
    slots = asyncio.Semaphore(_AT_ONCE)

    async def alone(plan: Plan) -> Entries:
        async with slots:
            try:
                return _answered(plan, await _append(request, plan))
            except Exception as error:  # noqa: BLE001 (each entry has its own answer)
                return {plan.changes[0].index: _failed(error)}

    entries = {_index(each): _refused(each) for each in asked.refused}
    for answered in await asyncio.gather(*map(alone, asked.plans)):
        entries |= answered
    return entries


async def _append(request: web.Request, plan: Plan) -> Sequence[Answer]:
    services = request.app[SERVICES]
    unit = Unit(plan=plan, context=context(request), window=services.settings.window)
    return await services.append(unit)


def _answered(plan: Plan, answers: Sequence[Answer]) -> Entries:
    return {
        change.index: {"response": _response(answer)}
        for change, answer in zip(plan.changes, answers, strict=True)
    }


def _response(answer: Answer) -> dict[str, Any]:
    content: dict[str, Any] = {
        "status": f"{answer.status} {_REASONS[answer.status]}",
        "etag": replies.etag(answer.reference),
    }
    if answer.status in {200, 201}:
        content["location"] = str(answer.reference)
    if answer.at is not None:
        content["lastModified"] = answer.at.isoformat(timespec="milliseconds")
    return content


def _refused(refused: RefusedEntry | ChangeError) -> dict[str, Any]:
    if isinstance(refused, ChangeError):
        return _failed(refused)
    return _failed(InvalidResourceError(refused.issues))


def _index(refused: RefusedEntry | ChangeError) -> int:
    return refused.index if isinstance(refused, RefusedEntry) else refused.change.index


def _failed(error: Exception) -> dict[str, Any]:
    """Return the answer of a batch's entry that failed alone.

    Raises:
        Exception: the error itself, where it is a fault of ours.

    """
    problem = problem_of(error)
    if problem is None:
        raise error
    return {"response": {"status": str(problem.status), "outcome": problem.outcome}}


async def _reads(services: Services, wanted: Sequence[Entry]) -> Entries:
    if not wanted:
        return {}
    await services.projector.reach_head()
    return {entry.index: _found(services, entry) for entry in wanted}


def _found(services: Services, entry: Entry) -> dict[str, Any]:
    """Answer a GET of one resource; searches are asked for by themselves."""
    if entry.type is None or entry.id is None or "_history" in entry.url:
        return _unread(501, "not-supported", entry, "Only GET of Type/id works here.")
    address = Reference(type=entry.type, id=entry.id)
    with services.reader() as connection:
        found = resources.read(services.database, connection, address)
    if found is None:
        return _unread(404, "not-found", entry, "No such resource is known here.")
    if found.deleted:
        return _unread(410, "deleted", entry, "This resource was deleted.")
    response = {"status": "200 OK", "etag": replies.etag(found.reference)}
    return {"resource": parse(found.body), "response": response}


def _unread(status: int, code: str, entry: Entry, sentence: str) -> dict[str, Any]:
    said = outcome([issue(code, sentence, f"Bundle.entry[{entry.index}].request.url")])
    return {"response": {"status": str(status), "outcome": said}}
