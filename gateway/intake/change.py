"""One change that a request asks for, checked and ready to be decided."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from domain.values import Reference

Resource = dict[str, Any]


class Relevance(StrEnum):
    """What a resource means to triage."""

    ASKS = "asks"  # a current complaint or vital sign: opens a case
    INFORMS = "informs"  # supersedes the assessment of a case that is open
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A create, update or delete; `targets` are its references as they were written."""

    index: int
    method: Literal["POST", "PUT", "DELETE"]
    type: str
    id: str | None = None
    received: bytes = b""
    full_url: str | None = None  # None outside a Bundle, "" where an entry has none
    if_none_exist: str | None = None
    if_match: int | None = None
    targets: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()  # system|value
    subject: str | None = None  # the patient, as it was written
    names_somebody: bool = False  # by a reference or an identifier
    encounter: str | None = None  # likewise
    relevance: Relevance = Relevance.NONE


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
    """What became of a change: HTTP status, and the version that stands now."""

    status: int
    reference: Reference
    at: datetime | None


def digest_of(body: bytes) -> bytes:
    """Return the SHA-256 by which a repeated body is known."""
    return hashlib.sha256(body).digest()


class ChangeError(Exception):
    """A change was refused when it met what is there: which entry, and why."""

    def __init__(self, change: Change, cause: Exception) -> None:
        super().__init__(str(cause))
        self.change = change
        self.cause = cause
