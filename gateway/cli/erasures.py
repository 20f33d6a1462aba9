"""`triage-gateway erasures`: the proofs of what was erased, checked."""

from pathlib import Path

import click

from gateway.cli.audit_options import PublicKey
from gateway.cli.own_log import said
from gateway.store.erasures import kept
from gateway.store.founding import require_begun
from gateway.store.handover import signing_keys
from gateway.store.reading import snapshot


@click.command()
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Data folder of a stopped or a running gateway.",
)
@click.option("--public-key", type=PublicKey(), help="A key of it as you know it.")
def erasures(data: Path, public_key: bytes | None) -> None:
    """Print every proof of an erasure, and say whether the log's key signed it."""
    with said():
        with snapshot(data) as connection:
            identity = require_begun(connection, data)
            keys = signing_keys(connection, identity)
        proofs = kept(data)
    if public_key is not None and public_key not in dict(keys).values():
        raise click.ClickException(
            "No key that this log ever had is the one you gave: it is another log's, "
            "or this one was made anew."
        )
    unsigned = 0
    for proof in proofs:
        click.echo(proof.erasure.statement, nl=False)
        holds = proof.is_signed(identity.origin, keys)
        unsigned += not holds
        click.echo("signed by this log\n" if holds else "NOT signed by this log\n")
    if unsigned:
        raise click.ClickException(f"{unsigned} proofs are not signed by this log.")
