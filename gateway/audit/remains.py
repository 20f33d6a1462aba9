"""What is left of streams that lose events: older versions, and cases of others."""

from collections.abc import Collection, Iterable, Iterator

import msgspec

from domain import assessment
from domain.commands import InformCase
from domain.events import RecordWithdrawn
from domain.values import Reference
from gateway.audit.survey import CASE, RECORD
from gateway.intake.streams import case_stream, record_stream
from gateway.intake.subjects import of_case, of_record
from gateway.intake.triage import load_case
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.store.schema import Row
from gateway.store.session import Session


def leave_in_order(
    session: Session, streams: Iterable[str], keys: Collection[bytes], context: Context
) -> None:
    """Say what the end of data keys means to the data of others in the same streams.

    A resource that was another patient's before it was hers was corrected then: it
    must not come back. A case of a linked record was judged on her data, too: it is
    judged again without them.
    """
    for stream in sorted(streams):
        if stream.startswith(RECORD):
            _withdraw(session, stream, keys, context)
        if stream.startswith(CASE) and _left(session.rows_of(stream), keys):
            _inform(session, stream.removeprefix(CASE), context)


def losing(ledger: Ledger, keys: Collection[bytes]) -> Iterator[str]:
    """Give the streams that lost events with data keys, and have others left.

    Of those of which nothing is left nobody knows the names any more.
    """
    recorder, reader = ledger.log.recorder, ledger.log.reader
    for originator_id in recorder.streams_under(keys):
        row = recorder.newest_of(originator_id)
        entry = reader.entry(row) if row else None
        if entry is not None:
            yield entry.stream


def _withdraw(
    session: Session, stream: str, keys: Collection[bytes], context: Context
) -> None:
    """Delete a resource whose newest version goes and an older one would show."""
    rows = session.rows_of(stream)
    left = _left(rows, keys)
    entry = session.entry(left[-1]) if left else None
    if entry is None or left[-1] is rows[-1]:
        return
    says = msgspec.msgpack.decode(entry.event)
    if "received" not in says:  # it was deleted then
        return
    reference = Reference.parse(stream.removeprefix(RECORD))
    gone = Reference(type=reference.type, id=reference.id, version=rows[-1].version + 1)
    subject = of_record(reference, str(says.get("patient", "")))
    event = RecordWithdrawn(reference=gone)
    session.append(record_stream(gone), [event], subject=subject, context=context)


def _inform(session: Session, case_id: str, context: Context) -> None:
    state = load_case(session, case_id)
    if state.patient and not state.reviewed:  # else its beginning went before
        events = assessment.decide(InformCase(encounter=None, triggers=()), state)
        subject = of_case(state.patient)
        session.append(case_stream(case_id), events, subject=subject, context=context)


def _left(rows: list[Row], keys: Collection[bytes]) -> list[Row]:
    """Return the rows that can be read afterwards."""
    return [each for each in rows if each.wrapped and each.key_id not in keys]
