"""`triage-gateway audit witness`: give one witness the newest checkpoint by hand."""

import asyncio
from pathlib import Path

import click

from gateway.cli.audit_options import DATA
from gateway.cli.filled import FILLED
from gateway.settings.witnesses import Witness
from gateway.workers.witnessing import Witnessing


@click.command("witness")
@DATA
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the newest checkpoint in this folder.",
)
@click.option(
    "--repository",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Commit it to this git repository.",
)
@click.option("--push", is_flag=True, help="Push that repository's branch, too.")
@click.option("--url", help="Send it to this address (c2sp.org/tlog-witness).")
@click.option(
    "--key", type=FILLED, help="That witness's key, as name+id+key: it must cosign."
)
def tell_witness(
    *,
    data: Path,
    folder: Path | None,
    repository: Path | None,
    push: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Give a witness the newest checkpoint, if the log grew from what it saw.

    It need not be one of the settings, which are not read.
    """
    try:
        witness = Witness(
            name="by-hand",
            folder=folder,
            repository=repository,
            push=push,
            url=url,
            key=key,
        )
        said = asyncio.run(Witnessing(data, [witness]).once())[witness.name]
    except ValueError as error:  # EvidenceError and pydantic's are among them
        raise click.UsageError(str(error)) from None
    if said:
        raise click.ClickException(said)
    click.echo("the witness has the newest checkpoint")
