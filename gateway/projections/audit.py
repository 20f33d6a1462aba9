"""The AuditEvents that auditors search: read models of their own, made from the log.

They follow behind: nobody but an auditor reads them, and an auditor's search waits
until they have caught up.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from domain.events import REGISTRY
from domain.retained import PatientErased
from domain.values import Reference
from fhir_profiles.audit_event import audit_event
from gateway.projections import resources
from gateway.projections.database import Database
from gateway.projections.projector import Projector
from gateway.projections.purge import Purged, purge_told
from gateway.projections.rows import Rows
from gateway.store.ledger import Ledger
from gateway.store.records import Recorded
from gateway.translate.audited import (
    History,
    audited,
    leaves_audit_event,
    silent_topics,
)

UNREAD: Final = silent_topics(REGISTRY) - {PatientErased.topic}
_BATCH: Final = 64
_LEISURE: Final = 19.0  # a twentieth of the time, while requests make the log grow


class AuditProjection:
    """Applies events in the log's order; `history` gives a stream's events."""

    def __init__(
        self,
        database: Database,
        history: History,
        *,
        gateway: str,
        rows: Rows | None = None,
    ) -> None:
        self._database = database
        self._history = history
        self._gateway = gateway
        self._rows = rows or Rows()

    def apply(self, recorded: Recorded) -> None:
        """Add the AuditEvent of an event, where it has one."""
        event = recorded.event
        if not leaves_audit_event(event):
            return
        told = audited(recorded, event, gateway=self._gateway, history=self._history)
        resources.store(
            self._database,
            self._rows,
            reference=Reference(type="AuditEvent", id=told.id, version=1),
            at=recorded.at,
            position=recorded.position,
            content=audit_event(told),
        )

    def purge(self, erasure: PatientErased, position: int) -> Purged:
        """Take out what tells of the patient; tell again of cases that lost events."""
        self.forget()
        return purge_told(self._database, erasure, self._history, until=position)

    def write(self) -> None:
        """Write what the events since the last time have added."""
        self._rows.write(self._database.writer)

    def forget(self) -> None:
        """Believe the log again, after a batch was rolled back."""
        self._rows.clear()


class AuditProjector(Projector):
    """The one writer of the AuditEvents; `settle` brings what waits into the log."""

    def __init__(
        self,
        ledger: Ledger,
        database: Database,
        *,
        tenant: str,
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(
            ledger,
            database,
            AuditProjection(database, ledger.stream, gateway=tenant),
            unread=UNREAD,
            batch=_BATCH,
            leisure=_LEISURE,
        )
        self._settle = settle

    async def reach_head(self) -> None:
        """Wait until an auditor finds every request that was answered by now."""
        await self._settle()
        await self.reach(self._ledger.head)


async def settled() -> None:
    """Bring nothing into the log: nobody makes requests of a stopped gateway."""
