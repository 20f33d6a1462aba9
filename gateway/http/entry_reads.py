"""GET and HEAD as entries of a transaction or batch (FHIR R4, http.html#trules).

They are read after all that the Bundle writes, and see it. Each has an answer of its
own: a read that fails does not undo what was written.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
import structlog
from aiohttp import web

from domain.errors import NotFoundError
from domain.values import Reference
from fhir_profiles.instants import moment, span
from fhir_profiles.requests import Entry
from fhir_profiles.syntax import ID
from gateway.access import Interaction, Principal
from gateway.http import everything, history, metadata, read, replies
from gateway.http.asking import Ask, Reply, ask_of, disclose_reply
from gateway.http.disclosure import disclose_parameters
from gateway.http.searchset import searchset
from gateway.http.services import REQUEST_ID, SERVICES
from gateway.problems import Problem, problem_of, unexpected
from gateway.projections.asking import TooCostlySearchError

LARGEST: Final = 64 * 1024 * 1024
"""Bytes that the reads of one Bundle give together before no more are carried out."""

_LOG = structlog.get_logger()
_PATH: Final = re.compile(
    r"(?P<metadata>metadata)"
    r"|(?P<told>(?:(?P<kind>[A-Za-z]+)/)?_history)"
    r"|(?P<found>(?P<sought>[A-Za-z]+)(?:/_search)?)"
    rf"|(?P<type>[A-Za-z]+)/(?P<id>{ID})"
    r"(?:/(?P<more>_history|\$everything)(?:/(?P<version>[^/]+))?)?"
).fullmatch


def require_read(caller: Principal, entry: Entry) -> None:
    """Refuse an entry that the caller may not read, before anything is written.

    Raises:
        ForbiddenError: no scope grants it.

    """
    if entry.type is not None:
        by_id = Interaction.READ if entry.id else Interaction.SEARCH
        caller.require(by_id, entry.type)


async def entry_reads(
    request: web.Request, wanted: Iterable[Entry]
) -> dict[int, dict[str, Any]]:
    """Return the answers to entries that read, each under its place in the Bundle."""
    answers: dict[int, dict[str, Any]] = {}
    room = LARGEST
    for entry in wanted:
        disclose_parameters(request, [("entry", entry.url)])
        try:
            reply = await _read(request, entry, room)
        except Exception as error:  # noqa: BLE001 (what was written stands all the same)
            answers[entry.index] = _refused(entry, _problem(request, error))
            continue
        disclose_reply(request, reply)
        answers[entry.index] = _answered(entry, reply)
        room -= len(reply.body)
    return answers


async def _read(request: web.Request, entry: Entry, room: int) -> Reply:
    if room <= 0:
        raise TooCostlySearchError(
            "entry",
            "The entries before this one gave as much as one answer may hold: read it "
            "by itself.",
        )
    return await _reply(request, _ask(request, entry))


def _ask(request: web.Request, entry: Entry) -> Ask:
    path, _, query = entry.url.partition("?")
    since = span(entry.if_modified_since or "")
    return replace(
        ask_of(request),
        services=request.app[SERVICES].holding(entry.type),
        path=path.strip("/"),
        given=tuple(parse_qsl(query, keep_blank_values=True)),
        if_none_match=entry.if_none_match,
        if_modified_since=moment(since.low) if since else None,
    )


async def _reply(request: web.Request, ask: Ask) -> Reply:
    found = _PATH(ask.path)
    if found is None:
        raise NotFoundError(_NOTHING)
    if found["metadata"]:
        return metadata.capabilities(request, dict(ask.given).get("mode", "full"))
    if found["told"]:
        return await history.told(ask, found["kind"], None)
    if found["found"]:
        whole = replace(ask, services=request.app[SERVICES])
        return await searchset(whole, found["sought"])
    return await _of_one(ask, Reference(type=found["type"], id=found["id"]), found)


async def _of_one(ask: Ask, address: Reference, found: re.Match[str]) -> Reply:
    match found["more"], found["version"]:
        case None, None:
            return await read.newest(ask, address)
        case "_history", None:
            return await history.told(ask, address.type, address.id)
        case "_history", version:
            return await read.exactly(ask, address, version)
        case "$everything", None if address.type == "Patient":
            return await everything.record(ask, address)
    raise NotFoundError(_NOTHING)


def _answered(entry: Entry, reply: Reply) -> dict[str, Any]:
    response: dict[str, Any] = {"status": f"{reply.status} {_REASONS[reply.status]}"}
    if reply.reference is not None:
        response["etag"] = replies.etag(reply.reference)
    if reply.at is not None:
        response["lastModified"] = reply.at.isoformat(timespec="milliseconds")
    if entry.method == "HEAD" or not reply.body:
        return {"response": response}
    return {"resource": msgspec.Raw(reply.body), "response": response}


def _problem(request: web.Request, error: Exception) -> Problem:
    known = problem_of(error)
    if known is not None:
        return known
    name = type(error).__name__
    _LOG.error("http.failed", request=request[REQUEST_ID], error=name)
    return unexpected(request[REQUEST_ID])


def _refused(entry: Entry, problem: Problem) -> dict[str, Any]:
    for each in problem.outcome["issue"]:
        each["expression"] = [f"Bundle.entry[{entry.index}].request.url"]
    return {"response": {"status": str(problem.status), "outcome": problem.outcome}}


_NOTHING: Final = "There is nothing to read here. GET /fhir/metadata lists what is."
_REASONS: Final = {200: "OK", 304: "Not Modified"}
