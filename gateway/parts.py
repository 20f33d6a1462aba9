"""The parts of one gateway, opened on its data folder and put together."""

from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from uuid import uuid4

import structlog

from domain.commands import ConfigureRules
from domain.events import REGISTRY
from domain.keeping import StateRetention
from gateway.access.entrance import Entrance, open_entrance
from gateway.http.backlog import Backlog
from gateway.http.services import Services
from gateway.intake.access_log import AccessLog
from gateway.intake.erasures import complete
from gateway.intake.retention import RetentionUnit
from gateway.intake.rulebook import RulesUnit
from gateway.metrics import Metrics
from gateway.projections.apart import Apart
from gateway.projections.audit import AuditProjector
from gateway.projections.database import AUDIT_FILE, FILE, Database
from gateway.projections.pointing import points_to
from gateway.projections.projector import Projector
from gateway.projections.soundness import sound
from gateway.settings import Settings
from gateway.store.keysource import KeySource, key_source, resolved
from gateway.store.ledger import Ledger
from gateway.store.postgres.uses import SharedUses
from gateway.store.records import Context
from gateway.store.selfcheck import warnings
from gateway.store.server import URL, Server, read_url
from gateway.store.spool import Spool

_SCHEMA = "triage_gateway"
_LOG = structlog.get_logger()
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
    key = resolved(_key(settings))
    ledger = _ledger(settings, key, clock, held)
    database = _read_models(settings, ledger, held)
    projector = Projector(ledger, database, apart=_apart(settings, key))
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
        unready=lambda: [*stopped(), *_away(ledger), *_unshown(projector)],
        accesses=accesses,
        audits=audits,
        auditing=auditing,
    )


def _read_models(settings: Settings, ledger: Ledger, held: AsyncExitStack) -> Database:
    database = sound(
        settings.data / FILE, ledger.derive("projections"), head=ledger.head
    )
    held.callback(database.close)
    return database


def open_backlog(services: Services, held: AsyncExitStack) -> Backlog:
    """Open what was accepted to be carried out later; `held` closes it."""
    spool = Spool(services.settings.data, services.ledger.derive("jobs"))
    held.callback(spool.close)
    complete(services.ledger, spool, services.settings.data)
    return Backlog(spool, clock=services.clock)


def _warn(settings: Settings, at: datetime) -> None:
    """Tell the operator what a start has found, and goes on with."""
    for reason in warnings(settings.data, key_file=settings.key_file, now=at):
        _LOG.warning("gateway.warned", reason=reason)


def _key(settings: Settings) -> KeySource | None:
    return key_source(
        settings.key_file,
        settings.key_environment,
        settings.key_command,
        settings.key_command_seconds,
    )


def _ledger(
    settings: Settings, key: KeySource | None, clock: Clock, held: AsyncExitStack
) -> Ledger:
    ledger = Ledger.open(
        settings.data,
        registry=REGISTRY,
        tenant=settings.tenant,
        kek_file=key,
        server=server_of(settings),
        clock=clock,
    )
    held.callback(ledger.close)
    _warn(settings, clock())
    _state_retention(settings, ledger, clock())
    _configure_rules(settings, ledger, clock())
    return ledger


def _state_retention(settings: Settings, ledger: Ledger, at: datetime) -> None:
    """Let the log say how long the site keeps data, where that was changed."""
    command = StateRetention(
        least_days=settings.retention_least_days,
        most_days=settings.retention_most_days,
        at=at,
    )
    context = Context(at=at, actor=settings.tenant, request=str(uuid4()))
    ledger.submit_sync(RetentionUnit(command=command, context=context))


def _configure_rules(settings: Settings, ledger: Ledger, at: datetime) -> None:
    """Let the log say what the site adds to the rules, where that was changed."""
    command = ConfigureRules(site=settings.site_rules.made(), at=at)
    context = Context(at=at, actor=settings.tenant, request=str(uuid4()))
    ledger.submit_sync(RulesUnit(command=command, context=context))


def _apart(settings: Settings, key: KeySource | None) -> Apart | None:
    if not settings.read_models_apart:
        return None
    server = server_of(settings)
    return Apart(
        settings.data,
        key_file=key,
        log_format=settings.log_format,
        told={URL: server.url} if server else {},
    )


def server_of(settings: Settings) -> Server | None:
    """Return where the log is, None where it is in the data folder."""
    file, given = settings.database_url_file, settings.database_url
    url = read_url(file) if file else given and given.get_secret_value()
    schema = settings.database_schema or _SCHEMA
    return Server(url, schema) if url else None


def _auditing(
    settings: Settings, ledger: Ledger, clock: Clock, held: AsyncExitStack
) -> tuple[AccessLog, Database, AuditProjector]:
    accesses = AccessLog(ledger, gathering_s=settings.audit_gathering_s, clock=clock)
    audits = sound(settings.data / AUDIT_FILE, ledger.derive("audit"), head=ledger.head)
    held.callback(audits.close)
    projector = AuditProjector(
        ledger, audits, tenant=settings.tenant, settle=accesses.flush
    )
    return accesses, audits, projector


def _entrance(
    settings: Settings, ledger: Ledger, database: Database, clock: Clock, prefix: str
) -> Entrance:
    server = server_of(settings)
    return open_entrance(
        settings,
        derive=ledger.derive,
        pointed=partial(points_to, database),
        clock=clock,
        prefix=prefix,
        uses=SharedUses(server) if server else None,
    )


def _away(ledger: Ledger) -> list[str]:
    return [] if ledger.reachable else ["The log's database does not answer."]


def _unshown(projector: Projector) -> Iterator[str]:
    if lacking := projector.lacking():
        yield f"The read models are made anew: {lacking} events are not shown yet."
    if poisoned := projector.poisoned():
        yield f"{poisoned} events could not be projected: see the log for their places."
