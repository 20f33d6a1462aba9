"""Legal holds and times of keeping, as units of work."""

from dataclasses import dataclass, replace

from domain import retention
from domain.errors import NoSuchPatientError
from domain.keeping import HoldPatient, LiftHold, StateRetention
from domain.retention import Retention
from gateway.intake.streams import SITE, retention_stream
from gateway.store.records import Context
from gateway.store.session import Session
from gateway.store.subjects import NOBODY


def load(session: Session, patient: str) -> Retention:
    """Return what is known of keeping a patient's data: the hold and the site's rules.

    Both are folded from streams of their own: a hold goes with the patient.
    """
    own, _ = session.load(retention_stream(patient), retention.evolve, retention.NONE)
    site, _ = session.load(retention_stream(SITE), retention.evolve, retention.NONE)
    return replace(site, held=own.held)


def require_known(session: Session, patient: str) -> None:
    """Refuse a patient of whom the log has nothing that can be read.

    Raises:
        NoSuchPatientError: saying so.

    """
    keys = session.keys_of([patient])
    if all(each.wrapped is None for each in keys):
        raise NoSuchPatientError(
            "The log has nothing of this patient"
            + (" any more: the data were erased." if keys else ": look at the id.")
        )


@dataclass(frozen=True, kw_only=True)
class HoldUnit:
    """Sets or lifts a legal hold."""

    patient: str
    command: HoldPatient | LiftHold
    context: Context

    def __call__(self, session: Session) -> bool:
        """Append it; return whether that changed anything.

        Raises:
            RuleError: there is no such patient, or no hold to lift.

        """
        require_known(session, self.patient)
        events = retention.decide(self.command, load(session, self.patient))
        session.append(
            retention_stream(self.patient),
            events,
            subject=self.patient,
            context=self.context,
        )
        return bool(events)


@dataclass(frozen=True, kw_only=True)
class RetentionUnit:
    """Notes the site's settings, where they are not those of before."""

    command: StateRetention
    context: Context

    def __call__(self, session: Session) -> None:
        """Append what changed."""
        state, _ = session.load(
            retention_stream(SITE), retention.evolve, retention.NONE
        )
        events = retention.decide(self.command, state)
        session.append(
            retention_stream(SITE), events, subject=NOBODY, context=self.context
        )
