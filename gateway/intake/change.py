"""One change that a request asks for, checked and ready to be decided."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from domain.values import Reference
from fhir_profiles.problems import Issue

Resource = dict[str, Any]
Method = Literal["POST", "PUT", "PATCH", "DELETE"]


class Relevance(StrEnum):
    """What a resource means to triage."""

    ASKS = "asks"  # a current complaint or vital sign: opens a case
    INFORMS = "informs"  # supersedes the assessment of a case that is open
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A create, update, patch or delete.

    `targets` are its references as they were written. The `id` of a conditional update
    is that of its content. A patch has no content of its own: `amend` gives the update
    that it makes of what is there, or None where it changes nothing. `content` is what
    `received` says, already read: to read it again would keep all decisions waiting.
    """

    index: int
    method: Method
    type: str
    id: str | None = None
    received: bytes = b""
    content: Resource = field(default_factory=dict, repr=False, compare=False)
    full_url: str | None = None  # None outside a Bundle, "" where an entry has none
    if_none_exist: str | None = None
    if_match: int | None = None
    if_absent: bool = False  # If-None-Match: *
    condition: str | None = None  # of a conditional update, patch or delete
    amend: Callable[[Resource], "Change | None"] | None = None
    compares: bool = False  # a patch whose outcome tells what a value is
    fault: Exception | None = None  # why it cannot be done, whatever is there
    targets: tuple[str, ...] = ()
    settled: frozenset[str] = frozenset()  # targets that a patch found and left alone
    identifiers: tuple[str, ...] = ()  # system|value
    subject: str | None = None  # the patient, as it was written
    names_somebody: bool = False  # by a reference or an identifier
    encounter: str | None = None  # likewise
    same_person: tuple[str, ...] = ()  # other Patients, as they were written
    relevance: Relevance = Relevance.NONE
    warnings: tuple[Issue, ...] = ()
    violations: tuple[str, ...] = ()  # ids of errors that the site only tags


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The changes of one atomic request, and the key that makes it repeatable.

    `key` is None where a repetition is a new request: a single create without an
    Idempotency-Key.
    """

    changes: tuple[Change, ...]
    key: str | None
    digest: bytes
    named: bool = False  # the caller chose the key, so it must not be reused
    seed: str = ""  # random, for the ids of a request without a key


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of a change: HTTP status, and the version that stands now.

    There is none where a conditional delete found nothing to delete.
    """

    status: int
    reference: Reference | None
    at: datetime | None

    @property
    def name(self) -> str:
        """Return the versioned reference as text, "" where there is none."""
        return str(self.reference or "")


def digest_of(body: bytes) -> bytes:
    """Return the SHA-256 by which a repeated body is known."""
    return hashlib.sha256(body).digest()


def digest_alone(change: Change, body: bytes) -> bytes:
    """Return the SHA-256 by which a repeated request of one change is known."""
    asked = (change.if_none_exist or change.condition or "").rpartition("?")[2]
    if change.method != "POST":
        asked = f"{change.method} {change.type} {change.id} {asked} "
    return digest_of(asked.encode() + body)


class ChangeError(Exception):
    """A change was refused when it met what is there: which entry, and why."""

    def __init__(self, change: Change, cause: Exception) -> None:
        super().__init__(str(cause))
        self.change = change
        self.cause = cause


class TooLargeError(Exception):
    """A request asks for more at once than the gateway takes."""


class RefusedRequestError(Exception):
    """Several changes of one atomic request were refused; nothing of it is kept."""

    def __init__(self, refused: Iterable[ChangeError]) -> None:
        self.refused = tuple(sorted(refused, key=lambda each: each.change.index))
        super().__init__(f"{len(self.refused)} entries of the request were refused.")


def require_none_refused(refused: Iterable[ChangeError]) -> None:
    """Let an atomic request go on, or name every entry that stands in its way.

    Raises:
        ChangeError: one change was refused.
        RefusedRequestError: several were.

    """
    found = tuple(refused)
    if len(found) == 1:
        raise found[0]
    if found:
        raise RefusedRequestError(found)
