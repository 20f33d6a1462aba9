"""The answer to a request, kept so that its repetition changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from domain.errors import ReusedKeyError
from domain.events import RequestAnswered

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


def evolve(state: Receipt, event: RequestAnswered) -> Receipt:
    """Remember the latest answer."""
    return Receipt(
        count=state.count + 1,
        digest=event.digest,
        answers=event.answers,
        at=event.at,
    )
