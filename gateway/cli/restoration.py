"""A data folder from a backup: proven, filled, and without whom was erased."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click

from domain.events import REGISTRY
from domain.restored import LogRestored
from domain.retained import PatientErased
from gateway.audit.remains import leave_in_order, losing
from gateway.audit.replay import replay
from gateway.cli.ending import ended_in_order
from gateway.cli.progress import bar
from gateway.cli.rebuild import make_anew
from gateway.intake.streams import ERASURES
from gateway.projections.apart import ProjectionEndedError
from gateway.store import later
from gateway.store.backup import KEY as KEY_FILE
from gateway.store.draft import whole_or_not_at_all
from gateway.store.erasures import SUFFIX
from gateway.store.errors import BackupError, StoreError
from gateway.store.keyfile import default_key_file
from gateway.store.keysource import KeySource
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.store.restore import (
    Sound,
    checkpoint_of,
    copy_log,
    copy_requests,
    prove,
    require_empty,
    waiting,
)
from gateway.store.server import Server
from gateway.store.session import Session
from gateway.store.subjects import NOBODY

_STREAM = "log"


@dataclass(frozen=True, kw_only=True)
class Restoration:
    """What is to be restored where, and what is known to be newer."""

    backup: Path
    data: Path
    key_file: KeySource | None
    server: Server | None
    since: Sequence[Path]
    newer: Sequence[Path]
    proofs: Sequence[Path]
    public_keys: Sequence[bytes]
    accept_loss: bool
    verify: bool

    @property
    def is_told(self) -> bool:
        """Say whether something newer may tell of erasures."""
        return bool(self.newer or self.proofs)


def carry_out(asked: Restoration) -> None:
    """Prove the backup, fill the data folder, and tell what was done.

    Raises:
        StoreError: naming what is wrong; the data folder is not made then.

    """
    require_empty(asked.data, asked.server)
    key_file = _key(asked)
    known = [each.read_text("utf-8") for each in asked.since]
    with bar("Verifying the backup") as progress:
        sound = prove(
            asked.backup,
            key_file=key_file,
            known=[*known, *map(checkpoint_of, asked.newer)],
            progress=progress,
        )
    _require_accepted(sound, asked)
    erased = later.as_of(
        _erased(asked, sound), size=sound.end.size, backup=asked.backup
    )
    with _telling_of(asked.server), whole_or_not_at_all(asked.data) as draft:
        _fill(draft, asked, sound, erased)
    if erased:
        click.echo(f"erased again: {len(erased)} erasures newer than the backup")
    _tell(asked, sound)


@contextmanager
def _telling_of(server: Server | None) -> Iterator[None]:
    """Say where a restore fails that a server keeps what was copied, unlike a folder.

    Raises:
        StoreError: as what is done meanwhile.

    """
    try:
        yield
    except StoreError as error:
        if server is None:
            raise
        raise BackupError(
            f"{error} What was copied into the {server} may be there: drop that schema "
            "before the next attempt."
        ) from error


def _erased(asked: Restoration, sound: Sound) -> Iterator[PatientErased]:
    """Give the erasures that newer copies of the log, or proofs, tell of."""
    for each in asked.newer:
        yield from later.erased_since(each, after=sound.end.size, key_file=_key(asked))
    files = [each for folder in asked.proofs for each in folder.glob(f"*{SUFFIX}")]
    if files:
        yield from later.proven(
            sorted(files), backup=asked.backup, newer_keys=asked.public_keys
        )


def _key(asked: Restoration) -> KeySource:
    """Return the key file, without which a restored log could not be continued."""
    found = asked.key_file or asked.backup / KEY_FILE
    if isinstance(found, Path) and not found.exists():
        raise BackupError(
            "The backup has no key-encryption key in it, and without that the log "
            "cannot be continued. Name your copy of it with --key-file."
        )
    return found


def _require_accepted(sound: Sound, asked: Restoration) -> None:
    if not sound.newest or asked.accept_loss:
        return
    raise BackupError(
        f"The backup ends at position {sound.end.size}, and a checkpoint of position "
        f"{sound.newest.size} is known: {sound.lost} events would be lost, their "
        "positions would be given again, and whoever holds that checkpoint will find "
        "that the log was forked. Restore a newer backup, or say --accept-loss."
    )


def _fill(
    draft: Path, asked: Restoration, sound: Sound, erased: Sequence[PatientErased]
) -> None:
    destroyed = {key for each in erased for key in each.keys}
    with bar("Copying") as progress:
        copy_log(
            sound,
            draft,
            server=asked.server,
            destroyed=destroyed,
            progress=progress,
        )
    if not asked.is_told:
        copy_requests(sound, draft)
    ledger = Ledger.open(
        draft,
        registry=REGISTRY,
        tenant=sound.tenant,
        kek_file=_key(asked),
        server=asked.server,
    )
    try:
        torn = set(losing(ledger, destroyed))
        ledger.submit_sync(_history(sound, erased, torn))
        make_anew(ledger, draft, tenant=sound.tenant, key_file=_key(asked))
    except ProjectionEndedError as error:
        raise BackupError(f"{error} No data folder was made: try again.") from None
    finally:
        ledger.close()
    if asked.verify:
        _replay(draft, _key(asked))


def _history(
    sound: Sound, erased: Sequence[PatientErased], torn: Collection[str]
) -> Callable[[Session], None]:
    """Return a unit that says in the log what was done to it.

    In the streams that are `torn` the newest events are gone and older ones are not.
    """
    destroyed = {key for each in erased for key in each.keys}
    newest, at = sound.newest, datetime.now(UTC)
    restored = LogRestored(
        size=sound.end.size,
        root=sound.end.root,
        made=sound.manifest.made,
        known=newest.size if newest else sound.end.size,
        known_root=newest.root if newest else b"",
        erasures=len(erased),
        at=at,
    )

    def work(session: Session) -> None:
        context = Context(at=at, actor="operator", request=f"restore-{uuid4()}")
        session.append(_STREAM, [restored], subject=NOBODY, context=context)
        leave_in_order(session, torn, destroyed, context)
        session.append(ERASURES, erased, subject=NOBODY, context=context)

    return work


def _replay(draft: Path, key_file: KeySource) -> None:
    with ended_in_order(), bar("Replaying") as progress:
        result = replay(draft, kek_file=key_file, progress=progress)
    if not result.same:
        finding = next(each for each in result.findings if not each.note)
        raise BackupError(
            f"The restored log does not replay: position {finding.position}: "
            f"{finding.sentence}. The data folder was not made."
        )
    click.echo("replayed: same")


def _tell(asked: Restoration, sound: Sound) -> None:
    click.echo(f"restored {sound.end.size} events from {sound.manifest.made}")
    if sound.lost:
        click.echo(
            f"lost: {sound.lost} events that a known checkpoint counts. Tell your "
            "auditors and witnesses: their newer checkpoints do not fit any more, and "
            "the log says so itself (log.restored.v1)."
        )
    unsent = waiting(sound) if asked.is_told else 0
    if unsent:
        click.echo(
            f"not restored: {unsent} accepted requests that waited when the backup was "
            "made, since they may tell of somebody who was erased. Their senders have "
            "to send them again."
        )
    if isinstance(asked.key_file, Path):
        click.echo(
            f"the key stays at {asked.key_file}: name it as key_file in the settings, "
            f"or copy it to {default_key_file(asked.data)}"
        )
