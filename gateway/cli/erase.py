"""`triage-gateway erase`: destroy what the gateway knows of a patient, and prove it."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click

from domain.errors import RuleError
from domain.retained import PatientErased
from gateway.audit import due
from gateway.audit.erasure import (
    Decision,
    ErasureUnit,
    jobs_of,
    survey,
)
from gateway.audit.foretold import foretold
from gateway.audit.scratch import sweep
from gateway.audit.survey import Survey
from gateway.audit.wanted import Wanted, wanted
from gateway.cli.erase_search import faults_after, faults_unsearched, require_apart
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
        work = _Work(ledger, spool, data, decision)
        work.complete()
        sweep()
        try:
            if patient:
                work.erase(name_of(patient), ask=not yes)
            else:
                work.erase_due(ask=not yes)
        except BaseException:  # some may have been erased before it was broken off
            for fault in work.faults():
                click.echo(fault)
            raise
        if faults := work.faults():
            raise click.ClickException(" ".join(faults))


class _Work:
    """Erasures in one data folder, by one decision."""

    def __init__(
        self, ledger: Ledger, spool: Spool, data: Path, decision: Decision
    ) -> None:
        self._ledger = ledger
        self._spool = spool
        self._data = data
        self._decision = decision
        self._wanted: Wanted | None = None  # of those who were erased
        self._unsearched: set[bytes] = set()  # keys destroyed by earlier commands
        self._kept = 0  # who were due and were not erased

    def complete(self) -> None:
        """Finish what an earlier erasure may have left undone."""
        for event in complete(self._ledger, self._spool, self._data):
            click.echo(f"an erasure that was cut off is complete: {event.erasure_id}")
            self._unsearched.update(event.keys)

    def erase_due(self, *, ask: bool) -> None:
        """Erase all who were kept long enough; who cannot go is passed over."""
        for each in due.patients(self._ledger, self._decision.at):
            click.echo(f"due: {each}")
            try:
                self.erase(each, ask=ask)
            except (RuleError, click.ClickException) as error:
                click.echo(f"not erased: {error}")
                self._kept += 1

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
        for line in foretold(found):
            click.echo(line)
        sought = wanted(self._ledger, found)
        if found.keys:
            require_apart(self._data, sought)
        if found.keys and ask:
            _confirm(patient, found)
        event = self._ledger.submit_sync(unit)
        self._wanted = sought if self._wanted is None else self._wanted | sought
        complete(self._ledger, self._spool, self._data)
        self._tell(event, found)

    def faults(self) -> list[str]:
        """Bring the read models up to date; return what is left, and who."""
        faults: list[str] = []
        if self._wanted or self._unsearched:
            self._bring_up_to_date()
        if self._unsearched:
            faults += faults_unsearched(self._data, self._unsearched)
        if self._wanted:
            faults += faults_after(self._data, self._wanted)
        if self._kept:
            faults.append(f"Not erased, though due: {self._kept} (see above).")
        return faults

    def _was_erased(self, patient: str) -> bool:
        """Say that a patient was erased before, and make the proof again."""
        earlier = list(of_patient(self._ledger, patient))
        for each in earlier:
            proof = proof_of(self._ledger, each)
            path = keep(self._data, proof)
            click.echo(f"erased before, nothing has come since; proof: {path}")
            self._unsearched.update(proof.erasure.keys)
        return bool(earlier)

    def _tell(self, event: PatientErased, found: Survey) -> None:
        click.echo(f"erased: {event.events} events, {len(event.keys)} data keys")
        if event.jobs:
            click.echo(f"answers of asynchronous requests removed: {len(event.jobs)}")
        if found.mentions:
            click.echo(
                f"events of others that still name the patient: {found.mentions} "
                "(or somebody alike; docs/erasure.md says which these may be)"
            )
        click.echo(f"proof: {self._data / FOLDER / event.erasure_id}{SUFFIX}")

    def _bring_up_to_date(self) -> None:
        tenant = self._ledger.log.reader.names.tenant
        bring_up_to_date(self._ledger, self._data, tenant=tenant)


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
