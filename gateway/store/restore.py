"""A log from a backup, proven before anything uses it."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gateway.store.backup import DOCUMENTS, KEY
from gateway.store.draft import copy_private
from gateway.store.errors import BackupError
from gateway.store.evidence import Checkpoint, EvidenceError
from gateway.store.founding import read_head, read_identity
from gateway.store.home import home_of
from gateway.store.keysource import KeySource
from gateway.store.manifest import Manifest
from gateway.store.reading import snapshot
from gateway.store.replica import Progress, Replica
from gateway.store.schema import LOG_FILE
from gateway.store.sealed import stored_tree
from gateway.store.server import Server, remember
from gateway.store.spool import FILE as JOBS_FILE
from gateway.store.verification import verify


@dataclass(frozen=True, kw_only=True)
class Sound:
    """A backup that was proven: its manifest, its end, and the newest that is known.

    `newest` is a checkpoint of the same log that states more events than the backup
    holds; None where nobody knows of one.
    """

    folder: Path
    manifest: Manifest
    tenant: str
    end: Checkpoint
    newest: Checkpoint | None

    @property
    def lost(self) -> int:
        """Return how many events are known to be missing from the backup."""
        return self.newest.size - self.end.size if self.newest else 0


def prove(
    backup: Path,
    *,
    key_file: KeySource | None,
    known: Sequence[str],
    progress: Progress,
) -> Sound:
    """Prove that a backup is whole, sealed, and a part of what is known of its log.

    `known` are checkpoints of the same log, as signed notes. Without a key only the
    seal is checked and not the ciphertexts.

    Raises:
        BackupError: if it is damaged, or a checkpoint is not of this log, or states
            another history.
        KeyFileError: if the key file does not fit.

    """
    manifest = Manifest.read(backup)
    manifest.require_whole(backup)
    _require_verified(backup, key_file, progress)
    with snapshot(backup) as log:
        identity, end = read_identity(log), Checkpoint.parse(read_head(log).note)
        noted = [_checked(note, end) for note in known]
        tree = stored_tree(log)
        for each in noted:
            if each.size <= end.size and tree.root(each.size) != each.root:
                raise BackupError(
                    f"The backup is not of the history that was noted at position "
                    f"{each.size}: one of them was forged. Use another backup."
                )
    newest = max(noted, key=lambda each: each.size, default=end)
    beyond = newest if newest.size > end.size else None
    return Sound(
        folder=backup,
        manifest=manifest,
        tenant=identity.tenant if identity else "",
        end=end,
        newest=beyond,
    )


def _require_verified(
    backup: Path, key_file: KeySource | None, progress: Progress
) -> None:
    problems = verify(backup, kek_file=key_file, progress=progress).problems
    if problems:
        raise BackupError(
            f"The backup does not verify at position {problems[0].position}: "
            f"{problems[0].sentence} Use another backup."
        )


def checkpoint_of(folder: Path) -> str:
    """Return the newest checkpoint of a data folder's log, or of a backup's.

    Raises:
        LogMissingError: if there is no log.
        LogDamagedError: if it cannot be read.

    """
    with snapshot(folder) as log:
        return read_head(log).note


def require_empty(folder: Path, server: Server | None) -> None:
    """Refuse to restore over anything.

    Raises:
        BackupError: if the folder is there and not empty, or the server has a log.
        LogUnavailableError: if the server cannot be reached.

    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError(
            f"{folder} is not empty, and a restore never replaces anything. Name a "
            "folder that is not there yet; put the old one aside."
        )
    if server is not None and home_of(folder, server).is_there():
        raise BackupError(
            f"There is a log in the {server} already, and a restore never replaces "
            "anything. Name an empty schema."
        )


def copy_log(
    sound: Sound,
    draft: Path,
    *,
    server: Server | None,
    destroyed: Collection[bytes],
    progress: Progress,
) -> None:
    """Put the backup's log into a new data folder, or into a server that it names.

    The data keys that were `destroyed` since the backup stay behind: what was erased is
    never written again. So do the accepted requests: see `copy_requests`.

    Raises:
        OSError: if the folder cannot be written.
        sqlite3.Error: likewise.
        LogUnavailableError: if the server refuses.

    """
    with snapshot(sound.folder) as log:
        replica = Replica(source=log, progress=progress, without=destroyed)
        if server is None:
            replica.write_file(draft / LOG_FILE)
        else:
            home_of(draft, server).found(replica.write)
            remember(draft, server)
    _copy_kept(sound, draft, (KEY, *_documents(sound)))


def copy_requests(sound: Sound, draft: Path) -> None:
    """Put the backup's accepted requests, and their answers, into a data folder.

    Only where nobody was erased since: they are sealed by a key of the whole log, and
    what names a patient is not known without looking into them. A request that waited
    would bring back whom it tells of.

    Raises:
        OSError: if the folder cannot be written.

    """
    _copy_kept(sound, draft, [Path(JOBS_FILE)])


def waiting(sound: Sound) -> int:
    """Return how many accepted requests were not carried out before the backup."""
    if JOBS_FILE not in sound.manifest.files:
        return 0
    file = (sound.folder / JOBS_FILE).resolve()
    address = f"{file.as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as kept:
        counted = kept.execute("SELECT COUNT(*) FROM job WHERE done = 0")
        number: int = counted.fetchone()[0]
    return number


def _copy_kept(sound: Sound, draft: Path, names: Iterable[Path]) -> None:
    for each in names:
        if str(each) in sound.manifest.files:
            copy_private(sound.folder / each, draft / each)


def _documents(sound: Sound) -> Iterator[Path]:
    for each in sound.folder.glob(DOCUMENTS):
        yield each.relative_to(sound.folder)


def _checked(written: str, end: Checkpoint) -> Checkpoint:
    """Return what a known checkpoint states of this log.

    Its signature says nothing more here: a root that the backup's own rows lead to is
    right whoever signed it, and what is beyond the backup has to be explained whoever
    states it.
    """
    try:
        found = Checkpoint.parse(written)
    except EvidenceError:
        raise BackupError(
            "What was given is no checkpoint. Give a file as `audit verify` or a "
            "backup has written it."
        ) from None
    if found.origin != end.origin:
        raise BackupError(
            "A checkpoint is of another log than the backup. Give checkpoints of the "
            "log that you restore."
        )
    return found
