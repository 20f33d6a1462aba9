"""`triage-gateway erase`: destroy what the gateway knows of a patient, and prove it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from domain.errors import RuleError
from domain.retained import PatientErased
from gateway.audit import due
from gateway.audit.erasure import Decision, ErasureUnit, jobs_of
from gateway.audit.foretold import foretold
from gateway.audit.reading import Reading
from gateway.audit.scratch import sweep
from gateway.audit.survey import Survey
from gateway.audit.wanted import Wanted, wanted
from gateway.cli.erase_search import faults_after, faults_unsearched, require_apart
from gateway.cli.key_source import KEY
from gateway.cli.own_log import BY, DATA, PATIENT, name_of, own_log
from gateway.cli.progress import bar
from gateway.cli.rebuild import bring_up_to_date
from gateway.intake.erasures import complete, of_patient, proof_of, shed
from gateway.intake.streams import ERASURES
from gateway.projections.database import AUDIT_FILE, FILE, Database
from gateway.projections.purge import has_unfinished
from gateway.store.erasures import FOLDER, SUFFIX
from gateway.store.keysource import KeySource
from gateway.store.ledger import Ledger
from gateway.store.records import Recorded
from gateway.store.spool import Spool

_AT_ONCE: Final = 200
"""Patients for whom the log is read together: all that tells them is in memory."""
_READ_MODELS: Final = {FILE: "projections", AUDIT_FILE: "audit"}
"""The secret of each file."""


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
        if faults := list(work.faults()):
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
        self._wanted: list[Wanted] = []  # of those who were erased
        self._unsearched: set[bytes] = set()  # keys destroyed by earlier commands
        self._kept = 0  # who were due and were not erased

    def complete(self) -> None:
        """Finish what an earlier erasure may have left undone."""
        for event in complete(self._ledger, self._spool, self._data):
            click.echo(f"an erasure that was cut off is complete: {event.erasure_id}")
            self._unsearched.update(event.keys)
        shown = min(self._shown())
        for each in self._ledger.stream(ERASURES):
            if isinstance(each, Recorded) and each.position > shown:
                self._unsearched.update(getattr(each.event, "keys", ()))

    def erase_due(self, *, ask: bool) -> None:
        """Erase all who were kept long enough; who cannot go is passed over."""
        patients = due.patients(self._ledger, self._decision.at)
        for first in range(0, len(patients), _AT_ONCE):
            several = patients[first : first + _AT_ONCE]
            reading = self._read(*several)
            for each in several:
                click.echo(f"due: {each}")
                try:
                    self._erase(reading, each, ask=ask)
                except (RuleError, click.ClickException) as error:
                    click.echo(f"not erased: {error}")
                    self._kept += 1

    def erase(self, patient: str, *, ask: bool) -> None:
        """Erase a patient; say what went, what stays, and where the proof is."""
        self._erase(self._read(patient), patient, ask=ask)

    def _read(self, *patients: str) -> Reading:
        reading = Reading(self._ledger, patients)
        with bar("Reading the log") as progress:
            reading.whole(progress)
        return reading

    def _erase(self, reading: Reading, patient: str, *, ask: bool) -> None:
        found = reading.further(patient)
        if not found.keys and self._was_erased(patient):
            return
        jobs = jobs_of(self._spool, found.marks)
        for line in foretold(found):
            click.echo(line)
        if found.keys:
            require_apart(self._data, wanted(self._ledger, found))
        if found.keys and ask:
            _confirm(patient, found)
        reading.further(patient)  # what came by now: the less is read while others wait
        unit = ErasureUnit(
            ledger=self._ledger,
            reading=reading,
            patient=patient,
            wanted=wanted(self._ledger, found),
            jobs=jobs,
            decision=self._decision,
        )
        done = self._ledger.submit_sync(unit)
        self._wanted.append(done.wanted)
        complete(self._ledger, self._spool, self._data)
        self._tell(done.event, found)

    def faults(self) -> Iterator[str]:
        """Bring the read models up to date; give what is left, and who."""
        left = ""
        if self._wanted or self._unsearched:
            left = shed(self._ledger)
            self._bring_up_to_date()
            yield from self._unfinished()
        if self._unsearched:
            yield from faults_unsearched(self._data, self._unsearched)
        if self._wanted:
            yield from faults_after(self._data, Wanted.of(self._wanted))
        if self._kept:
            yield f"Not erased, though due: {self._kept} (see above)."
        if left:
            yield left
        else:
            self._prove()

    def _prove(self) -> None:
        """Make the proofs that had to wait until the log's files were clean."""
        for event in complete(self._ledger, self._spool, self._data):
            click.echo(f"proof: {self._where(event.erasure_id)}")

    def _was_erased(self, patient: str) -> bool:
        """Say that a patient was erased before, and which proof there is."""
        earlier = list(of_patient(self._ledger, patient))
        for each in earlier:
            erasure = proof_of(self._ledger, each).erasure
            where = self._where(erasure.erasure_id)
            click.echo(f"erased before, nothing has come since; proof: {where}")
            self._unsearched.update(erasure.keys)
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
        click.echo(f"proof: {self._where(event.erasure_id)}")

    def _where(self, erasure_id: str) -> str:
        path = self._data / FOLDER / f"{erasure_id}{SUFFIX}"
        return str(path) if path.exists() else "none yet, as is said below"

    def _bring_up_to_date(self) -> None:
        tenant = self._ledger.log.reader.names.tenant
        bring_up_to_date(self._ledger, self._data, tenant=tenant)

    def _shown(self) -> Iterator[int]:
        """Give how far the log is shown; by what is not there nothing is shown."""
        yield self._ledger.head
        for name, secret in _READ_MODELS.items():
            path, key = self._data / name, self._ledger.derive(secret)
            if path.exists():
                try:
                    with closing(Database(path, key, readonly=True)) as database:
                        yield database.position()
                except sqlite3.DatabaseError:  # it will be made anew
                    yield 0

    def _unfinished(self) -> Iterator[str]:
        for name, secret in _READ_MODELS.items():
            key = self._ledger.derive(secret)
            with closing(Database(self._data / name, key, readonly=True)) as database:
                if has_unfinished(database):
                    yield (
                        f"Not all of an erasure could be carried out in {name}: it, or "
                        "an event, is damaged. Run 'triage-gateway rebuild' on this "
                        "folder, then 'triage-gateway audit verify'."
                    )


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
