"""Times and vital signs of a case, as training may see them: since it opened."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from domain.floor.plausibility import plausible
from domain.particulars import Onset
from domain.values import Quality, Reference, Vital, VitalName
from gateway.translate.catalogued import OPENED

_STEP: Final = timedelta(minutes=5)
_LONGEST: Final = timedelta(days=7)
_PLACES: Final = Decimal("0.01")


class UnsafeCaseError(Exception):
    """A case cannot be shown; the message is a short code of why, no part of it."""


def since(at: datetime, opened: datetime) -> datetime:
    """Return a time as one after a case that opened at `OPENED`, to five minutes.

    Raises:
        UnsafeCaseError: it is more than a week before or after.

    """
    elapsed = at - opened
    if abs(elapsed) > _LONGEST:
        raise UnsafeCaseError("time.far")
    return OPENED + round(elapsed / _STEP) * _STEP


def moment(at: datetime | None, opened: datetime) -> datetime | None:
    """Return likewise a time that may be unknown."""
    return None if at is None else since(at, opened)


def onset(told: Onset | None, opened: datetime) -> Onset | None:
    """Return an onset without its words; what is farther than a week is left open."""
    if told is None:
        return None
    ends = [
        None if each is None or abs(each - opened) > _LONGEST else since(each, opened)
        for each in (told.earliest, told.latest)
    ]
    return Onset(earliest=ends[0], latest=ends[1])


def vital(
    sent: Vital, opened: datetime, source: Callable[[Reference], Reference]
) -> Vital:
    """Return a value that is good, under sources that tell nothing.

    Raises:
        UnsafeCaseError: it is doubtful or implausible, or of another week.

    """
    value = sent.value
    if sent.quality is not Quality.GOOD:
        raise UnsafeCaseError("vital.doubtful")
    if value is not None and not plausible(sent.name, value):
        raise UnsafeCaseError("vital.implausible")
    if value is None and sent.name is not VitalName.CONSCIOUSNESS:
        raise UnsafeCaseError("vital.doubtful")
    return Vital(
        name=sent.name,
        source=source(sent.source),
        value=None if value is None else value.quantize(_PLACES).normalize(),
        consciousness=sent.consciousness,
        effective=moment(sent.effective, opened),
        until=moment(sent.until, opened),
        flaw=sent.flaw,
        critical=sent.critical,
        preliminary=sent.preliminary,
        also=tuple(map(source, sent.also)),
    )
