"""A read as its own request or an entry of a Bundle asks for it, and its reply."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from domain.values import Reference
from fhir_profiles.lexical import serialise
from gateway.access import Principal
from gateway.http import paging, replies
from gateway.http.disclosure import disclose, patients_of
from gateway.http.paging import PAGE
from gateway.http.preferences import preferences
from gateway.http.services import PRINCIPAL, SERVICES, Services, path_of
from gateway.projections.resources import Version

Given = tuple[tuple[str, str], ...]
_FORM = ("_format", "_pretty")  # of the answer, not of what is asked for


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What somebody wants to read: a path below the base, and its parameters."""

    services: Services
    caller: Principal
    base: str
    path: str
    given: Given = ()
    lenient: bool = False
    if_none_match: str | None = None
    if_modified_since: datetime | None = None

    @property
    def parameters(self) -> Given:
        """Return what is asked for, whatever the page and the form of the answer."""
        return tuple(each for each in self.given if each[0] not in (PAGE, *_FORM))

    @property
    def page(self) -> str | None:
        """Return the token of the page that is asked for, None for the first."""
        return next((value for name, value in self.given if name == PAGE), None)

    def place(self) -> paging.Place | None:
        """Return where the page begins, None for the first.

        Raises:
            SearchError: the token is not one of this query and caller.

        """
        if self.page is None:
            return None
        return paging.open(
            self.services.ledger.derive("paging"),
            self.page,
            caller=self.caller.name,
            route=self.path,
            parameters=self.parameters,
        )

    def links(self, following: paging.Place | None) -> list[dict[str, str]]:
        """Return links to this page and, where there is one, to the next."""
        kept = [("_page", self.page)] if self.page else []
        links = [{"relation": "self", "url": self._url([*self.parameters, *kept])}]
        if following is not None:
            token = paging.seal(
                self.services.ledger.derive("paging"),
                following,
                caller=self.caller.name,
                route=self.path,
                parameters=self.parameters,
            )
            further = [*self.parameters, (PAGE, token)]
            links.append({"relation": "next", "url": self._url(further)})
        return links

    def _url(self, parameters: Iterable[tuple[str, str]]) -> str:
        query = urlencode(list(parameters), safe="|:/,$")
        return f"{self.base}/{self.path}{'?' if query else ''}{query}"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a read gives: serialised JSON, and whom it is about (`Patient/id`).

    It has a reference where it is one version, and none where it answers a query.
    """

    status: int = 200
    body: bytes = b""
    reference: Reference | None = None
    at: datetime | None = None
    patients: tuple[str, ...] = ()


def ask_of(request: web.Request) -> Ask:
    """Return what a request of its own asks for."""
    return Ask(
        services=request.app[SERVICES].holding(request.match_info.get("type")),
        caller=request[PRINCIPAL],
        base=replies.base_of(request),
        path=path_of(request).removeprefix("/fhir").strip("/"),
        given=tuple(request.query.items()),
        lenient=preferences(request).lenient,
        if_none_match=request.headers.get("If-None-Match"),
        if_modified_since=request.if_modified_since,
    )


def bundle(content: dict[str, Any], shown: Iterable[Version]) -> Reply:
    """Return a Bundle of stored versions as the reply; do it in a thread."""
    return Reply(body=serialise(content), patients=patients_of(shown))


def disclose_reply(request: web.Request, reply: Reply) -> None:
    """Note what the caller is told: of matches, only whom they are about.

    (IHE BALP: the content of the results is not recorded.)
    """
    references = () if reply.reference is None else (reply.reference,)
    disclose(request, references, reply.patients)


def answer(request: web.Request, reply: Reply) -> web.Response:
    """Return a reply as the answer to a request of its own."""
    disclose_reply(request, reply)
    headers = {}
    if reply.reference is not None:
        headers = replies.tags(reply.reference, reply.at)
    if not reply.body:
        return web.Response(status=reply.status, headers=headers)
    return replies.raw(reply.body, status=reply.status, headers=headers)
