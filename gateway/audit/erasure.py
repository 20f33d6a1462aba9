"""Erase a patient: look, decide and destroy in one transaction, then look again."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from domain import retention
from domain.errors import IllegalTransitionError, PatientHeldError
from domain.keeping import ErasePatient
from domain.retained import PatientErased
from gateway.audit.marks import Marks, Naming
from gateway.audit.remains import leave_in_order
from gateway.audit.survey import Survey
from gateway.intake.retention import load, require_known
from gateway.intake.streams import ERASURES
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.store.schema import SELECT_KEYS, KeyRow, Row
from gateway.store.session import Session
from gateway.store.spool import Spool
from gateway.store.subjects import NOBODY

ACTOR: Final = "triage-gateway erase"
_PAGE: Final = 1000
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Who decided on an erasure, why (a code) and when."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ErasureUnit:
    """Destroys the keys that a survey found, and says so in the log."""

    survey: Survey
    jobs: tuple[str, ...]
    decision: Decision

    def __call__(self, session: Session) -> PatientErased:
        """Append what is to be said, and let the keys go with it.

        Raises:
            RuleError: there is no such patient, a hold is set, or it is too soon.

        """
        survey, decision = self.survey, self.decision
        self._catch_up(session)
        if not survey.keys:
            require_known(session, survey.patient)
        self._require_nobody_held()
        command = ErasePatient(
            erasure_id=str(uuid4()),
            patient=session.derive("erased", survey.patient),
            keys=tuple(sorted(survey.keys)),
            positions=survey.positions,
            cases=survey.cases,
            jobs=self.jobs,
            last_activity=survey.last_activity,
            reason=decision.reason,
            by=decision.by,
            at=decision.at,
        )
        (event,) = retention.decide(command, load(session, survey.patient))
        context = Context(at=decision.at, actor=ACTOR, request=command.erasure_id)
        leave_in_order(session, survey.streams, survey.keys, context)
        session.append(ERASURES, [event], subject=NOBODY, context=context)
        session.destroy(command.keys)
        if not isinstance(event, PatientErased):
            raise TypeError("An erasure is granted by its own event.")
        return event

    def _catch_up(self, session: Session) -> None:
        """Look at what was appended since the survey; nobody else writes now."""
        rows = session.rows_after(self.survey.head)
        keys = _alive(session.keys_of([self.survey.patient]))
        opened = [(row, session.entry(row)) for row in rows]
        self.survey.take(keys, opened)
        self.survey.compare(opened)

    def _require_nobody_held(self) -> None:
        if self.survey.held_with_her:
            raise PatientHeldError(
                "A legal hold is set for another patient whose data would go, too: of "
                "a linked record, or of an entry that names both. Nothing is erased "
                "until it is lifted."
            )


def survey(ledger: Ledger, patient: str, progress: Progress) -> Survey:
    """Read the whole log for a patient: first hers, then what names her."""
    reader, recorder = ledger.log.reader, ledger.log.recorder
    found = Survey(reader.names, patient, _tags(ledger))
    keys = _alive(recorder.keys_of([reader.names.subject(patient)]))
    for page in _pages(ledger):
        found.take(keys, ((r, reader.entry(r)) for r in page if r.key_id in keys))
    for page in _pages(ledger):
        found.compare((row, reader.entry(row)) for row in page)
        progress(found.head, ledger.head)
    for position in found.unlearned:
        for row in recorder.rows_after(position - 1, 1):
            if (entry := reader.entry(row)) is not None:
                found.learn(row, entry)
    return found


def jobs_of(spool: Spool, marks: Marks) -> tuple[str, ...]:
    """Return the accepted requests whose answers tell of a patient.

    Raises:
        IllegalTransitionError: one that may name her is still to be carried out.

    """
    named: list[str] = []
    for job in spool.every():
        content = spool.content(job.id, done=job.done)
        naming = marks.naming([job.head, content])
        if naming is Naming.SURELY:
            named.append(job.id)
        if naming and not job.done:
            raise IllegalTransitionError(
                "A request that was accepted for later names this patient, or somebody "
                "alike, and is not done yet: start the gateway and let it finish, then "
                "erase."
            )
    return tuple(named)


def _tags(ledger: Ledger) -> set[bytes]:
    """Return the tags of all who have, or had, a data key of their own."""
    with ledger.log.recorder.database.reading() as statements:
        rows = (KeyRow._make(each) for each in statements.execute(SELECT_KEYS))
        return {each.subject_tag for each in rows}


def _alive(keys: Iterable[KeyRow]) -> set[bytes]:
    return {each.key_id for each in keys if each.wrapped is not None}


def _pages(ledger: Ledger) -> Iterator[list[Row]]:
    position = 0
    while rows := ledger.log.recorder.rows_after(position, _PAGE):
        yield [row for row in rows if row.key is not None]  # else it is the log's own
        position = rows[-1].position
