"""`triage-gateway backup`: copy a log while its gateway runs, and prove the copy."""

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click

from gateway.cli.audit_options import DATA
from gateway.cli.key_source import KEY
from gateway.cli.own_log import said
from gateway.cli.progress import bar
from gateway.store.backup import BackupRequest, back_up
from gateway.store.keyfile import default_key_file
from gateway.store.keysource import KeySource


@click.command()
@DATA
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder to make; it must not be there.",
)
@KEY
@click.option(
    "--with-key",
    is_flag=True,
    help="Copy the key-encryption key, too: whoever has the backup can read it.",
)
def backup(
    *, data: Path, output: Path, key_file: KeySource | None, with_key: bool
) -> None:
    """Copy the log of a stopped or a running gateway, and prove the copy."""
    key = key_file or default_key_file(data)
    if with_key and not isinstance(key, Path):
        raise click.UsageError("Only a key that lies in a file can be copied.")
    asked = BackupRequest(
        folder=data,
        target=output,
        key=key if with_key and isinstance(key, Path) else None,
        made=datetime.now(UTC).isoformat(),
        program=version("triage-gateway"),
    )
    with said(), bar("Copying and verifying") as progress:
        made = back_up(asked, progress=progress)
    click.echo(f"backed up {made.size} events to {output}; the copy verifies")
    if not with_key:
        click.echo(
            "the key-encryption key is not in it: keep a copy of that elsewhere, "
            "without it nobody can read the backup"
        )
