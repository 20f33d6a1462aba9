"""`triage-gateway restore`: a data folder from a backup, without whom was erased."""

from pathlib import Path

import click

from gateway.cli.audit_options import PublicKey
from gateway.cli.filled import FILLED
from gateway.cli.key_source import KEY
from gateway.cli.own_log import said
from gateway.cli.restoration import Restoration, carry_out
from gateway.store.keysource import KeySource, resolved
from gateway.store.server import Server

_SCHEMA = "triage_gateway"


@click.command()
@click.option(
    "--from",
    "backup",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The backup.",
)
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Data folder to make; it must not be there, or be empty.",
)
@KEY
@click.option(
    "--newer",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The old data folder, or a newer backup: who was erased there stays erased.",
)
@click.option(
    "--proofs",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder with proofs of erasures ('erasures' in a data folder), likewise.",
)
@click.option(
    "--public-key",
    "public_keys",
    multiple=True,
    type=PublicKey(),
    help="A signing key that is newer than the backup, which signed a proof.",
)
@click.option(
    "--no-newer",
    is_flag=True,
    help="Nothing newer is left, and nobody was erased since the backup.",
)
@click.option(
    "--since",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A checkpoint of this log that you, an auditor or a witness kept.",
)
@click.option(
    "--accept-loss",
    is_flag=True,
    help="Restore although events are known that the backup does not hold.",
)
@click.option("--verify", is_flag=True, help="Replay the restored log, too.")
@click.option(
    "--database-url", type=FILLED, help="Restore into this PostgreSQL database."
)
@click.option("--database-schema", default=_SCHEMA, help="Its schema.")
def restore(
    *,
    backup: Path,
    data: Path,
    key_file: KeySource | None,
    newer: tuple[Path, ...],
    proofs: tuple[Path, ...],
    public_keys: tuple[bytes, ...],
    no_newer: bool,
    since: tuple[Path, ...],
    accept_loss: bool,
    verify: bool,
    database_url: str | None,
    database_schema: str,
) -> None:
    """Make a data folder from a backup, prove it, and erase again who was erased."""
    if bool(newer or proofs) == no_newer:
        raise click.UsageError(
            "Name the old data folder or a newer backup with --newer, or a folder of "
            "proofs with --proofs, so that nobody who was erased comes back; or say "
            "--no-newer if nothing is left and nobody was erased since the backup."
        )
    server = Server(database_url, database_schema) if database_url else None
    asked = Restoration(
        backup=backup,
        data=data,
        key_file=resolved(key_file),
        server=server,
        since=since,
        newer=newer,
        proofs=proofs,
        public_keys=public_keys,
        accept_loss=accept_loss,
        verify=verify,
    )
    with said():
        carry_out(asked)
