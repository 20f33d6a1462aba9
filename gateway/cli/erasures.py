"""`triage-gateway erasures`: the proofs of what was erased, checked."""

from pathlib import Path

import click

from gateway.cli.own_log import said
from gateway.store.erasures import kept
from gateway.store.founding import read_identity
from gateway.store.reading import snapshot


@click.command()
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Data folder of a stopped or a running gateway.",
)
@click.option("--public-key", help="A key as you know it (64 hexadecimal digits).")
def erasures(data: Path, public_key: str | None) -> None:
    """Print every proof of an erasure, and say whether the log's key signed it."""
    with said():
        with snapshot(data) as connection:
            identity = read_identity(connection)
        proofs = kept(data)
    if identity is None:
        raise click.ClickException(f"The log in {data} was never begun.")
    try:
        key = bytes.fromhex(public_key) if public_key else identity.public_key
    except ValueError:
        raise click.BadParameter("--public-key takes 64 hexadecimal digits.") from None
    unsigned = 0
    for proof in proofs:
        click.echo(proof.erasure.statement, nl=False)
        holds = proof.is_signed(identity.origin, key)
        unsigned += not holds
        click.echo("signed by this log\n" if holds else "NOT signed by this key\n")
    if unsigned:
        raise click.ClickException(f"{unsigned} proofs are not signed by this key.")
