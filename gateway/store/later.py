"""Erasures that are newer than a backup: they hold for whatever is restored from it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from domain.events import REGISTRY
from domain.retained import PatientErased
from gateway.store.erasures import Proof
from gateway.store.errors import LogDamagedError
from gateway.store.keysource import KeySource
from gateway.store.reading import snapshot
from gateway.store.records import Erased, Recorded
from gateway.store.schema import SELECT_KEYS
from gateway.store.transcript import transcript

_OTHERS: Final = frozenset(REGISTRY) - {PatientErased.topic}
_AT_ONCE: Final = 10_000


def erased_since(
    folder: Path, *, after: int, key_file: KeySource | None
) -> list[PatientErased]:
    """Return the erasures in a data folder's log, or a backup's, beyond a position.

    Raises:
        LogMissingError: if there is no log.
        LogDamagedError: if it, or an erasure in it, cannot be read.
        KeyFileError: if the key does not fit.

    """
    found: list[PatientErased] = []
    with transcript(folder, registry=REGISTRY, kek_file=key_file) as log:
        position = after
        while events := log.read(
            after=position, limit=_AT_ONCE, unread=_OTHERS, tolerant=True
        ):
            found += _erasures(events)
            position = events[-1].position
    return found


def proven(file: Path) -> PatientErased:
    """Return the erasure that a proof in a file is of.

    Raises:
        LogFormatError: if it is no proof.
        OSError: if it cannot be read.

    """
    erasure = Proof.parse(file.read_text("utf-8")).erasure
    return PatientErased(
        erasure_id=erasure.erasure_id,
        patient=b"",
        keys=erasure.keys,
        positions=erasure.positions,
        cases=(),
        jobs=(),
        reason=erasure.reason,
        by=erasure.by,
        at=erasure.at,
    )


def as_of(
    erased: Iterable[PatientErased], *, size: int, backup: Path
) -> list[PatientErased]:
    """Return the erasures as they look to a backup of this size.

    One of which the backup holds no key is not repeated: it is older than the backup,
    or of data that are newer.
    """
    present = _present_keys(backup)
    by_id = {each.erasure_id: _within(each, size, present) for each in erased}
    return [event for event in by_id.values() if event.keys]


def _erasures(events: Iterable[Recorded | Erased]) -> Iterator[PatientErased]:
    for each in events:
        if isinstance(each, Recorded) and isinstance(each.event, PatientErased):
            yield each.event
        elif each.topic == PatientErased.topic:
            raise LogDamagedError(
                f"The erasure at position {each.position} of the newer log cannot be "
                "read. Name another newer copy of the log, or the proofs themselves."
            )


def _present_keys(backup: Path) -> frozenset[bytes]:
    with snapshot(backup) as log:
        keys = log.execute(SELECT_KEYS)
        return frozenset(key_id for key_id, *_, wrapped in keys if wrapped is not None)


def _within(
    event: PatientErased, size: int, present: Collection[bytes]
) -> PatientErased:
    return replace(
        event,
        keys=tuple(each for each in event.keys if each in present),
        positions=_until(event.positions, size),
    )


def _until(runs: Sequence[tuple[int, int]], size: int) -> tuple[tuple[int, int], ...]:
    return tuple((first, min(last, size)) for first, last in runs if first <= size)
