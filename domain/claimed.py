"""Facts by which something is found again: by identifier, by patient, by request."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.values import Reference


@dataclass(frozen=True, kw_only=True)
class IdentityClaimed:
    """A resource bears a business identifier, so that a conditional create finds it."""

    topic: ClassVar[str] = "identity.claimed.v1"
    reference: Reference


@dataclass(frozen=True, kw_only=True)
class IdentityReleased:
    """A resource no longer bears the identifier."""

    topic: ClassVar[str] = "identity.released.v1"
    reference: Reference


@dataclass(frozen=True, kw_only=True)
class RequestAnswered:
    """A request was carried out; its repetition gets the same answer."""

    topic: ClassVar[str] = "request.answered.v1"
    digest: bytes
    answers: tuple[tuple[str, str], ...]  # (HTTP status, versioned reference) an entry
    at: datetime


@dataclass(frozen=True, kw_only=True)
class EpisodeCaseOpened:
    """A patient has a new triage case."""

    topic: ClassVar[str] = "episode.case-opened.v1"
    case_id: str
    encounter: Reference | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class EpisodeEncounterLearned:
    """A case that was opened for a patient alone turned out to be of an encounter."""

    topic: ClassVar[str] = "episode.encounter-learned.v1"
    case_id: str
    encounter: Reference


IdentityEvent = IdentityClaimed | IdentityReleased
EpisodeEvent = EpisodeCaseOpened | EpisodeEncounterLearned
