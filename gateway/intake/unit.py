"""The unit of work of one atomic request, run where decisions are serial.

Either everything that the request asks for is appended, with its receipt, or
nothing.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from domain import identity, receipt, record
from domain.commands import AcceptRecord, WithdrawRecord
from domain.errors import RuleError
from domain.events import RequestAnswered
from domain.receipt import Receipt
from domain.record import Record
from domain.values import Reference
from gateway.intake import triage
from gateway.intake.addresses import Addresses, assign, identifier_of
from gateway.intake.change import Answer, Change, ChangeError, Plan
from gateway.intake.outlook import outlook
from gateway.intake.ownership import require_senders_own
from gateway.intake.streams import identity_stream, receipt_stream, record_stream
from gateway.intake.triage import Arrival
from gateway.store.foresight import Derive, Reads
from gateway.store.records import Context
from gateway.store.session import Session

_CREATED, _OK, _DELETED = 201, 200, 204


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One request's changes, carried out when the log's writer calls."""

    plan: Plan
    context: Context
    window: timedelta

    def __call__(self, session: Session) -> tuple[Answer, ...]:
        """Append what the request brings about, or find that it was done before.

        Raises:
            ChangeError: an entry was refused; nothing is kept.
            RuleError: the request as a whole was refused.

        """
        known = self._receipt(session)
        if known.count and self._stands(session, known):
            return _repeated(known)
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
        known, _ = session.load(
            receipt_stream(self.plan.key), receipt.evolve, receipt.NONE
        )
        receipt.same_request(self.plan.digest, known)
        return known

    def _stands(self, session: Session, known: Receipt) -> bool:
        """Say whether the first answer still holds.

        A key that the caller chose always gets its first answer. Content alone does
        so only while nothing it wrote has moved: X, Y, X again are three writes.
        """
        if self.plan.named:
            return True
        return all(_unmoved(session, text) for _, text in known.answers)

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
            if _state(session, reference).exists
        }

    def _apply(
        self, session: Session, addresses: Addresses
    ) -> tuple[tuple[Answer, ...], list[Arrival]]:
        answers: list[Answer] = []
        arrivals: list[Arrival] = []
        for change in self.plan.changes:
            try:
                answer, news = self._change(session, change, addresses)
            except RuleError as error:
                raise ChangeError(change, error) from None
            answers.append(answer)
            arrivals += news
        return tuple(answers), arrivals

    def _change(
        self, session: Session, change: Change, addresses: Addresses
    ) -> tuple[Answer, list[Arrival]]:
        reference = addresses.of[change.index]
        if change.id is not None:
            require_senders_own(session, reference)
        state = _state(session, reference)
        if change.index in addresses.existing:
            return self._answer(_OK, reference, state), []
        if change.method == "DELETE":
            return self._withdraw(session, change, reference, state)
        return self._accept(session, change, addresses, state)

    def _accept(
        self, session: Session, change: Change, addresses: Addresses, state: Record
    ) -> tuple[Answer, list[Arrival]]:
        reference = addresses.of[change.index]
        patient = _patient(change, reference, addresses)
        command = AcceptRecord(
            reference=reference,
            received=change.received,
            links=addresses.links(change),
            identifiers=_identifiers(change),
            patient=patient,
            if_match=change.if_match,
        )
        events = record.decide(command, state)
        status = _OK if state.exists else _CREATED
        if not events:
            return self._answer(_OK, reference, state), []
        session.append(
            record_stream(reference), events, subject=patient, context=self.context
        )
        self._claim(session, command, state)
        stored = _state(session, reference)
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
            subject=state.patient,
            context=self.context,
        )
        for identifier in state.identifiers:
            self._release(session, reference, identifier, state.patient)
        stored = _state(session, reference)
        news = triage.departure(reference, stored.version, state.patient)
        return self._answer(_DELETED, reference, stored), news

    def _claim(self, session: Session, command: AcceptRecord, before: Record) -> None:
        reference, patient = command.reference, command.patient
        for gone in before.identifiers:
            if gone not in command.identifiers:
                self._release(session, reference, gone, patient)
        for identifier in command.identifiers:
            stream = identity_stream(reference.type, identifier)
            bearers, _ = session.load(stream, identity.evolve, identity.NOBODY)
            events = identity.claim(reference, bearers)
            session.append(stream, events, subject=patient, context=self.context)

    def _release(
        self, session: Session, reference: Reference, identifier: str, patient: str
    ) -> None:
        stream = identity_stream(reference.type, identifier)
        bearers, _ = session.load(stream, identity.evolve, identity.NOBODY)
        events = identity.release(reference, bearers)
        session.append(stream, events, subject=patient, context=self.context)

    def _answer(self, status: int, reference: Reference, state: Record) -> Answer:
        versioned = replace(reference, version=state.version)
        return Answer(status=status, reference=versioned, at=self.context.at)

    def _keep(self, session: Session, answers: tuple[Answer, ...]) -> None:
        if self.plan.key is None:
            return
        event = RequestAnswered(
            digest=self.plan.digest,
            answers=tuple((str(each.status), str(each.reference)) for each in answers),
            at=self.context.at,
        )
        session.append(
            receipt_stream(self.plan.key), [event], subject="", context=self.context
        )


def _state(session: Session, reference: Reference) -> Record:
    state, _ = session.load(record_stream(reference), record.evolve, record.UNKNOWN)
    return state


def _unmoved(session: Session, answer: str) -> bool:
    reference = Reference.parse(answer)
    return _state(session, reference).version == reference.version


def _repeated(known: Receipt) -> tuple[Answer, ...]:
    return tuple(
        Answer(status=int(status), reference=Reference.parse(text), at=known.at)
        for status, text in known.answers
    )


def _identifiers(change: Change) -> tuple[str, ...]:
    """Return what the resource is known by: its identifiers, and its condition."""
    condition = (identifier_of(change.if_none_exist),) if change.if_none_exist else ()
    return tuple(sorted({*change.identifiers, *condition}))


def _patient(change: Change, reference: Reference, addresses: Addresses) -> str:
    """Return whose data key protects the resource; "" is the tenant's shared key."""
    if reference.type == "Patient":
        return str(reference)
    whole = addresses.resolved(change.subject) if change.subject else ""
    return whole.partition("/_history/")[0]
