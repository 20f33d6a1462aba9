"""The cases of one patient, and to which of them new data belong."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from domain.claimed import EpisodeCaseOpened, EpisodeEncounterLearned, EpisodeEvent
from domain.values import Reference


@dataclass(frozen=True, kw_only=True)
class EpisodeCase:
    """One case of the patient: its encounter, where known, and when it opened."""

    case_id: str
    encounter: Reference | None
    at: datetime


Episodes = tuple[EpisodeCase, ...]
NO_CASES: Episodes = ()


@dataclass(frozen=True, kw_only=True)
class Visit:
    """New data that ask for triage; `encounter` None where none is referenced."""

    encounter: Reference | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where the data go: an open case, or a new one that may follow another."""

    joins: str | None
    follows: str | None


def place(
    visit: Visit,
    episodes: Episodes,
    *,
    reviewed: Collection[str],
    window: timedelta,
) -> Placement:
    """Find the case for new data.

    A case is one encounter, or else one patient in one time window. Data join the
    case until a nurse has reviewed it; afterwards they open one that points back.
    """
    related = _related(visit, episodes, window)
    if not related:
        return Placement(joins=None, follows=None)
    latest = related[-1]
    if latest.case_id in reviewed:
        return Placement(joins=None, follows=latest.case_id)
    return Placement(joins=latest.case_id, follows=None)


def open_case(case_id: str, visit: Visit) -> list[EpisodeEvent]:
    """Note a new case."""
    return [EpisodeCaseOpened(case_id=case_id, encounter=visit.encounter, at=visit.at)]


def join_case(case_id: str, visit: Visit, episodes: Episodes) -> list[EpisodeEvent]:
    """Note the encounter of a case that was opened without one."""
    case = next(each for each in episodes if each.case_id == case_id)
    if visit.encounter is None or case.encounter is not None:
        return []
    return [EpisodeEncounterLearned(case_id=case_id, encounter=visit.encounter)]


def evolve(episodes: Episodes, event: EpisodeEvent) -> Episodes:
    """Remember the cases, oldest first."""
    match event:
        case EpisodeCaseOpened():
            opened = EpisodeCase(
                case_id=event.case_id, encounter=event.encounter, at=event.at
            )
            return (*episodes, opened)
        case EpisodeEncounterLearned():
            return tuple(
                replace(each, encounter=event.encounter)
                if each.case_id == event.case_id
                else each
                for each in episodes
            )
        case _:
            assert_never(event)


def _related(visit: Visit, episodes: Episodes, window: timedelta) -> list[EpisodeCase]:
    same = [each for each in episodes if each.encounter == visit.encounter]
    if visit.encounter is not None and same:
        return same
    return [
        each
        for each in episodes
        if (visit.encounter is None or each.encounter is None)
        and abs(visit.at - each.at) <= window
    ]
