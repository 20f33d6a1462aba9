"""Which patients the site's settings say are to be erased by now."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from gateway.audit.survey import ACTIVITY, RECORD, tags_of
from gateway.intake.retention import load
from gateway.store.envelope import Entry
from gateway.store.ledger import Ledger
from gateway.store.schema import Row
from gateway.store.session import Session

_PAGE: Final = 1000


def patients(ledger: Ledger, at: datetime) -> list[str]:
    """Return the patients who were kept for longer than the longest time of keeping.

    It counts from the last record, case or review, also one that is about several.
    Whoever is held is left out. There is none where the site has stated no such time.
    """
    last = _last_activities(ledger)

    def due(session: Session) -> list[str]:
        return [
            patient
            for patient, active in last.items()
            if (state := load(session, patient)).is_due(active, at) and not state.held
        ]

    return sorted(ledger.submit_sync(due))


def _last_activities(ledger: Ledger) -> dict[str, datetime]:
    """Return when something happened last to each patient of whom there are records."""
    known: dict[str, bytes] = {}
    last: dict[bytes, datetime] = {}
    subject = ledger.log.reader.names.subject
    for row, entry in _activities(ledger):
        for tag in tags_of(row):
            last[tag] = max(last.get(tag, entry.at), entry.at)
        if entry.stream.startswith(RECORD):
            patient = msgspec.msgpack.decode(entry.event).get("patient")
            if patient and patient not in known:
                known[patient] = subject(patient)
    return {each: last[tag] for each, tag in known.items() if tag in last}


def _activities(ledger: Ledger) -> Iterator[tuple[Row, Entry]]:
    position, reader = 0, ledger.log.reader
    while rows := ledger.log.recorder.rows_after(position, _PAGE):
        position = rows[-1].position
        for row in rows:
            if row.key is not None and row.topic.startswith(ACTIVITY):
                entry = reader.entry(row)
                if entry is not None:
                    yield row, entry
