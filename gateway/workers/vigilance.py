"""What the last answers of a model say about it: the figures that its switch watches.

They are of this process alone, and begin anew with it and with each switching.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from domain.answers import Draft
from domain.assessment.queueing import apart
from domain.served import Figure, Raises
from domain.values import Acuity
from gateway.settings.model_checks import ModelChecks


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One answer that a model gave: of what was shown of it, and how long it took."""

    seconds: float
    withheld: bool = False
    raised: bool = False  # the case stands further to the front of the queue by it
    disagrees: bool = False


def answered(
    draft: Draft | None, floor: Acuity, seconds: float, *, shadow: bool
) -> Answered:
    """Return what one answer says; `draft` is None where it was withheld.

    In shadow it brings no case forward.
    """
    if draft is None or draft.acuity is None:
        return Answered(seconds=seconds, withheld=draft is None)
    disagrees = apart(floor, draft.acuity)
    raised = not shadow and (draft.acuity < floor or disagrees)
    return Answered(seconds=seconds, raised=raised, disagrees=disagrees)


class Vigilance:
    """Remembers the last answers, as many as the settings say."""

    def __init__(self, checks: ModelChecks) -> None:
        self._checks = checks
        self._last: deque[Answered] = deque(maxlen=checks.window)

    def note(self, answer: Answered) -> None:
        """Remember an answer, and forget the oldest."""
        self._last.append(answer)

    def forget(self) -> None:
        """Begin anew."""
        self._last.clear()

    def crossed(self) -> tuple[Figure, ...]:
        """Return the figures that are beyond their limits; none of too few answers."""
        if len(self._last) < self._checks.enough:
            return ()
        return tuple(each for each in self._figures() if each.value > each.limit)

    def raises(self) -> Raises | None:
        """Return how many cases were raised; None of too few answers."""
        if len(self._last) < self._checks.enough:
            return None
        return Raises(
            raised=sum(each.raised for each in self._last),
            answered=len(self._last),
            limit=self._checks.raised_share,
        )

    def _figures(self) -> Iterator[Figure]:
        count, limits = len(self._last), self._checks
        yield Figure(
            name="share of answers that were withheld",
            value=round(sum(each.withheld for each in self._last) / count, 3),
            limit=limits.withheld_share,
        )
        yield Figure(
            name="share of answers two levels or more from the rules",
            value=round(sum(each.disagrees for each in self._last) / count, 3),
            limit=limits.disagreement_share,
        )
        yield Figure(
            name="median seconds of an answer",
            value=round(median(each.seconds for each in self._last), 3),
            limit=limits.median_seconds,
        )
