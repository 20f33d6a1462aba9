"""`triage-gateway token`: make a bearer token and the hash that the settings keep."""

import hashlib
import secrets

import click

_BYTES = 32


@click.command()
def token() -> None:
    """Print a new bearer token, and its SHA-256 for [[clients]] in the settings."""
    made = secrets.token_urlsafe(_BYTES)
    click.echo(f"token (give it to the client, it is not kept): {made}")
    digest = hashlib.sha256(made.encode()).hexdigest()
    click.echo(f'token_sha256 = "{digest}"')
