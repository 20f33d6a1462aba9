"""When this happened, do that: where new data of a patient go."""

from collections.abc import Mapping
from datetime import timedelta

from domain.assessment import Assessment
from domain.commands import InformCase, OpenCase
from domain.episode import Episodes, Placement, Visit, place
from domain.values import Reference


def placement(
    visit: Visit,
    episodes: Episodes,
    cases: Mapping[str, Assessment],
    *,
    window: timedelta,
) -> Placement:
    """Find the case for new data, given the patient's cases by id."""
    reviewed = {case_id for case_id, case in cases.items() if case.reviewed}
    return place(visit, episodes, reviewed=reviewed, window=window)


def triage(
    visit: Visit,
    placed: Placement,
    *,
    fresh_id: str,
    patient: Reference,
    triggers: tuple[Reference, ...],
) -> tuple[str, OpenCase | InformCase]:
    """Return the case that the data go to, and the command for it."""
    if placed.joins is not None:
        return placed.joins, InformCase(encounter=visit.encounter, triggers=triggers)
    opening = OpenCase(
        case_id=fresh_id,
        patient=patient,
        encounter=visit.encounter,
        previous=placed.follows,
        triggers=triggers,
        at=visit.at,
    )
    return fresh_id, opening
