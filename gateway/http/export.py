"""Bulk export: `$export` of the system and of all patients, for later (Bulk Data 2.0).

https://hl7.org/fhir/uv/bulkdata/STU2/export.html. A kick-off is kept as every accepted
request is; its answer is the manifest. No file is stored: a file is read from the read
models when it is fetched, as they stood at the moment of the manifest.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from fhir_profiles.lexical import serialise
from gateway.http import replies
from gateway.http.export_files import FILES, File, address_of
from gateway.http.export_request import OF_PATIENTS, OF_SYSTEM, Wanted, wanted
from gateway.http.jobs import accepted
from gateway.http.preferences import preferences
from gateway.http.resumption import JOB
from gateway.http.services import PRINCIPAL, SERVICES, Services
from gateway.projections import standing
from gateway.projections.asking import SearchError
from gateway.projections.standing import Slice
from gateway.projections.threads import in_thread

_OVERLAP: Final = timedelta(minutes=1)
"""Before the moment of the export: what bears an earlier time is in it for certain, so
that an export since `transactionTime` misses nothing. It may repeat a little."""

MOST_IN_FILE: Final = 5000
LARGEST_FILE: Final = 16 * 1024 * 1024


async def export_system(request: web.Request) -> web.Response:
    """Export what the gateway made, and who did what."""
    return await _export(request, OF_SYSTEM)


async def export_patients(request: web.Request) -> web.Response:
    """Export what the gateway made of all patients."""
    return await _export(request, OF_PATIENTS)


async def export_group(request: web.Request) -> web.Response:
    """Refuse: there are no groups.

    Raises:
        SearchError: always.

    """
    _ = request
    raise SearchError(
        "$export",
        "There is no export of a Group: ask for /fhir/$export or "
        "/fhir/Patient/$export.",
    )


async def _export(request: web.Request, offered: tuple[str, ...]) -> web.Response:
    asked = await wanted(request, offered)
    if JOB in request:
        return await _manifest(request, asked)
    if not preferences(request).respond_async:
        raise SearchError("Prefer", "Send 'Prefer: respond-async': this takes a while.")
    return await accepted(request)


async def _manifest(request: web.Request, asked: Wanted) -> web.Response:
    """Return where the files are; all of them show the log at one position."""
    services = request.app[SERVICES]
    at = services.clock() - _OVERLAP
    for each in asked.kinds:
        await services.holding(each).projector.reach_head()
    position = min(services.holding(each).projector.position for each in asked.kinds)
    wholes = _wholes(asked, standing.moment_of(position))
    found = await in_thread(_divided, services, wholes)
    output, deleted = (
        [_item(request, asked, *each) for each in found if each[0].deleted is gone]
        for gone in (False, True)
    )
    content = {
        "transactionTime": at.isoformat(timespec="milliseconds"),
        "request": replies.base_of(request) + request.raw_path.partition("/fhir")[2],
        "requiresAccessToken": not services.settings.dev,
        "output": output,
        "deleted": deleted,
        "error": [],
    }
    headers = {"Content-Type": "application/json"}
    return web.Response(body=serialise(content), headers=headers)


def _item(
    request: web.Request, asked: Wanted, part: Slice, number: int
) -> dict[str, Any]:
    """Return what the manifest says of a file.

    How many lines it has is known where nothing is left out of it when it is read.
    """
    caller, file = request[PRINCIPAL], File(request[JOB], asked.of_patients, part)
    token = address_of(request.app[SERVICES], caller.name, file)
    item: dict[str, Any] = {
        "type": "Bundle" if part.deleted else part.kind,
        "url": f"{replies.base_of(request)}{FILES}{token}",
    }
    if caller.sees_every(part.kind) and not asked.of_patients:
        item["count"] = number
    return item


def _wholes(asked: Wanted, moment: int) -> Iterator[Slice]:
    """Give what is asked for of each type, undivided."""
    for kind in asked.kinds:
        stands = Slice(kind, 0, moment, moment, asked.since or 0)
        yield stands
        if asked.since is not None:
            yield stands._replace(deleted=True)


def _divided(services: Services, wholes: Iterable[Slice]) -> list[tuple[Slice, int]]:
    found: list[tuple[Slice, int]] = []
    for whole in wholes:
        with services.holding(whole.kind).reader() as connection:
            found += [
                (whole._replace(after=part.after, until=part.until), part.number)
                for part in standing.parts(
                    connection, whole, most=MOST_IN_FILE, size=LARGEST_FILE
                )
            ]
    return found
