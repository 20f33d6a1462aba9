"""`triage-gateway rules sign`: record that a clinician answers for the rules."""

from datetime import UTC, datetime
from uuid import uuid4

import click

from domain.commands import SignRules
from gateway.cli.where import Where, somewhere
from gateway.intake.rulebook import RulesUnit
from gateway.store.records import Context

ACTOR = "triage-gateway rules sign"


@click.command()
@somewhere
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
    *, where: Where, by: str, role: str, registration: str, catalogue: str
) -> None:
    """Record that a clinician reviewed the rules of one hash and answers for them."""
    signed = SignRules(
        by=by.strip(),
        role=role.strip(),
        registration=registration.strip(),
        catalogue=catalogue.strip().lower(),
        at=datetime.now(UTC),
    )
    names = ("by", "role", "registration", "catalogue")
    context = Context(at=signed.at, actor=ACTOR, request=str(uuid4()))
    where.decide(
        RulesUnit(command=signed, context=context),
        operation="$sign-rules",
        given=[(name, getattr(signed, name)) for name in names],
    )
    click.echo(f"signed: catalogue {signed.catalogue}")
