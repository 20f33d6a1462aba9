"""Which patients the site's settings say are to be erased by now."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from domain import retention
from domain.retention import Retention
from gateway.audit.pages import pages
from gateway.audit.survey import RECORD, keeps_young, may_keep_young, tags_of
from gateway.intake.streams import SITE, retention_stream
from gateway.store.envelope import Entry
from gateway.store.ledger import Ledger
from gateway.store.records import Recorded
from gateway.store.schema import Row


def patients(ledger: Ledger, at: datetime) -> list[str]:
    """Return the patients who were kept for longer than the longest time of keeping.

    It counts from the last record, case or review, also one that is about several.
    Whoever is held is left out. There is none where the site has stated no such time.
    """
    site = _told(ledger, SITE)
    if site.most_days is None:
        return []
    late = (
        patient
        for patient, active in _last_activities(ledger).items()
        if site.is_due(active, at)
    )
    return sorted(each for each in late if not _told(ledger, each).held)


def _told(ledger: Ledger, whose: str) -> Retention:
    """Return what was decided, as it is now; whoever erases looks again."""
    state = retention.NONE
    for each in ledger.stream(retention_stream(whose)):
        if isinstance(each, Recorded):
            state = retention.evolve(state, each.event)  # type: ignore[arg-type]
    return state


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
    reader = ledger.log.reader
    for page in pages(ledger):
        for row in page:
            entry = reader.entry(row) if may_keep_young(row) else None
            if entry is not None and keeps_young(row, entry):
                yield row, entry
