"""`triage-gateway keys`: key pairs of SMART clients, and the key-encryption key."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.access.jose import new_key_pair
from gateway.cli.key_source import KEY, KeySourceType
from gateway.cli.own_log import DATA, said
from gateway.store.keysource import KeySource
from gateway.store.rotation import rotate

_OWNER_ONLY = 0o600


@click.group()
def keys() -> None:
    """Make a client's key pair, or replace the key-encryption key."""


@keys.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", help="The key's kid (default: the date).")
def pair(file: Path, name: str | None) -> None:
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


@keys.command("rotate")
@DATA
@KEY
@click.option(
    "--to",
    "target",
    type=KeySourceType(),
    help="The new key: a file of 32 random bytes that is there already, env:NAME or "
    "command:WORDS; default: a new one in the place of the old key's file.",
)
def rotate_key(
    data: Path, key_file: KeySource | None, target: KeySource | None
) -> None:
    """Wrap every data key with a new key-encryption key; no event is rewritten.

    Stop every gateway that shares the log first. The old key opens nothing afterwards.
    """
    with said():
        done = rotate(data, source=key_file, target=target)
    if done.completed:
        click.echo("an earlier rotation had been cut off and is complete now")
    click.echo(f"data keys wrapped anew: {done.keys}; the key is that of {done.origin}")
    if done.left:
        click.echo(done.left)
    if target is not None:
        click.echo("name it in the settings before the next start")
