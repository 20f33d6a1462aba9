"""What every handler may use, put together by the composition root."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address

from aiohttp import web

from fhir_profiles.rule_groups import Rules
from gateway.access import Principal
from gateway.access.doorkeeper import Doorkeeper
from gateway.access.grant import TokenDesk
from gateway.http.disclosure import TRAIL
from gateway.intake.access_log import AccessLog
from gateway.intake.change import Answer
from gateway.intake.once import Once
from gateway.intake.reception import Currency
from gateway.intake.unit import Unit
from gateway.metrics import Metrics
from gateway.projections.database import Database
from gateway.projections.projector import Projector
from gateway.settings import Settings
from gateway.store.ledger import Ledger
from gateway.store.records import Context

_AUDIT_EVENT = "AuditEvent"  # of which there are read models of their own


@dataclass(frozen=True, kw_only=True)
class Services:
    """The gateway's parts."""

    settings: Settings
    ledger: Ledger
    database: Database
    projector: Projector
    doorkeeper: Doorkeeper
    desk: TokenDesk
    metrics: Metrics
    clock: Callable[[], datetime]
    unready: Callable[[], list[str]]  # why the gateway is not ready; empty if it is
    accesses: AccessLog
    audits: Database  # of AuditEvents
    auditing: Projector  # of AuditEvents
    prefix: str = ""  # of every path, where several tenants share a gateway

    def holding(self, kind: str | None) -> "Services":
        """Return the services as the readers of a resource type need them."""
        if kind != _AUDIT_EVENT:
            return self
        return replace(self, database=self.audits, projector=self.auditing)

    def reader(self) -> AbstractContextManager[sqlite3.Connection]:
        """Lend a connection to the read models."""
        return self.database.reader()

    def currency(self) -> Currency:
        """Return what makes data current at this moment."""
        return Currency(
            at=self.clock(),
            window=self.settings.window,
            questions=frozenset(self.settings.complaint_questions),
            rules=Rules(self.settings.rules),
            entries=self.settings.bundle_entries_limit,
        )

    async def append(self, unit: Unit | Once) -> tuple[Answer, ...]:
        """Let the log's writer carry out a request; return once it is durable."""
        with self.metrics.step("append"):
            answers = await self.ledger.submit(unit)
        self.metrics.accepted.inc(len(answers))
        return answers


SERVICES = web.AppKey("services", Services)
PRINCIPAL = web.RequestKey("principal", Principal)
REQUEST_ID = web.RequestKey("request_id", str)


def path_of(request: web.Request) -> str:
    """Return the path as a gateway without tenants has it: it begins with /fhir."""
    return request.path.removeprefix(request.app[SERVICES].prefix)


def route_of(request: web.Request) -> str:
    """Return the pattern of the route likewise; empty where there is none."""
    resource = request.match_info.route.resource
    if resource is None:
        return ""
    return resource.canonical.removeprefix(request.app[SERVICES].prefix)


def address_of(request: web.Request) -> str:
    """Return the network address of the caller.

    Behind a proxy it is what the proxy added to X-Forwarded-For: the last one, for
    those before it are whatever the caller wrote.
    """
    told = request.headers.getall("X-Forwarded-For", [])
    if request.app[SERVICES].settings.behind_proxy and told:
        try:
            return str(ip_address(told[-1].rpartition(",")[2].strip()))
        except ValueError:
            pass  # no address: nobody's word for one is taken
    return request.remote or ""


def context(request: web.Request) -> Context:
    """Return when, by whom, from where and in which request something is done."""
    trail = request[TRAIL]
    return Context(
        at=request.app[SERVICES].clock(),
        actor=request[PRINCIPAL].name if PRINCIPAL in request else trail.client,
        request=request[REQUEST_ID],
        address=address_of(request),
        note=trail.note,
    )
