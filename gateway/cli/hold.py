"""`triage-gateway hold`: keep a patient's data, whoever asks for their erasure."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click

from domain.keeping import HoldPatient, LiftHold
from gateway.cli.key_source import KEY
from gateway.cli.own_log import BY, DATA, PATIENT, name_of, own_log
from gateway.intake.retention import HoldUnit
from gateway.store.keysource import KeySource
from gateway.store.records import Context

ACTOR = "triage-gateway hold"


@click.command()
@DATA
@KEY
@PATIENT
@click.option("--set/--lift", "sets", default=None, help="Set the hold, or lift it.")
@BY
@click.option("--reason", required=True, help="Why: kept with the patient's data.")
def hold(
    *,
    data: Path,
    key_file: KeySource | None,
    patient: str | None,
    sets: bool | None,
    by: str,
    reason: str,
) -> None:
    """Set or lift a legal hold on a patient's data, in a stopped gateway."""
    if not patient or sets is None:
        raise click.UsageError("Name the --patient, and say --set or --lift.")
    at = datetime.now(UTC)
    kind = HoldPatient if sets else LiftHold
    unit = HoldUnit(
        patient=name_of(patient),
        command=kind(by=by, reason=reason, at=at),
        context=Context(at=at, actor=ACTOR, request=str(uuid4())),
    )
    with own_log(data, key_file) as ledger:
        changed = ledger.submit_sync(unit)
    done = "set" if sets else "lifted"
    click.echo(f"hold {done}" if changed else "the hold was set before")
