"""`triage-gateway erase`: destroy what the gateway knows of a patient, and prove it."""

from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click

from domain.retained import PatientErased
from gateway.audit import due
from gateway.audit.erasure import (
    Decision,
    ErasureUnit,
    jobs_of,
    survey,
    wrapped_keys,
)
from gateway.audit.knowledge import untold
from gateway.audit.marks import Marks
from gateway.audit.survey import Survey
from gateway.audit.traces import search
from gateway.cli.key_source import KEY
from gateway.cli.own_log import BY, DATA, PATIENT, name_of, own_log
from gateway.cli.progress import bar
from gateway.cli.rebuild import bring_up_to_date
from gateway.intake.erasures import complete, of_patient, proof_of
from gateway.store.erasures import FOLDER, SUFFIX, keep
from gateway.store.keysource import KeySource
from gateway.store.ledger import Ledger
from gateway.store.spool import Spool


@click.command()
@DATA
@KEY
@PATIENT
@click.option("--due", "when_due", is_flag=True, help="All who were kept long enough.")
@BY
@click.option("--reason", default="request", show_default=True, help="A code.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
def erase(
    *,
    data: Path,
    key_file: KeySource | None,
    patient: str | None,
    when_due: bool,
    by: str,
    reason: str,
    yes: bool,
) -> None:
    """Erase a patient from a stopped gateway: keys, read models, answers, traces."""
    if bool(patient) == when_due:
        raise click.UsageError("Name one --patient, or ask for all that are --due.")
    decision = Decision(by=by, reason=reason, at=datetime.now(UTC))
    with own_log(data, key_file) as ledger, _spool(data, ledger) as spool:
        complete(ledger, spool, data)
        work = _Work(ledger, spool, data, decision)
        if patient:
            work.erase(name_of(patient), ask=not yes)
            return
        for each in due.patients(ledger, decision.at):
            click.echo(f"due: {each}")
            work.erase(each, ask=not yes)


class _Work:
    """Erasures in one data folder, by one decision."""

    def __init__(
        self, ledger: Ledger, spool: Spool, data: Path, decision: Decision
    ) -> None:
        self._ledger = ledger
        self._spool = spool
        self._data = data
        self._decision = decision

    def erase(self, patient: str, *, ask: bool) -> None:
        """Erase a patient; say what went, what stays, and where the proof is."""
        with bar("Reading the log") as progress:
            found = survey(self._ledger, patient, progress)
        if not found.keys and self._was_erased(patient):
            return
        unit = ErasureUnit(
            survey=found,
            jobs=jobs_of(self._spool, found.marks),
            decision=self._decision,
        )
        if found.keys and ask:
            _confirm(patient, found)
        keys = wrapped_keys(self._ledger, found.keys)
        event = self._ledger.submit_sync(unit)
        complete(self._ledger, self._spool, self._data)
        self._tell(event, found)
        self._bring_up_to_date()
        self._look(found.marks, keys)

    def _was_erased(self, patient: str) -> bool:
        """Finish what an earlier erasure of the same patient may have left undone."""
        earlier = list(of_patient(self._ledger, patient))
        for each in earlier:
            path = keep(self._data, proof_of(self._ledger, each))
            click.echo(f"erased before, nothing has come since; proof: {path}")
        if earlier:
            self._bring_up_to_date()
        return bool(earlier)

    def _tell(self, event: PatientErased, found: Survey) -> None:
        click.echo(f"erased: {event.events} events, {len(event.keys)} data keys")
        if event.jobs:
            click.echo(f"answers of asynchronous requests removed: {len(event.jobs)}")
        if found.mentions:
            click.echo(
                f"events of others that still name the patient: {found.mentions} "
                "(docs/erasure.md says which these may be)"
            )
        click.echo(f"proof: {self._data / FOLDER / event.erasure_id}{SUFFIX}")

    def _bring_up_to_date(self) -> None:
        tenant = self._ledger.log.reader.names.tenant
        bring_up_to_date(self._ledger, self._data, tenant=tenant)

    def _look(self, marks: Marks, keys: Collection[bytes]) -> None:
        values = marks.values()
        telling = untold(self._data, values)
        if len(telling) < len(values):
            click.echo(
                f"values that the knowledge base states, too, and that tell nobody: "
                f"{len(values) - len(telling)}"
            )
        traces = search(self._data, telling, keys)
        click.echo(
            f"searched {traces.files} files, {traces.bytes} bytes, for {traces.values} "
            f"values ({traces.left_out} too short to tell)"
        )
        if traces.found:
            names = ", ".join(str(each) for each in traces.found)
            raise click.ClickException(
                f"Values of the patient, or a data key, are still in {names}. The "
                "gateway did not write them there: remove these files."
            )
        click.echo("no value of the patient was found in any file")


def _spool(data: Path, ledger: Ledger) -> "closing[Spool]":
    return closing(Spool(data, ledger.derive("jobs")))


def _confirm(patient: str, found: Survey) -> None:
    events = sum(last - first + 1 for first, last in found.positions)
    identity = patient.rpartition("/")[2]
    typed = click.prompt(
        f"{events} events will be unreadable for ever. Type the patient's id, or y",
        default="",
        show_default=False,
    )
    if typed not in ("y", identity, patient):
        raise click.ClickException("Nothing was erased.")
