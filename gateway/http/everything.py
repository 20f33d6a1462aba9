"""All about a patient: Patient/{id}/$everything (R4, patient-operation-everything)."""

from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import msgspec
from aiohttp import web

from domain.errors import GoneError, NotFoundError
from domain.values import Reference
from fhir_profiles.care import care
from fhir_profiles.instants import Span, microseconds, span
from fhir_profiles.lexical import parse
from fhir_profiles.release import resource_types
from gateway.access import Interaction
from gateway.http import parameters
from gateway.http.asking import Ask, Reply, answer, ask_of, bundle
from gateway.http.disclosure import disclose_parameters
from gateway.http.erased import require_not_erased
from gateway.http.paging import Place as Token
from gateway.http.sight import require_visible, visible
from gateway.projections import resources
from gateway.projections.asking import SearchError
from gateway.projections.chart import KINDS, Mark, chart, supporting
from gateway.projections.database import Database
from gateway.projections.persons import person
from gateway.projections.resources import Version
from gateway.projections.threads import in_thread

LARGEST_COUNT = 1000
_DIGITS = 9
_NAMES = ("start", "end", "_since", "_type", "_count")
_PATIENT = "Patient"


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """Which part of the record; `kinds` None is every type."""

    patient: Reference
    kinds: frozenset[str] | None
    since: Span | None
    start: Span | None
    end: Span | None
    count: int
    after: Mark | None

    @property
    def whole(self) -> bool:
        """Say whether resources of every time are wanted."""
        return not (self.since or self.start or self.end)

    def names(self, kind: str) -> bool:
        """Say whether resources of a type are wanted."""
        return self.kinds is None or kind in self.kinds

    def covers(self, version: Version) -> bool:
        """Say whether a version is of the time that is asked for."""
        if self.since and microseconds(version.at) < self.since.low:
            return False
        if version.reference.type == _PATIENT or not (self.start or self.end):
            return True
        took = care(parse(version.body))
        before = took and self.start and took.high < self.start.low
        beyond = took and self.end and took.low > self.end.high
        return not (before or beyond)


async def everything(request: web.Request) -> web.Response:
    """Return the patient, all about her, and what that refers to."""
    patient = Reference(type=_PATIENT, id=request.match_info["id"])
    ask = ask_of(request)
    if request.method == "POST":
        posted = parameters.values(await request.read())
        disclose_parameters(request, posted)
        ask = replace(ask, given=(*ask.given, *posted))
    return answer(request, await record(ask, patient))


async def record(ask: Ask, patient: Reference) -> Reply:
    """Return a page of a patient's record.

    The records that are linked with the patient's are part of it (Patient.link).

    Raises:
        GoneError: the patient was deleted.
        NotFoundError: there is none, or none that the caller may see.
        SearchError: a parameter that is unknown or not understood.

    """
    ask.caller.require(Interaction.READ, _PATIENT)
    wanted = _understood(ask, patient)
    await ask.services.projector.reach_head()
    return await in_thread(_reply, ask, wanted)


def _understood(ask: Ask, patient: Reference) -> _Wanted:
    given: dict[str, str] = {}
    for name, value in ask.parameters:
        if name in _NAMES and name not in given:
            given[name] = value
        elif not ask.lenient:
            raise SearchError(name, f"Send {', '.join(_NAMES)}, each of them once.")
    place = ask.place()
    return _Wanted(
        patient=patient,
        kinds=_kinds(given.get("_type", "")),
        since=_span("_since", given),
        start=_span("start", given),
        end=_span("end", given),
        count=_count(given.get("_count", "")),
        after=(str(place[0]), bytes.fromhex(str(place[1]))) if place else None,
    )


def _kinds(text: str) -> frozenset[str] | None:
    kinds = frozenset(text.split(",")) if text else None
    if kinds and not kinds <= resource_types():
        raise SearchError("_type", "Send names of R4's resource types, with commas.")
    return kinds


def _span(name: str, given: dict[str, str]) -> Span | None:
    text = given.get(name)
    if not text:
        return None
    found = span(text.replace(" ", "+"))
    if found is None:
        raise SearchError(name, "Send a date such as 2026-01-31.")
    return found


def _count(text: str) -> int:
    if not text:
        return LARGEST_COUNT
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise SearchError("_count", "Send a whole number that is not negative.")
    return min(int(text), LARGEST_COUNT)


def _reply(ask: Ask, wanted: _Wanted) -> Reply:
    database = ask.services.database
    with ask.services.reader() as connection:
        own = resources.read(database, connection, wanted.patient)
        if own is None:
            require_not_erased(ask.services.ledger, wanted.patient)
        _require_there(ask, own)
        whose = person(database, connection, wanted.patient)
        kinds = _permitted(ask, wanted)
        found = chart(database, connection, whose, kinds, after=wanted.after)
        versions = (resources.find(database, connection, each) for each in found.places)
        passing = (
            each
            for each in versions
            if each is not None and wanted.covers(each) and visible(ask.caller, each)
        )
        shown = list(resources.fitting(islice(passing, wanted.count)))
        more = next(passing, None) is not None
        beside = [
            each
            for each in supporting(database, connection, shown)
            if wanted.names(each.reference.type) and visible(ask.caller, each)
        ]
    following = _mark(database, shown) if shown and more else None
    content = _bundle(ask, shown, beside, following)
    if wanted.whole and all(map(ask.caller.sees_every, kinds)):
        content["total"] = found.size
    return bundle(content, [*shown, *beside])


def _require_there(ask: Ask, found: Version | None) -> None:
    if found is None:
        raise NotFoundError("No such resource is known here.")
    require_visible(ask.caller, found)
    if found.deleted:
        raise GoneError("This resource was deleted; its history still tells of it.")


def _permitted(ask: Ask, wanted: _Wanted) -> list[str]:
    holds = ask.caller.holds
    return [
        each
        for each in sorted(KINDS)
        if wanted.names(each) and holds(Interaction.SEARCH, each)
    ]


def _mark(database: Database, shown: list[Version]) -> Token:
    last = shown[-1].reference
    return [last.type, database.key(last.id).hex()]


def _bundle(
    ask: Ask, shown: list[Version], beside: list[Version], following: Token | None
) -> dict[str, Any]:
    entries = [_entry(ask, each, "match") for each in shown]
    entries += [_entry(ask, each, "include") for each in beside]
    content: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": ask.links(following),
    }
    if entries:
        content["entry"] = entries
    return content


def _entry(ask: Ask, version: Version, mode: str) -> dict[str, Any]:
    return {
        "fullUrl": f"{ask.base}/{version.reference.unversioned()}",
        "resource": msgspec.Raw(version.body),
        "search": {"mode": mode},
    }
