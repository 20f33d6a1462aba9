"""What follows an erasure, and is done again where it was cut off.

The erasure itself is one transaction: event and destroyed keys, or neither. All else
can be made from the event at any time: the proof, and the end of copies.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import structlog

from domain.retained import PatientErased
from gateway.intake.streams import ERASURES
from gateway.store.erasures import FOLDER, SUFFIX, Erasure, Proof, keep
from gateway.store.errors import LogUnavailableError
from gateway.store.ledger import Ledger
from gateway.store.records import Recorded
from gateway.store.spool import Spool

_LOG: Final = structlog.get_logger()


def complete(ledger: Ledger, spool: Spool, folder: Path) -> list[PatientErased]:
    """Finish every erasure whose proof is not there yet, and return these.

    The proof comes last, so that where the log's file still holds a destroyed key the
    next start tries again. In a database that several share that is left to the command
    that erases: it keeps all others waiting, and each of them has its own proofs.
    Doing it twice changes nothing. The read models follow by themselves.
    """
    unfinished = [
        each
        for each in ledger.stream(ERASURES)
        if isinstance(each, Recorded)
        and isinstance(each.event, PatientErased)
        and not (folder / FOLDER / f"{each.event.erasure_id}{SUFFIX}").exists()
    ]
    if not unfinished:
        return []
    for job in (job for each in unfinished for job in _jobs(each)):
        spool.remove(job)
    spool.shed()
    if not ledger.log.recorder.database.shared and (left := shed(ledger)):
        _LOG.warning("erasure.unfinished", reason=left)
        return []
    for each in unfinished:
        keep(folder, proof_of(ledger, each))
    return [each.event for each in unfinished if isinstance(each.event, PatientErased)]


def shed(ledger: Ledger) -> str:
    """Take what was destroyed out of the log's files; say why, if that fails."""
    try:
        ledger.log.recorder.database.shed()
    except LogUnavailableError as error:
        return str(error)
    return ""


def proof_of(ledger: Ledger, recorded: Recorded) -> Proof:
    """Return the proof of an erasure that the log tells of."""
    event = recorded.event
    if not isinstance(event, PatientErased):
        raise TypeError("Only an erasure has such a proof.")
    (row,) = ledger.log.recorder.rows_after(recorded.position - 1, 1)
    erasure = Erasure(
        erasure_id=event.erasure_id,
        position=recorded.position,
        leaf=row.leaf,
        keys=event.keys,
        positions=event.positions,
        reason=event.reason,
        by=event.by,
        at=event.at,
    )
    return Proof.of(erasure, ledger.log.recorder.signer)


def of_patient(ledger: Ledger, patient: str) -> Iterator[Recorded]:
    """Give the erasures of a patient whose name in the log is known."""
    digest = ledger.derive("erased", patient)
    for each in ledger.stream(ERASURES):
        if isinstance(each, Recorded) and getattr(each.event, "patient", b"") == digest:
            yield each


def _jobs(recorded: Recorded) -> tuple[str, ...]:
    event = recorded.event
    return event.jobs if isinstance(event, PatientErased) else ()
