"""What every handler may use, put together by the composition root."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from gateway.access import Doorkeeper, Principal
from gateway.intake.change import Answer
from gateway.intake.reception import Currency
from gateway.intake.unit import Unit
from gateway.metrics import Metrics
from gateway.projections.database import Database
from gateway.projections.projector import Projector
from gateway.settings import Settings
from gateway.store.ledger import Ledger
from gateway.store.records import Context


@dataclass(frozen=True, kw_only=True)
class Services:
    """The gateway's parts."""

    settings: Settings
    ledger: Ledger
    database: Database
    projector: Projector
    doorkeeper: Doorkeeper
    metrics: Metrics
    clock: Callable[[], datetime]
    unready: Callable[[], list[str]]  # why the gateway is not ready; empty if it is

    def reader(self) -> AbstractContextManager[sqlite3.Connection]:
        """Lend a connection to the read models."""
        return self.database.reader()

    def currency(self) -> Currency:
        """Return what makes data current at this moment."""
        return Currency(
            at=self.clock(),
            window=self.settings.window,
            questions=frozenset(self.settings.complaint_questions),
        )

    async def append(self, unit: Unit) -> tuple[Answer, ...]:
        """Let the log's writer carry out a request; return once it is durable."""
        with self.metrics.step("append"):
            answers = await self.ledger.submit(unit)
        self.metrics.accepted.inc(len(answers))
        return answers


SERVICES = web.AppKey("services", Services)
PRINCIPAL = web.RequestKey("principal", Principal)
REQUEST_ID = web.RequestKey("request_id", str)


def context(request: web.Request) -> Context:
    """Return when, by whom and in which request something is done."""
    return Context(
        at=request.app[SERVICES].clock(),
        actor=request[PRINCIPAL].name,
        request=request[REQUEST_ID],
    )
