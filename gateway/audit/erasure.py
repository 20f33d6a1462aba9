"""Erase a patient: look, decide and destroy in one transaction, then look again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from domain import retention
from domain.errors import IllegalTransitionError, PatientHeldError
from domain.keeping import ErasePatient
from domain.retained import PatientErased
from gateway.audit.marks import Marks, Naming
from gateway.audit.reading import Reading
from gateway.audit.remains import leave_in_order
from gateway.audit.survey import ACTOR, Survey
from gateway.audit.wanted import Wanted, wanted
from gateway.intake.retention import load, require_known
from gateway.intake.streams import ERASURES
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.store.session import Session
from gateway.store.spool import Spool
from gateway.store.subjects import NOBODY


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Who decided on an erasure, why (a code) and when."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """What was done, and what no file may hold from here on."""

    event: PatientErased
    wanted: Wanted


@dataclass(frozen=True, kw_only=True)
class ErasureUnit:
    """Destroys the keys that a reading found, and says so in the log."""

    ledger: Ledger
    reading: Reading
    patient: str
    wanted: Wanted  # as far as was known before
    jobs: tuple[str, ...]
    decision: Decision

    def __call__(self, session: Session) -> Erasure:
        """Append what is to be said, and let the keys go with it.

        Raises:
            RuleError: there is no such patient, a hold is set, it is too soon, or new
                data came.

        """
        survey, decision = self._survey(session), self.decision
        sought = self._sought(survey)
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
        return Erasure(event=event, wanted=sought)

    def _survey(self, session: Session) -> Survey:
        """Look at what was appended since the reading; nobody else writes now."""
        survey = self.reading.further(self.patient)
        survey.require_current()
        if not survey.keys:
            require_known(session, survey.patient)
        if survey.held_with_her:
            raise PatientHeldError(
                "A legal hold is set for another patient whose data would go, too: of "
                "a linked record, or of an entry that names both. Nothing is erased "
                "until it is lifted."
            )
        return survey

    def _sought(self, survey: Survey) -> Wanted:
        """Return what to look for, with keys that somebody made meanwhile."""
        if survey.keys <= self.wanted.key_ids:
            return self.wanted
        return Wanted.of([self.wanted, wanted(self.ledger, survey)])


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
