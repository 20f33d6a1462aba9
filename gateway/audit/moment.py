"""The moment of which a log is replayed: a position, or an instant."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from fhir_profiles.instants import moment, span
from gateway.store.records import Erased
from gateway.store.transcript import Transcript

Progress = Callable[[int, int], None]
_STEP = 500  # events between two moves of the progress bar
_MOST_DIGITS = 18


class UnknownMomentError(Exception):
    """What was asked for names no moment of this log; the message says what does."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The log as it stood after an event.

    `instant` is the time that was asked for, if one was; `later` counts the events up
    to the position whose time is after it: a clock that was set back, or requests that
    overtook each other on their way into the log.
    """

    position: int
    instant: datetime | None = None
    later: int = 0


def moment_of(log: Transcript, text: str, progress: Progress) -> Moment:
    """Return the moment that a position or a FHIR date, dateTime or instant names.

    An instant names the last event whose time is not after it; a day, a minute or a
    second counts to its end, and what has no time zone is UTC.

    Raises:
        UnknownMomentError: it is neither, or the log does not reach there.
        StoreError: the log is damaged.

    """
    head = log.head
    if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
        return _at_position(int(text), head)
    asked = span(text)
    if asked is None or ("T" not in text.upper() and len(text) < len("2026-01-01")):
        raise UnknownMomentError(
            "Give a position of the log, or an instant such as 2026-11-22T14:05:00Z."
        )
    return _at_instant(log, moment(asked.high), head, progress)


def _at_position(position: int, head: int) -> Moment:
    if not 1 <= position <= head:
        raise UnknownMomentError(
            f"The log has positions 1 to {head}; there is no position {position}."
            if head
            else "The log is empty."
        )
    return Moment(position=position)


def _at_instant(
    log: Transcript, instant: datetime, head: int, progress: Progress
) -> Moment:
    position, between, later = 0, 0, 0
    for reached, at in _times(log, head, progress):
        if at > instant:
            between += 1
        else:
            position, later = reached, later + between
            between = 0
    if not position:
        raise UnknownMomentError("Nothing had been recorded by then.")
    return Moment(position=position, instant=instant, later=later)


def _times(
    log: Transcript, head: int, progress: Progress
) -> Iterator[tuple[int, datetime]]:
    """Give positions and times; of an erased event the time is gone."""
    for event in log.events():
        if event.position % _STEP == 0 or event.position == head:
            progress(event.position, head)
        if not isinstance(event, Erased):
            yield event.position, event.at
