"""A unit of an accepted request: whatever happens, it is carried out once.

A request that is accepted for later may be begun, appended, and begun again after a
crash that its answer did not outlive. By then others may have written, and by the
rules for a repeated Bundle it would be carried out anew.
"""

from dataclasses import dataclass

from domain import receipt
from domain.claimed import RequestAnswered
from gateway.intake.change import Answer
from gateway.intake.receipts import repeated, subject_of_answers
from gateway.intake.streams import receipt_stream
from gateway.intake.unit import Unit
from gateway.store.foresight import Derive, Reads
from gateway.store.session import Session


@dataclass(frozen=True, kw_only=True)
class Once:
    """A unit, and the name under which its answer is kept with what it appends."""

    unit: Unit
    name: str  # of the request and of the plan in it; never used again

    def __call__(self, session: Session) -> tuple[Answer, ...]:
        """Carry the unit out, or return what it answered; raises as the unit does."""
        stream = receipt_stream(self.name)
        known, version = session.load(stream, receipt.evolve, receipt.NONE)
        receipt.require_kept(known, version)
        if known.count:
            return repeated(known)
        answers = self.unit(session)
        event = RequestAnswered(
            digest=self.unit.plan.digest,
            answers=tuple((str(each.status), each.name) for each in answers),
            at=self.unit.context.at,
        )
        session.append(
            stream,
            [event],
            subject=subject_of_answers(session, answers),
            context=self.unit.context,
        )
        return answers

    def reads(self, derive: Derive) -> Reads:
        """Foretell what the log will be asked for."""
        return self.unit.reads(derive)
