"""`triage-gateway keys`: make the key pair of a SMART client."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.access.jose import new_key_pair

_OWNER_ONLY = 0o600


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", help="The key's kid (default: the date).")
def keys(file: Path, name: str | None) -> None:
    """Make a key pair: the private half into FILE, for the client alone.

    The public half is printed, for [[clients]] in the gateway's settings.
    """
    private, public = new_key_pair(name or f"{datetime.now(UTC):%Y-%m-%d}")
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    except OSError as error:
        raise click.ClickException(
            f"Cannot make {file} ({error.strerror}): name a file that is not there yet."
        ) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as written:
        json.dump(private, written)
    click.echo("[[clients.jwks.keys]]")
    for field, value in public.items():
        click.echo(f"{field} = {json.dumps(value)}")
