"""The parts of one gateway, opened on its data folder and put together."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial

from domain.events import REGISTRY
from gateway.access.entrance import Entrance, open_entrance
from gateway.http.backlog import Backlog
from gateway.http.services import Services
from gateway.intake.access_log import AccessLog
from gateway.metrics import Metrics
from gateway.projections.apart import Apart
from gateway.projections.audit import AuditProjector
from gateway.projections.database import AUDIT_FILE, FILE, Database
from gateway.projections.pointing import points_to
from gateway.projections.projector import Projector
from gateway.settings import Settings
from gateway.store.ledger import Ledger
from gateway.store.spool import Spool

Clock = Callable[[], datetime]


def open_parts(
    settings: Settings,
    *,
    clock: Clock,
    held: AsyncExitStack,
    stopped: Callable[[], list[str]],
    prefix: str,
) -> Services:
    """Open log, read models and entrance; `held` closes them.

    `stopped` gives a sentence for each worker that does not run.

    Raises:
        StoreError: the log cannot be opened, or is another's.
        OSError: a file that the settings name cannot be read.

    """
    ledger = _ledger(settings, held)
    database = Database(settings.data / FILE, ledger.derive("projections"))
    held.callback(database.close)
    projector = Projector(ledger, database, apart=_apart(settings))
    accesses, audits, auditing = _auditing(settings, ledger, clock, held)
    entrance = _entrance(settings, ledger, database, clock, prefix)
    held.callback(entrance.close)
    return Services(
        settings=settings,
        ledger=ledger,
        database=database,
        projector=projector,
        doorkeeper=entrance.doorkeeper,
        desk=entrance.desk,
        metrics=Metrics(),
        clock=clock,
        prefix=prefix,
        unready=lambda: [*stopped(), *_skipped(projector)],
        accesses=accesses,
        audits=audits,
        auditing=auditing,
    )


def open_backlog(services: Services, held: AsyncExitStack) -> Backlog:
    """Open what was accepted to be carried out later; `held` closes it."""
    spool = Spool(services.settings.data, services.ledger.derive("jobs"))
    held.callback(spool.close)
    return Backlog(spool, clock=services.clock)


def _ledger(settings: Settings, held: AsyncExitStack) -> Ledger:
    ledger = Ledger.open(
        settings.data,
        registry=REGISTRY,
        tenant=settings.tenant,
        kek_file=settings.key_file,
    )
    held.callback(ledger.close)
    return ledger


def _apart(settings: Settings) -> Apart | None:
    if not settings.read_models_apart:
        return None
    return Apart(
        settings.data, key_file=settings.key_file, log_format=settings.log_format
    )


def _auditing(
    settings: Settings, ledger: Ledger, clock: Clock, held: AsyncExitStack
) -> tuple[AccessLog, Database, AuditProjector]:
    accesses = AccessLog(ledger, gathering_s=settings.audit_gathering_s, clock=clock)
    audits = Database(settings.data / AUDIT_FILE, ledger.derive("audit"))
    held.callback(audits.close)
    projector = AuditProjector(
        ledger, audits, tenant=settings.tenant, settle=accesses.flush
    )
    return accesses, audits, projector


def _entrance(
    settings: Settings, ledger: Ledger, database: Database, clock: Clock, prefix: str
) -> Entrance:
    return open_entrance(
        settings,
        derive=ledger.derive,
        pointed=partial(points_to, database),
        clock=clock,
        prefix=prefix,
    )


def _skipped(projector: Projector) -> list[str]:
    poisoned = projector.poisoned()
    if not poisoned:
        return []
    return [f"{poisoned} events could not be projected: see the log for their places."]
