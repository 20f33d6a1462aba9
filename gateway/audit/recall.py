"""Which assessments used what is recalled: from the log alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, get_args

from domain.answers import Review
from domain.assessment import Assessment, evolve
from domain.assessment.basis import bases
from domain.events import (
    REGISTRY,
    AssessmentAccepted,
    AssessmentCorrected,
    AssessmentEvent,
    AssessmentOverridden,
    AssessmentRecalled,
    MachineEvent,
)
from gateway.store.keysource import KeySource
from gateway.store.records import Erased, Recorded
from gateway.store.transcript import transcript
from gateway.translate.followed import Followed, History
from gateway.translate.recalling import Criteria, rests_on

Progress = Callable[[int, int], None]
_EVENTS: Final = 1000  # that are read at a time
_OTHERS: Final = frozenset(
    topic for topic, kind in REGISTRY.items() if kind not in get_args(AssessmentEvent)
)
"""Topics of which nobody has to open an event: most of a log."""


@dataclass(frozen=True, kw_only=True)
class Used:
    """One version of an assessment that used it.

    `version` is the FHIR version of its ClinicalImpression; `revision` counts the
    states of the data that it judges; `maker` is rules, model or raised.
    """

    case_id: str
    version: int
    revision: int
    at: datetime
    acuity: int
    makers: tuple[str, ...]

    def facts(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "case": self.case_id,
            "version": self.version,
            "revision": self.revision,
            "at": self.at.isoformat(),
            "acuity": self.acuity,
            "makers": list(self.makers),
        }


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A nurse's review: of which version, when, and what she decided."""

    version: int
    at: datetime
    review: Review

    def facts(self) -> dict[str, Any]:
        """Return it as plain JSON values, without her words."""
        return {
            "version": self.version,
            "at": self.at.isoformat(),
            "decision": self.review.decision.value,
            "acuity": int(self.review.acuity),
        }


@dataclass(kw_only=True)
class Affected:
    """A case with assessments that used it."""

    case_id: str
    used: list[Used] = field(default_factory=list)
    reviews: list[Decided] = field(default_factory=list)
    newest: int = 0  # the last version that rules or model made
    recalled: int = 0  # the newest version that this very recall was noted for

    @property
    def stands(self) -> bool:
        """Say whether the newest assessment is among those that used it."""
        return self.used[-1].version == self.newest

    @property
    def noted(self) -> bool:
        """Say whether a re-review was asked for on account of all of them."""
        return self.recalled >= self.used[-1].version

    def facts(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "case": self.case_id,
            "stands": self.stands,
            "re_review_asked": self.noted,
            "assessments": [each.facts() for each in self.used],
            "reviews": [each.facts() for each in self.reviews],
        }


def recall(
    folder: Path, named: Criteria, *, kek_file: KeySource | None, progress: Progress
) -> list[Affected]:
    """Return the cases whose assessments used what is named, in the log's order.

    It reads a stopped or a running gateway's log as it is at this moment.

    Raises:
        StoreError: the log is missing, damaged, or its key does not fit.

    """
    after = 0
    with transcript(folder, registry=REGISTRY, kek_file=kek_file) as log:
        search, head = _Search(named, log.stream), log.head
        while events := log.read(after=after, limit=_EVENTS, unread=_OTHERS):
            for event in events:
                search.look(event)
            after = events[-1].position
            progress(after, head)
    return list(search.found.values())


class _Search:
    """Follows every case; keeps those that are open, and what it found."""

    def __init__(self, named: Criteria, history: History) -> None:
        self._named = named
        self._cases = Followed(history)
        self.found: dict[str, Affected] = {}

    def look(self, recorded: Recorded | Erased) -> None:
        """Learn what happened to a case, if it is about one and can be read."""
        if isinstance(recorded, Recorded):
            self._happened(recorded, recorded.event)  # type: ignore[arg-type]

    def _happened(self, recorded: Recorded, event: AssessmentEvent) -> None:
        after = evolve(self._cases.before(recorded), event)
        if after.reviewed:  # no machine adds to a case that is closed
            self._cases.drop(recorded.stream)
        else:
            self._cases.note(recorded, after)
        if isinstance(event, get_args(MachineEvent)):
            self._assessed(recorded, after)
        known = self.found.get(recorded.stream)
        if known is not None:
            self._noted(known, recorded, event)

    def _assessed(self, recorded: Recorded, state: Assessment) -> None:
        makers = [each for each in bases(state) if rests_on(each, self._named)]
        if makers:
            known = self.found.setdefault(
                recorded.stream, Affected(case_id=state.case_id)
            )
            known.used.append(
                Used(
                    case_id=state.case_id,
                    version=state.impression,
                    revision=state.revision,
                    at=recorded.at,
                    acuity=int(state.acuity or 0),
                    makers=tuple(each.maker.value for each in makers),
                )
            )
        elif recorded.stream not in self.found:
            return
        self.found[recorded.stream].newest = state.impression

    def _noted(
        self, known: Affected, recorded: Recorded, event: AssessmentEvent
    ) -> None:
        match event:
            case AssessmentAccepted() | AssessmentOverridden() | AssessmentCorrected():
                known.reviews.append(
                    Decided(version=known.newest, at=recorded.at, review=event.review)
                )
            case AssessmentRecalled() if event.matched == self._named:
                known.recalled = max(known.recalled, event.version)
            case _:
                pass
