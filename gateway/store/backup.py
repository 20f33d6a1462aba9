"""A backup of a log while its gateway runs.

It is a folder: the log of one moment in a SQLite file, wherever the log itself is; the
accepted requests that wait, the documents that the gateway may quote, the newest signed
checkpoint, and a manifest with hashes.
The log is copied row by row, so that the copy holds nothing of what was destroyed: a
copy of pages would also hold what stands in the free space of the file.

The folder gets its name last. What was interrupted lies beside, under a name that ends
in `.part`, and is no backup.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.store.draft import copy_private, whole_or_not_at_all
from gateway.store.errors import BackupError
from gateway.store.founding import read_head, require_begun
from gateway.store.manifest import CHECKPOINT_FILE, FILE, Kept, Manifest
from gateway.store.reading import snapshot
from gateway.store.replica import Progress, Replica
from gateway.store.schema import LOG_FILE
from gateway.store.seal import LogIdentity
from gateway.store.spool import FILE as JOBS_FILE
from gateway.store.verification import verify

KEY: Final = Path("keys") / "kek"
DOCUMENTS: Final = "knowledge/*.jsonl"  # each is named by its hash, and never changes


@dataclass(frozen=True, kw_only=True)
class BackupRequest:
    """What to copy where; `key` is the key file to copy too, if any."""

    folder: Path
    target: Path
    key: Path | None
    made: str
    program: str


def back_up(asked: BackupRequest, *, progress: Progress) -> Manifest:
    """Copy the log of a stopped or a running gateway, and prove the copy.

    `progress` is told how many events of how many are copied, and then are proven.

    Raises:
        BackupError: if the target is there, or cannot be written.
        LogMissingError: if the folder holds no log.
        LogDamagedError: if the log cannot be read.

    """
    if asked.target.exists():
        raise BackupError(
            f"{asked.target} is there already, and a backup never replaces another. "
            "Name a folder that is not there yet."
        )
    with whole_or_not_at_all(asked.target) as part:
        identity = _copy(asked, part, progress)
        manifest = _described(asked, identity, part, progress)
        manifest.write(part)
    return manifest


def _copy(asked: BackupRequest, part: Path, progress: Progress) -> LogIdentity:
    # Waiting requests first: one that is carried out meanwhile is then in both, and is
    # known by its receipt; the other way round it would be in neither.
    if (asked.folder / JOBS_FILE).exists():
        _copy_jobs(asked.folder / JOBS_FILE, part / JOBS_FILE)
    with snapshot(asked.folder) as log:
        identity = require_begun(log, asked.folder)
        Replica(source=log, progress=progress).write_file(part / LOG_FILE)
    # Documents last: they are kept before the log names them, and never removed.
    for each in asked.folder.glob(DOCUMENTS):
        copy_private(each, part / each.relative_to(asked.folder))
    if asked.key is not None:
        copy_private(asked.key, part / KEY)
    return identity


def _copy_jobs(source: Path, target: Path) -> None:
    address = f"{source.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as jobs:
        jobs.execute("VACUUM INTO ?", (str(target),))
    target.chmod(0o600)


def _described(
    asked: BackupRequest, identity: LogIdentity, part: Path, progress: Progress
) -> Manifest:
    verdict = verify(part, progress=progress)
    if verdict.problems:
        raise BackupError(
            f"The log does not verify at position {verdict.problems[0].position}, so "
            "no backup was made. Run `triage-gateway audit verify`, and keep the "
            "backups that you have."
        )
    size = _written_checkpoint(part)
    names = [each for each in part.rglob("*") if each.is_file() and each.name != FILE]
    return Manifest(
        made=asked.made,
        program=asked.program,
        origin=identity.origin,
        tenant=identity.tenant,
        size=size,
        files={str(each.relative_to(part)): Kept.of(each) for each in sorted(names)},
    )


def _written_checkpoint(part: Path) -> int:
    with snapshot(part) as log:
        head = read_head(log)
    (part / CHECKPOINT_FILE).write_text(head.note, "utf-8")
    return head.size
