"""A patient's resources as a case is made of them: each once, with a clock."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from domain.values import Finding, Reference
from fhir_profiles.currency import is_current, stated_at

Resource = dict[str, Any]
Sourced = tuple[Reference, Resource]


class CaseRecord:
    """What is known of a patient; neither order nor repetition of it means anything."""

    def __init__(
        self,
        resources: Iterable[Sourced],
        *,
        encounter: Reference | None,
        at: datetime,
        window: timedelta,
    ) -> None:
        newest: dict[Reference, Sourced] = {}
        for each in sorted(resources, key=lambda one: one[0].version):
            newest[each[0].unversioned()] = each
        self.known = sorted(newest.values(), key=lambda each: str(each[0]))
        self.current = [
            each
            for each in self.known
            if is_current(each[1], at, window) or each[0].unversioned() == encounter
        ]
        self._at = at

    @cached_property
    def clock(self) -> datetime | None:
        """Return the newest instant that the current data state, not after `at`.

        A day is no instant: where nothing tells more than days, there is no clock.
        Beside an instant the beginning of a later day counts, so that its data are
        not of a time to come.
        """
        stated = [stated_at(content) for _, content in self.current]
        past = [each for each in stated if each and each.start <= self._at]
        if not any(each.exact for each in past):
            return None
        return max(each.start for each in past)

    @property
    def now(self) -> datetime:
        """Return the moment by which the data are judged."""
        return self.clock or self._at

    @cached_property
    def by_name(self) -> dict[str, Sourced]:
        """Return every resource under its literal reference, `Type/id`."""
        return {str(each[0].unversioned()): each for each in self.known}

    @cached_property
    def contents(self) -> list[Resource]:
        """Return every resource without its address."""
        return [content for _, content in self.known]

    def of(self, *kinds: str) -> list[Sourced]:
        """Return what is current of these types."""
        return [each for each in self.current if each[0].type in kinds]

    def findings(
        self, read: Callable[[Resource, Reference], list[Finding]]
    ) -> tuple[Finding, ...]:
        """Return what a reader finds in all that is known."""
        return tuple(one for source, each in self.known for one in read(each, source))

    def behind(self, states: Callable[[Resource], object]) -> set[Reference]:
        """Return which resources state something, by a reader of one of them."""
        return {source for source, content in self.known if states(content)}
