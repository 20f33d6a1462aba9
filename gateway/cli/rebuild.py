"""`triage-gateway rebuild`: drop the read models and make them anew from the log."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Final

import click

from domain.events import REGISTRY
from gateway.cli.key_source import KEY
from gateway.cli.progress import bar
from gateway.projections.apart import ProjectionEndedError
from gateway.projections.audit import AuditProjector, settled
from gateway.projections.bulk import Draft, replace
from gateway.projections.database import (
    AUDIT_FILE,
    FILE,
    Database,
    remove,
)
from gateway.projections.kinds import audit_events, resources
from gateway.projections.projector import Projector
from gateway.projections.soundness import sound
from gateway.store.errors import StoreError
from gateway.store.keyfile import default_key_file
from gateway.store.keysource import KeySource, resolved
from gateway.store.ledger import Ledger
from gateway.store.server import remembered

_LONG: Final = 20_000
"""Events from which on it is worth starting other processes."""


@click.command()
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Data folder of a stopped gateway.",
)
@click.option("--tenant", default="default", help="The log's tenant.")
@KEY
def rebuild(data: Path, tenant: str, key_file: KeySource | None) -> None:
    """Drop and rebuild the read models of a stopped gateway."""
    try:
        key_file = resolved(key_file)
        ledger = Ledger.open(
            data,
            registry=REGISTRY,
            tenant=tenant,
            kek_file=key_file,
            server=remembered(data),
        )
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    try:
        make_anew(ledger, data, tenant=tenant, key_file=key_file)
    except ProjectionEndedError as error:
        raise click.ClickException(str(error)) from None
    finally:
        ledger.close()
    click.echo(f"rebuilt up to position {ledger.head}")


def make_anew(
    ledger: Ledger, data: Path, *, tenant: str, key_file: KeySource | None = None
) -> None:
    """Make the read models in a folder anew from the log, with a bar.

    Raises:
        ProjectionEndedError: one of the processes that share the work ended.

    """
    # Other processes open the log themselves, and so they have to be told of its key.
    is_told = key_file is not None or default_key_file(data).exists()
    if ledger.head < _LONG or not is_told:
        remove(data)
        bring_up_to_date(ledger, data, tenant=tenant)
        return
    for name, kind in ((FILE, resources()), (AUDIT_FILE, audit_events(tenant))):
        replace(Draft(ledger, data / name, kind, key_file), bar)


def bring_up_to_date(ledger: Ledger, data: Path, *, tenant: str) -> None:
    """Let the read models in a folder show all that the log holds now, with a bar."""

    def models(name: str, secret: str) -> "closing[Database]":
        return closing(sound(data / name, ledger.derive(secret), head=ledger.head))

    with models(FILE, "projections") as database, models(AUDIT_FILE, "audit") as audits:
        asyncio.run(_project(Projector(ledger, database), ledger.head))
        auditing = AuditProjector(ledger, audits, tenant=tenant, settle=settled)
        asyncio.run(_project(auditing, ledger.head))


async def _project(projector: Projector, head: int) -> None:
    with bar("Rebuilding") as progress:
        await projector.catch_up(
            lambda position: progress(min(position, head), head), until=head
        )
