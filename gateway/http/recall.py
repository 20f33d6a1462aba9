"""A recall: POST /fhir/$recall asks nurses to look again at what used it.

An operation of this gateway, not of the FHIR specification. What is recalled is found
by the same search as `GET /fhir/Provenance?agent=…&entity=…`. One request treats one
page of it; `next` in the answer goes into the next request as `page`.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from domain.commands import RecallAssessment
from fhir_profiles.elements import plain
from gateway.access import Interaction
from gateway.http import paging, parameters, replies
from gateway.http.services import PRINCIPAL, SERVICES, Services, context
from gateway.intake.recall import Noted, RecallUnit
from gateway.projections import search as searching
from gateway.projections.asking import SearchError
from gateway.projections.search import Page
from gateway.projections.threads import in_thread
from gateway.settings.scopes import RECALL
from gateway.translate import recalling
from gateway.translate.recalling import Criteria, UnreadableCriterionError

_PAGE = 500  # Provenances that one request looks at
_TOGETHER = 64  # units that wait at once
_LONGEST = 500  # characters of the reason
_ROUTE = "$recall"
_PROVENANCE = "Provenance"


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What a request names, why it was recalled, and where its page begins."""

    named: Criteria
    reason: str
    page: str


async def recall(request: web.Request) -> web.Response:
    """Open or mark a Task for each case on the page; say which, and what follows."""
    caller, services = request[PRINCIPAL], request.app[SERVICES]
    caller.require(Interaction.CREATE, RECALL)
    asked = _asked(await request.read())
    await services.projector.reach_head()
    begin = _begin(services, caller.name, asked)
    newest, following = await in_thread(_used, services, asked.named, begin)
    noted = [
        each
        for start in range(0, len(newest), _TOGETHER)
        for each in await _note(request, asked, newest[start : start + _TOGETHER])
    ]
    told = _told(noted)
    if following is not None:
        token = _sealed(services, caller.name, asked, following)
        told.append({"name": "next", "valueString": token})
    return replies.body({"resourceType": "Parameters", "parameter": told})


def _asked(body: bytes) -> _Asked:
    """Read the Parameters.

    Raises:
        InvalidResourceError: they are none.
        SearchError: they name nothing, or give no reason.

    """
    given = parameters.strings(body)
    others = dict(each for each in given if each[0] in ("reason", "page"))
    reason = plain(others.get("reason", ""), _LONGEST)
    if not reason:
        raise SearchError("reason", "Say why it was recalled: a nurse will read it.")
    try:
        named = recalling.criteria(each for each in given if each[0] not in others)
    except UnreadableCriterionError as error:
        raise SearchError("parameter", str(error)) from None
    return _Asked(named=named, reason=reason, page=others.get("page", ""))


def _begin(services: Services, caller: str, asked: _Asked) -> Page | None:
    if not asked.page:
        return None
    place = paging.open(
        services.ledger.derive("paging"),
        asked.page,
        caller=caller,
        route=_ROUTE,
        parameters=asked.named,
    )
    head, *after = msgspec.convert(place, list[int])
    return Page(head=head, after=tuple(after))


def _sealed(services: Services, caller: str, asked: _Asked, page: Page) -> str:
    return paging.seal(
        services.ledger.derive("paging"),
        [page.head, *page.after],
        caller=caller,
        route=_ROUTE,
        parameters=asked.named,
    )


def _used(
    services: Services, named: Criteria, begin: Page | None
) -> tuple[list[tuple[str, int]], Page | None]:
    """Return cases, each with its newest version that used it, and where to go on."""
    given = [*recalling.searched(named), ("_count", str(_PAGE))]
    wanted = searching.understand(services.database, _PROVENANCE, given, lenient=False)
    with services.reader() as connection:
        found = searching.run(services.database, connection, wanted, begin)
    newest: dict[str, int] = {}
    for each in found.page:
        assessment = recalling.assessment_of(each.reference.id)
        if assessment is not None:
            case_id, version = assessment
            newest[case_id] = max(version, newest.get(case_id, 0))
    return list(newest.items()), found.following


async def _note(
    request: web.Request, asked: _Asked, cases: Iterable[tuple[str, int]]
) -> list[Noted]:
    """Let a few cases decide; they share a commit."""
    made = context(request)
    units = [
        RecallUnit(
            case_id=case_id,
            command=RecallAssessment(
                by=request[PRINCIPAL].reviewer,
                matched=asked.named,
                reason=asked.reason,
                version=version,
                at=made.at,
            ),
            context=made,
        )
        for case_id, version in cases
    ]
    noted = await asyncio.gather(*map(request.app[SERVICES].ledger.submit, units))
    return [each for each in noted if each.patient]  # others are no cases of ours


def _told(noted: Iterable[Noted]) -> list[dict[str, Any]]:
    return [
        {
            "name": "asked" if each.news else "known",
            "part": [
                {"name": "case", "valueString": each.case_id},
                {"name": "task", "valueReference": {"reference": str(each.task)}},
            ],
        }
        for each in noted
    ]
