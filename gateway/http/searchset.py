"""A search from its parameters to its Bundle, by itself or as an entry of a batch."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from fhir_profiles.lexical import parse
from gateway.access import ForbiddenError, Interaction
from gateway.http import paging
from gateway.http.asking import Ask, Reply, bundle
from gateway.http.includes import Shelves, included
from gateway.http.links import links
from gateway.http.paging import PAGE
from gateway.http.sight import visible
from gateway.http.subset import is_whole, subset
from gateway.problems import issue, outcome
from gateway.projections import search as searching
from gateway.projections.asking import SearchError
from gateway.projections.controls import Controls
from gateway.projections.resources import Version
from gateway.projections.search import Found, Page, Search
from gateway.projections.threads import in_thread

_BESIDE_PAGE = ("_format", "_pretty", "_count")
"""Some clients add a size of their own to every link; the link's stays in force."""


@dataclass(frozen=True, kw_only=True)
class Searched:
    """What was found, and what comes along with it."""

    found: Found
    included: tuple[Version, ...]


async def searchset(ask: Ask, kind: str, *, private: bool = False) -> Reply:
    """Carry out a search; `private` keeps its parameters out of its links.

    The services of `ask` are those of the gateway, not of one type's readers.

    Raises:
        SearchError: a parameter or page that is not understood.
        TooCostlySearchError: it would read too much.
        ForbiddenError: the caller may not search this type, or another it reads.

    """
    ask.caller.require(Interaction.SEARCH, kind)
    given, page = _place(ask, kind)
    wanted = _understood(ask, kind, given)
    for each in {kind, *(each.type for each in wanted.controls.includes)}:
        await ask.services.holding(each).projector.reach_head()
    return await in_thread(_answered, ask, wanted, page, private=private)


def _place(ask: Ask, kind: str) -> tuple[list[tuple[str, str]], Page | None]:
    """Return the parameters and the page; a page's link carries both, sealed."""
    given = [each for each in ask.given if each[0] != PAGE]
    if ask.page is None:
        return given, None
    if any(name not in _BESIDE_PAGE for name, _ in given):
        raise SearchError(PAGE, "Follow the link of a page as it is, nothing added.")
    place = paging.open(
        ask.services.ledger.derive("paging"),
        ask.page,
        caller=ask.caller.name,
        route=kind,
    )
    (pairs, head, *after) = place
    known = msgspec.convert(pairs, list[tuple[str, str]])
    page = Page(head=msgspec.convert(head, int), after=_mark(after))
    return known, page if after else None


def _mark(after: Sequence[object]) -> tuple[int, ...]:
    return msgspec.convert(after, tuple[int, ...])


def _understood(ask: Ask, kind: str, given: list[tuple[str, str]]) -> Search:
    wanted = searching.understand(
        ask.services.holding(kind).database,
        kind,
        given,
        lenient=ask.lenient,
        narrowed=ask.caller.restrictions(kind),
        base=ask.base,
        touching=lambda other: _touch(ask, kind, other),
    )
    for each in wanted.controls.includes:
        if each.reverse:
            ask.caller.require(Interaction.SEARCH, each.type)
    return wanted


def _touch(ask: Ask, kind: str, other: str) -> None:
    """Let a chain from one type read another.

    Raises:
        ForbiddenError: the caller may not search all of it.
        SearchError: it is kept where no chain leads.

    """
    ask.caller.require(Interaction.SEARCH, other)
    if not ask.caller.searches_whole(other):
        raise ForbiddenError(
            f"Client '{ask.caller.name}' may search some {other} only, so a chain or "
            "_has may not read them: search for them by themselves."
        )
    services = ask.services
    if services.holding(kind).database is not services.holding(other).database:
        raise SearchError(
            "query",
            f"{kind} and {other} are kept apart: no chain or _has leads from one to "
            "the other.",
        )


def _answered(ask: Ask, wanted: Search, page: Page | None, *, private: bool) -> Reply:
    return _reply(ask, wanted, _run(ask, wanted, page), private=private)


def _run(ask: Ask, wanted: Search, page: Page | None) -> Searched:
    """Read a page and what comes along, all of it in the state of one moment."""

    def outgoing(version: Version) -> bool:
        return visible(ask.caller, version)

    with ExitStack() as held:
        shelves = Shelves(ask.services, held)
        database, connection = shelves.of(wanted.type)
        found = searching.run(database, connection, wanted, page)
        found = replace(found, page=tuple(filter(outgoing, found.page)))
        along = included(
            shelves,
            wanted.controls.includes,
            found.page,
            base=ask.base,
            visible=outgoing,
        )
    return Searched(found=found, included=tuple(along))


def _reply(ask: Ask, wanted: Search, searched: Searched, *, private: bool) -> Reply:
    controls, base = wanted.controls, ask.base
    found = searched.found
    entries = [_entry(each, base, "match", controls) for each in found.page]
    along = replace(controls, elements=())  # names elements of the matches' type
    entries += [_entry(each, base, "include", along) for each in searched.included]
    if wanted.ignored:
        entries.append(_warning(wanted.ignored))
    content: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    if found.total is not None:
        content["total"] = found.total
    content["link"] = links(ask, wanted, found, private=private)
    if entries:
        content["entry"] = entries
    return bundle(content, (*found.page, *searched.included))


def _entry(
    version: Version, base: str, mode: str, controls: Controls
) -> dict[str, Any]:
    return {
        "fullUrl": f"{base}/{version.reference.unversioned()}",
        "resource": msgspec.Raw(version.body)
        if is_whole(controls)
        else subset(parse(version.body), controls),
        "search": {"mode": mode},
    }


def _warning(ignored: tuple[str, ...]) -> dict[str, Any]:
    found = [
        issue("not-supported", f"The parameter {name} was ignored.", severity="warning")
        for name in ignored
    ]
    return {"resource": outcome(found), "search": {"mode": "outcome"}}
