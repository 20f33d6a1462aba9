"""`triage-gateway model suspend` and `resume`: the switch, by hand."""

from datetime import UTC, datetime
from uuid import uuid4

import click

from domain.switching import ResumeModel, SuspendModel
from gateway.cli.model_release import ACTOR, BY
from gateway.cli.where import Where, somewhere
from gateway.intake.serving import ServingUnit
from gateway.store.records import Context

_REASON = click.option("--reason", required=True, help="Why; nurses read it.")


@click.command()
@BY
@_REASON
@somewhere
def suspend(*, where: Where, by: str, reason: str) -> None:
    """Switch the model off: the rules stand alone, until somebody resumes it."""
    at = datetime.now(UTC)
    _switch(where, SuspendModel(by=by.strip(), reason=reason.strip(), at=at), "off")
    click.echo("the model is switched off: the rules stand alone")


@click.command()
@BY
@_REASON
@somewhere
def resume(*, where: Where, by: str, reason: str) -> None:
    """Switch the model on again."""
    at = datetime.now(UTC)
    _switch(where, ResumeModel(by=by.strip(), reason=reason.strip(), at=at), "on")
    click.echo("the model is switched on")


def _switch(where: Where, command: SuspendModel | ResumeModel, to: str) -> None:
    context = Context(at=command.at, actor=ACTOR, request=str(uuid4()))
    where.decide(
        ServingUnit(command=command, context=context),
        operation="$switch-model",
        given=(("to", to), ("by", command.by), ("reason", command.reason)),
    )
