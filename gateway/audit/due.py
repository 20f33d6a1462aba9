"""Which patients the site's settings say are to be erased by now."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from gateway.intake.retention import load
from gateway.store.ledger import Ledger
from gateway.store.session import Session

_PAGE = 1000
_RECORD = "record."


def patients(ledger: Ledger, at: datetime) -> list[str]:
    """Return the patients whose last record is older than the longest time of keeping.

    Whoever is held is left out. There is none where the site has stated no such time.
    """
    last = dict(_last_records(ledger))

    def due(session: Session) -> list[str]:
        return [
            patient
            for patient, recorded in last.items()
            if (state := load(session, patient)).is_due(recorded, at) and not state.held
        ]

    return sorted(ledger.submit_sync(due))


def _last_records(ledger: Ledger) -> Iterator[tuple[str, datetime]]:
    position, reader = 0, ledger.log.reader
    while rows := ledger.log.recorder.rows_after(position, _PAGE):
        position = rows[-1].position
        for row in rows:
            entry = reader.entry(row) if row.topic.startswith(_RECORD) else None
            if entry is not None:
                patient = msgspec.msgpack.decode(entry.event).get("patient")
                if patient:
                    yield patient, entry.at
