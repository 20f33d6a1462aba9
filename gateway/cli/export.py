"""`triage-gateway export`: what leaves a log for other uses than care."""

from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.audit.output_folder import OutputFolderError
from gateway.audit.training import export as export_cases
from gateway.audit.training_files import LEAST_K, USUAL_K, ExportError
from gateway.cli.audit_options import DATA
from gateway.cli.key_source import KEY
from gateway.cli.progress import bar
from gateway.store.errors import StoreError
from gateway.store.keysource import KeySource


@click.group()
def export() -> None:
    """Write what others may have of a log."""


@export.command("training")
@DATA
@KEY
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write; new or empty.",
)
@click.option(
    "--k",
    type=click.IntRange(min=LEAST_K),
    default=USUAL_K,
    show_default=True,
    help="Fewest patients that share age band, sex and complaints; rarer cases stay.",
)
@click.option(
    "--omit-history",
    is_flag=True,
    help="Leave out unknown conditions, medications and allergies, not the case.",
)
def export_training(
    data: Path, key_file: KeySource | None, output: Path, k: int, *, omit_history: bool
) -> None:
    """Write every reviewed case that can be shown of nobody, for training."""
    try:
        with bar("Reading") as progress:
            result = export_cases(
                data,
                output,
                kek_file=key_file,
                k=k,
                omit=omit_history,
                today=datetime.now(UTC).date(),
                progress=progress,
            )
    except (ExportError, OutputFolderError, StoreError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"reviewed: {result.reviewed}, written: {result.written}")
    click.echo(f"fewest patients in a cell: {result.k} (asked: {k})")
    for reason, number in result.dropped.items():
        click.echo(f"left out, {reason}: {number}")
