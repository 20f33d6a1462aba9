"""Erase a patient: look, decide and destroy in one transaction, then look again."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from domain import assessment, retention
from domain.commands import InformCase
from domain.errors import IllegalTransitionError
from domain.events import RecordWithdrawn
from domain.keeping import ErasePatient
from domain.retained import PatientErased
from domain.values import Reference
from gateway.audit.marks import Marks
from gateway.audit.survey import Survey
from gateway.intake.retention import load, require_known
from gateway.intake.streams import ERASURES, case_stream, record_stream
from gateway.intake.subjects import of_case, of_record
from gateway.intake.triage import load_case
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.store.schema import SELECT_KEYS, KeyRow, Row
from gateway.store.session import Session
from gateway.store.spool import Spool
from gateway.store.subjects import NOBODY

ACTOR: Final = "triage-gateway erase"
_PAGE: Final = 1000
_OWN_BYTES: Final = 32  # of a wrapped key: the end of its ciphertext, and the tag
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
        require_known(session, survey.patient)
        self._catch_up(session)
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
        self._leave_others_in_order(session, context)
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

    def _leave_others_in_order(self, session: Session, context: Context) -> None:
        """Say what the erasure means to the data of others that hers were mixed with.

        A resource that was another patient's before it was hers was corrected then: it
        must not come back. A case of a linked record was judged on her data, too: it
        is judged again without them.
        """
        for reference, newest, owner in self.survey.reappearing():
            gone = Reference(type=reference.type, id=reference.id, version=newest + 1)
            session.append(
                record_stream(reference),
                [RecordWithdrawn(reference=gone)],
                subject=of_record(reference, owner),
                context=context,
            )
        for case_id in self.survey.partial_cases():
            state = load_case(session, case_id)
            if not state.reviewed:
                command = InformCase(encounter=None, triggers=())
                events = assessment.decide(command, state)
                subject = of_case(state.patient)
                session.append(
                    case_stream(case_id), events, subject=subject, context=context
                )


def survey(ledger: Ledger, patient: str, progress: Progress) -> Survey:
    """Read the whole log for a patient: first hers, then what names her."""
    found = Survey(ledger.log.reader.names, patient)
    tag = ledger.log.reader.names.subject(patient)
    keys = _alive(ledger.log.recorder.keys_of([tag]))
    reader = ledger.log.reader
    for page in _pages(ledger):
        found.take(keys, ((r, reader.entry(r)) for r in page if r.key_id in keys))
    for page in _pages(ledger):
        found.compare((row, reader.entry(row)) for row in page)
        progress(found.head, ledger.head)
    return found


def wrapped_keys(ledger: Ledger, keys: Collection[bytes]) -> list[bytes]:
    """Return data keys as they are stored, each without what it shares with others."""
    with ledger.log.recorder.database.reading() as statements:
        rows = [KeyRow._make(each) for each in statements.execute(SELECT_KEYS)]
    return [
        each.wrapped[-_OWN_BYTES:]
        for each in rows
        if each.key_id in keys and each.wrapped is not None
    ]


def jobs_of(spool: Spool, marks: Marks) -> tuple[str, ...]:
    """Return the accepted requests whose answers tell of a patient.

    Raises:
        IllegalTransitionError: one is still to be carried out.

    """
    named: list[str] = []
    for job in spool.every():
        content = spool.content(job.id, done=job.done)
        if not marks.found_in([job.head, content]):
            continue
        if not job.done:
            raise IllegalTransitionError(
                "A request that was accepted for later names this patient and is not "
                "done yet: start the gateway and let it finish, then erase."
            )
        named.append(job.id)
    return tuple(named)


def _alive(keys: Iterable[KeyRow]) -> set[bytes]:
    return {each.key_id for each in keys if each.wrapped is not None}


def _pages(ledger: Ledger) -> Iterator[list[Row]]:
    position = 0
    while rows := ledger.log.recorder.rows_after(position, _PAGE):
        yield [row for row in rows if row.key is not None]  # else it is the log's own
        position = rows[-1].position
