"""The unit of work of one atomic request, run where decisions are serial.

Either everything that the request asks for is appended, with its receipt, or
nothing.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from domain import receipt, record
from domain.claimed import RequestAnswered
from domain.commands import AcceptRecord, WithdrawRecord
from domain.receipt import Receipt
from domain.record import Record
from domain.values import Reference
from gateway.intake import subjects, triage
from gateway.intake.addresses import Addresses
from gateway.intake.assignment import REFUSALS, assign, state_of
from gateway.intake.change import (
    Answer,
    Change,
    ChangeError,
    Plan,
    require_none_refused,
)
from gateway.intake.claims import claim, known_by, release
from gateway.intake.outlook import outlook
from gateway.intake.ownership import require_senders_own
from gateway.intake.permission import Permit, anything
from gateway.intake.receipts import repeated, subject_of_answers, unmoved
from gateway.intake.sameness import says_the_same
from gateway.intake.streams import receipt_stream, record_stream
from gateway.intake.triage import Arrival
from gateway.store.foresight import Derive, Reads
from gateway.store.records import Context
from gateway.store.session import Session

_CREATED, _OK, _DELETED = 201, 200, 204
_NAMED = 100  # entries that one refusal names


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One request's changes, carried out when the log's writer calls."""

    plan: Plan
    context: Context
    window: timedelta
    permit: Permit = anything

    def __call__(self, session: Session) -> tuple[Answer, ...]:
        """Append what the request brings about, or find that it was done before.

        Raises:
            ChangeError: an entry was refused; nothing is kept.
            RefusedRequestError: several were.
            RuleError: the request as a whole was refused.

        """
        known = self._receipt(session)
        if known.count and self._stands(session, known):
            return repeated(known)
        earlier = self._created(session, known)
        addresses = assign(session, self.plan, known.count, earlier)
        answers, arrivals = self._apply(session, addresses)
        triage.open_cases(session, arrivals, context=self.context, window=self.window)
        self._keep(session, answers)
        return answers

    def reads(self, derive: Derive) -> Reads:
        """Foretell what the log will be asked for."""
        return outlook(self.plan, derive)

    def _receipt(self, session: Session) -> Receipt:
        if self.plan.key is None:
            return receipt.NONE
        known, version = session.load(
            receipt_stream(self.plan.key), receipt.evolve, receipt.NONE
        )
        receipt.require_kept(known, version)
        receipt.same_request(self.plan.digest, known)
        return known

    def _stands(self, session: Session, known: Receipt) -> bool:
        """Say whether the first answer still holds.

        A key that the caller chose always gets its first answer. Content alone does
        so only while nothing it wrote has moved: X, Y, X again are three writes.
        """
        if self.plan.named:
            return True
        return all(unmoved(session, text) for _, text in known.answers)

    def _created(self, session: Session, known: Receipt) -> dict[int, Reference]:
        """Return what this very request created before and what is still there.

        An update in between moved it; a late repetition must not make a second one.
        """
        answers = zip(self.plan.changes, known.answers, strict=False)
        created = {
            change.index: Reference.parse(text).unversioned()
            for change, (_, text) in answers
            if change.method == "POST"
        }
        return {
            index: reference
            for index, reference in created.items()
            if state_of(session, reference).exists
        }

    def _apply(
        self, session: Session, addresses: Addresses
    ) -> tuple[tuple[Answer, ...], list[Arrival]]:
        answers: list[Answer] = []
        arrivals: list[Arrival] = []
        refused = addresses.refused
        unplaced = {each.change.index for each in refused}
        for change in addresses.changes:
            if change.index in unplaced or len(refused) >= _NAMED:
                continue
            try:
                answer, news = self._change(session, change, addresses)
            except REFUSALS as error:
                refused.append(ChangeError(change, error))
                continue
            answers.append(answer)
            arrivals += news
        require_none_refused(refused[:_NAMED])
        return tuple(answers), arrivals

    def _change(
        self, session: Session, change: Change, addresses: Addresses
    ) -> tuple[Answer, list[Arrival]]:
        if change.index in addresses.absent:
            return Answer(status=_DELETED, reference=None, at=self.context.at), []
        reference = addresses.of[change.index]
        if change.id is not None:
            require_senders_own(session, reference)
        state = state_of(session, reference)
        if change.index in addresses.existing:
            return self._answer(_OK, reference, state), []
        if change.method == "DELETE":
            answer, news = self._withdraw(session, change, reference, state)
        else:
            answer, news = self._accept(session, change, addresses, state)
        stored = answer.reference or reference
        return answer, [
            *news,
            *triage.relinked(session, change, stored, addresses, context=self.context),
        ]

    def _accept(
        self, session: Session, change: Change, addresses: Addresses, state: Record
    ) -> tuple[Answer, list[Arrival]]:
        reference = addresses.of[change.index]
        if change.method == "PUT":
            self.permit("update" if state.exists else "create", change.type)
        patient = _patient(change, reference, addresses)
        links = addresses.links(change)
        command = AcceptRecord(
            reference=reference,
            received=change.received,
            links=links,
            identifiers=known_by(change),
            patient=patient,
            violations=change.violations,
            if_match=change.if_match,
            if_absent=change.if_absent,
        )
        events = record.decide(command, state)
        status = _OK if state.exists else _CREATED
        if not events or says_the_same(session, change, reference, state, links):
            return self._answer(_OK, reference, state), []
        session.append(
            record_stream(reference),
            events,
            subject=subjects.of_record(reference, patient),
            context=self.context,
        )
        claim(session, command, state, self.context)
        stored = state_of(session, reference)
        news = triage.arrival(change, reference, stored.version, addresses)
        if state.patient not in ("", patient):  # it was another patient's before
            news += triage.departure(reference, stored.version, state.patient)
        return self._answer(status, reference, stored), news

    def _withdraw(
        self, session: Session, change: Change, reference: Reference, state: Record
    ) -> tuple[Answer, list[Arrival]]:
        command = WithdrawRecord(reference=reference, if_match=change.if_match)
        events = record.decide(command, state)
        if not events:
            return self._answer(_DELETED, reference, state), []
        session.append(
            record_stream(reference),
            events,
            subject=subjects.of_record(reference, state.patient),
            context=self.context,
        )
        for identifier in state.identifiers:
            release(session, reference, identifier, state.patient, self.context)
        stored = state_of(session, reference)
        news = triage.departure(reference, stored.version, state.patient)
        return self._answer(_DELETED, reference, stored), news

    def _answer(self, status: int, reference: Reference, state: Record) -> Answer:
        versioned = replace(reference, version=state.version)
        return Answer(status=status, reference=versioned, at=self.context.at)

    def _keep(self, session: Session, answers: tuple[Answer, ...]) -> None:
        if self.plan.key is None:
            return
        event = RequestAnswered(
            digest=self.plan.digest,
            answers=tuple((str(each.status), each.name) for each in answers),
            at=self.context.at,
        )
        session.append(
            receipt_stream(self.plan.key),
            [event],
            subject=subject_of_answers(session, answers),
            context=self.context,
        )


def _patient(change: Change, reference: Reference, addresses: Addresses) -> str:
    """Return whose data key protects the resource; "" is the tenant's shared key."""
    if reference.type == "Patient":
        return str(reference)
    whole = addresses.resolved(change, change.subject) if change.subject else ""
    return whole.partition("/_history/")[0]
