"""Who read a case: its accesses, found in the log's access records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import unquote

from domain.access import AccessesUnrecorded, AccessRecorded
from domain.events import REGISTRY
from domain.values import Reference
from gateway.audit import words
from gateway.audit.moment import Progress
from gateway.audit.story import Entry, Table, Teller
from gateway.store.records import Erased, Passed, Recorded
from gateway.store.transcript import Transcript

_TOGETHER: Final = 500
_REFUSED: Final = 400
_READ: Final = frozenset({AccessRecorded.topic, AccessesUnrecorded.topic})
_UNREAD: Final = frozenset(REGISTRY) - _READ
_FILES: Final = "/$export-file/"
_OUTPUTS: Final = frozenset(
    {"ClinicalImpression", "RiskAssessment", "Task", "Provenance"}
)


@dataclass(frozen=True, kw_only=True)
class Read:
    """One access, or several alike with nothing of another caller between them."""

    positions: tuple[int, ...]
    first: datetime
    last: datetime
    client: str
    person: str
    address: str
    interaction: str
    status: int
    references: tuple[Reference, ...]  # of the case; none of a search or a file
    asked: str  # path and query of a search about the patient
    exported: str  # type of a bulk export's file, which may have held the case
    purpose: str

    @property
    def count(self) -> int:
        """Return how many accesses it stands for."""
        return len(self.positions)

    @property
    def refused(self) -> bool:
        """Say whether nothing was shown."""
        return self.status >= _REFUSED


@dataclass(frozen=True, kw_only=True)
class Reads:
    """The accesses to a case, and what the records cannot say any more."""

    found: tuple[Read, ...]
    erased: int  # access records that nobody can read, perhaps of this case
    unrecorded: int  # refusals that were only counted; they showed nothing


def reads(
    log: Transcript,
    case_id: str,
    inputs: Iterable[Reference],
    patient: Iterable[Reference],
    *,
    after: int,
    progress: Progress,
) -> Reads:
    """Return who was shown, or refused, resources of a case since a position.

    Only access records are decrypted. A search is on record with its query and whom
    its results were about: one about the patient may have shown the case. So may a
    file of a bulk export of a type that the case has; the log holds only its type.
    """
    known = {str(each.unversioned()) for each in (*inputs, *patient)}
    found: list[Read] = []
    erased = unrecorded = 0
    for each in _accesses(log, after, progress):
        if isinstance(each, Erased):
            erased += not isinstance(each, Passed)
        elif isinstance(each.event, AccessesUnrecorded):
            unrecorded += each.event.count
        elif isinstance(each.event, AccessRecorded):
            _add(found, _read(each, each.event, case_id, known))
    return Reads(found=tuple(found), erased=erased, unrecorded=unrecorded)


def is_output(reference: Reference, case_id: str) -> bool:
    """Say whether a resource is one that the gateway made for a case."""
    within = reference.id == case_id or reference.id.startswith(f"{case_id}-")
    return within and reference.type in _OUTPUTS


def entry(read: Read) -> Entry:
    """Tell of an access in one line of the story."""
    done = "was refused" if read.refused else "read"
    times = f", {read.count} times" if read.count > 1 else ""
    return Entry(
        position=read.positions[0],
        at=read.first,
        teller=Teller.READER,
        who=_who(read),
        title=f"{_who(read)} {done} {_what(read)} ({read.interaction}{times})",
        also=read.positions[1:],
    )


def table(found: Reads) -> Table:
    """Return every access with all that is known of it."""
    return Table(
        title="Who read it",
        columns=("When", "Who", "Client, address", "How", "What", "Purpose"),
        rows=tuple(map(_row, found.found)),
    )


def _accesses(
    log: Transcript, after: int, progress: Progress
) -> Iterator[Recorded | Erased]:
    head = log.head
    while events := log.read(after=after, limit=_TOGETHER, unread=_UNREAD):
        yield from events
        after = events[-1].position
        progress(after, head)


def _read(
    recorded: Recorded, event: AccessRecorded, case_id: str, known: set[str]
) -> Read | None:
    about = tuple(
        each
        for each in event.references
        if is_output(each, case_id) or str(each.unversioned()) in known
    )
    # Whom a resource is about may be somebody elsewhere, named by a URL or a URN.
    searched = not event.references and not known.isdisjoint(event.patients)
    exported = _exported(event)
    if not (about or searched or exported):
        return None
    return Read(
        positions=(recorded.position,),
        first=recorded.at,
        last=recorded.at,
        client=recorded.actor,
        person=_named(event),
        address=recorded.address,
        interaction=event.interaction,
        status=event.status,
        references=about,
        asked=event.asked if searched else "",
        exported=exported,
        purpose=event.purpose,
    )


def _exported(event: AccessRecorded) -> str:
    """Return of which type of a case's resources a file of an export was fetched.

    The gateway notes the type behind all that the client itself sent.
    """
    path, _, sent = unquote(event.asked).partition("?")
    kind = sent.rpartition("_type=")[2]
    fetched = _FILES in path and event.status < _REFUSED
    return kind if fetched and kind in _OUTPUTS else ""


def _add(found: list[Read], read: Read | None) -> None:
    """Add an access; the same one, made again at once, is counted."""
    if read is None:
        return
    last = found[-1] if found else None
    if last is not None and _alike(last) == _alike(read):
        together = (*last.positions, *read.positions)
        found[-1] = replace(last, last=read.first, positions=together)
    else:
        found.append(read)


def _alike(read: Read) -> Read:
    start = datetime.min  # noqa: DTZ901 (compared with itself alone)
    return replace(read, positions=(), first=start, last=start)


def _named(event: AccessRecorded) -> str:
    """Return how a person is called, and by what the log knows her."""
    if event.display and event.user:
        return f"{event.display} ({event.user})"
    return event.user


def _who(read: Read) -> str:
    return read.person or f"client {read.client}"


def _what(read: Read) -> str:
    if read.exported:
        return f"a bulk export's file of {read.exported}, perhaps with this case"
    kinds = ", ".join(dict.fromkeys(each.type for each in read.references))
    return kinds or "resources of the patient by a search"


def _shown(read: Read) -> str:
    if read.exported:
        return f"a bulk export's file of {read.exported}: it may have held this case"
    named = words.references(read.references)
    return named or f"a search about the patient: {read.asked}"


def _row(read: Read) -> tuple[str, ...]:
    when = words.instant(read.first)
    if read.count > 1:
        when = f"{when} to {words.instant(read.last)}, {read.count} times"
    how = f"{read.interaction}, HTTP {read.status}"
    return (
        when,
        read.person or words.UNKNOWN,
        f"{read.client}, {read.address or words.UNKNOWN}",
        f"{how}: refused, nothing shown" if read.refused else how,
        _shown(read),
        read.purpose or "not stated",
    )
