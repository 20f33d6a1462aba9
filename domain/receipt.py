"""The answer to a request, kept so that its repetition changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from domain.claimed import RequestAnswered
from domain.errors import ErasedError, ReusedKeyError

Answers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The latest answer under one key; `count` tells how often it was carried out."""

    count: int = 0
    digest: bytes = b""
    answers: Answers = ()
    at: datetime | None = None


NONE = Receipt()


def same_request(digest: bytes, state: Receipt) -> bool:
    """Say whether the key was used before, and by this very request.

    Raises:
        ReusedKeyError: the key was used for other content.

    """
    if state.count and state.digest != digest:
        raise ReusedKeyError(
            "This Bundle.identifier or Idempotency-Key was used for other content. "
            "Send the first content again, or give the new content a new key."
        )
    return state.count > 0


def require_kept(state: Receipt, version: int) -> None:
    """Refuse the repetition of a request whose answer was erased with a patient.

    `version` counts all answers under the key, also those that nobody can read.

    Raises:
        ErasedError: one of them was erased.

    """
    if state.count < version:
        raise ErasedError(
            "This request was carried out before, and a patient whom it concerned was "
            "erased since. It is not carried out again. New data for the same person "
            "are a new request: give it another Bundle.identifier or Idempotency-Key."
        )


def evolve(state: Receipt, event: RequestAnswered) -> Receipt:
    """Remember the latest answer."""
    return Receipt(
        count=state.count + 1,
        digest=event.digest,
        answers=event.answers,
        at=event.at,
    )
