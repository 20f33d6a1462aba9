"""`triage-gateway rules sign`: record that a clinician answers for the rules."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click

from domain.commands import SignRules
from gateway.cli import running
from gateway.cli.key_source import KEY
from gateway.cli.own_log import own_log
from gateway.intake.rulebook import RulesUnit
from gateway.store.keysource import KeySource
from gateway.store.records import Context

ACTOR = "triage-gateway rules sign"


@click.command("sign")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Data folder of a stopped gateway.",
)
@KEY
@running.URL
@running.TOKEN_ENV
@click.option("--by", required=True, help="The clinician's name.")
@click.option("--role", required=True, help="As what, such as 'ED consultant'.")
@click.option("--registration", default="", help="Number in a professional register.")
@click.option(
    "--hash",
    "catalogue",
    required=True,
    help="Hash of the catalogue, from the page that was reviewed.",
)
def sign(
    *,
    data: Path | None,
    key_file: KeySource | None,
    url: str,
    token_env: str,
    by: str,
    role: str,
    registration: str,
    catalogue: str,
) -> None:
    """Record that a clinician reviewed the rules of one hash and answers for them."""
    if bool(data) == bool(url):
        raise click.UsageError(
            "Say which log: --data of a stopped gateway, or --url of a running one."
        )
    signed = SignRules(
        by=by.strip(),
        role=role.strip(),
        registration=registration.strip(),
        catalogue=catalogue.strip().lower(),
        at=datetime.now(UTC),
    )
    if data is None:
        names = ("by", "role", "registration", "catalogue")
        given = [(name, getattr(signed, name)) for name in names]
        running.ask(f"{url.rstrip('/')}/$sign-rules", token_env, given)
    else:
        _written(data, key_file, signed)
    click.echo(f"signed: catalogue {signed.catalogue}")


def _written(data: Path, key_file: KeySource | None, signed: SignRules) -> None:
    context = Context(at=signed.at, actor=ACTOR, request=str(uuid4()))
    with own_log(data, key_file) as ledger:
        ledger.submit_sync(RulesUnit(command=signed, context=context))
