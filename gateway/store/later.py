"""Erasures that are newer than a backup: they hold for whatever is restored from it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from domain.events import REGISTRY
from domain.retained import PatientErased
from gateway.store.erasures import Erasure, Proof
from gateway.store.errors import BackupError, LogDamagedError
from gateway.store.founding import require_begun
from gateway.store.handover import signing_keys
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


def proven(
    files: Iterable[Path], *, backup: Path, newer_keys: Collection[bytes] = ()
) -> Iterator[PatientErased]:
    """Give the erasures, of what a backup holds, that proofs in files are of.

    They are signed by the newest key of the backup's log, or by one of the public keys
    (32 bytes) that are newer than the backup.

    Raises:
        LogFormatError: if a file is no proof.
        BackupError: if another key signed it.
        OSError: if it cannot be read.

    """
    with snapshot(backup) as log:
        identity = require_begun(log, backup)
        keys = signing_keys(log, identity)
    # A proof that matters is newer than the backup: a retired key has no say in it.
    since, newest = keys[-1]
    known = [(since, each) for each in (newest, *newer_keys)]
    present = _present_keys(backup)
    for file in files:
        proof = Proof.parse(file.read_text("utf-8"))
        if present.isdisjoint(proof.erasure.keys):
            continue  # older than the backup, or of another log
        if not proof.is_signed(identity.origin, known):
            raise BackupError(
                f"The proof {file} is not signed by the newest key of the backup's "
                "log: it is forged, or the signing key was changed since. Name the "
                "newer key with --public-key, or a newer copy of the log with --newer."
            )
        yield _told(proof.erasure)


def _told(erasure: Erasure) -> PatientErased:
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
    or of data that are newer. Of several that tell of the same the first is taken: give
    those of a log, which say more, before those of proofs.
    """
    present = _present_keys(backup)
    by_id: dict[str, PatientErased] = {}
    for each in erased:
        by_id.setdefault(each.erasure_id, _within(each, size, present))
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
