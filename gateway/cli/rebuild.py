"""`triage-gateway rebuild`: drop the read models and make them anew from the log."""

import asyncio
from contextlib import closing
from pathlib import Path

import click

from domain.events import REGISTRY
from gateway.cli.progress import bar
from gateway.projections.audit import AuditProjector, settled
from gateway.projections.database import AUDIT_FILE, FILE, Database, remove
from gateway.projections.projector import Projector
from gateway.store.errors import StoreError
from gateway.store.ledger import Ledger


@click.command()
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Data folder of a stopped gateway.",
)
@click.option("--tenant", default="default", help="The log's tenant.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Key-encryption key; default: the one in the data folder.",
)
def rebuild(data: Path, tenant: str, key_file: Path | None) -> None:
    """Drop and rebuild the read models of a stopped gateway."""
    try:
        ledger = Ledger.open(data, registry=REGISTRY, tenant=tenant, kek_file=key_file)
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    try:
        remove(data)
        with (
            closing(Database(data / FILE, ledger.derive("projections"))) as database,
            closing(Database(data / AUDIT_FILE, ledger.derive("audit"))) as audits,
        ):
            asyncio.run(_project(Projector(ledger, database), ledger.head))
            auditing = AuditProjector(ledger, audits, tenant=tenant, settle=settled)
            asyncio.run(_project(auditing, ledger.head))
    finally:
        ledger.close()
    click.echo(f"rebuilt up to position {ledger.head}")


async def _project(projector: Projector, head: int) -> None:
    with bar("Rebuilding") as progress:
        await projector.catch_up(lambda position: progress(position, head))
