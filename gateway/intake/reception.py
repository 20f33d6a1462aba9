"""One resource as a change: what intake has to know of it beyond its bytes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from fhir_profiles.linking import linked
from fhir_profiles.rule_groups import STRICT, Rules
from gateway.intake.change import Change, Relevance, Resource
from gateway.translate import reading


@dataclass(frozen=True, kw_only=True)
class Currency:
    """By what a request is read: its time, and the site's settings."""

    at: datetime
    window: timedelta
    questions: frozenset[str] = frozenset()
    rules: Rules = STRICT
    entries: int = 10_000  # of one Bundle


def change_of(
    method: Literal["POST", "PUT"],
    resource: Resource,
    received: bytes,
    current: Currency,
    *,
    index: int = 0,
    identity: str | None = None,
    full_url: str | None = None,
    if_none_exist: str | None = None,
    if_match: int | None = None,
    if_absent: bool = False,
    condition: str | None = None,
) -> Change:
    """Return the change that creates or updates a checked resource."""
    return Change(
        index=index,
        method=method,
        type=resource["resourceType"],
        id=identity,
        received=received,
        content=resource,
        full_url=full_url,
        if_none_exist=if_none_exist,
        if_match=if_match,
        if_absent=if_absent,
        condition=condition,
        targets=tuple(linked(resource)),
        identifiers=reading.identifiers(resource),
        subject=reading.subject_of(resource),
        names_somebody=reading.names_somebody(resource),
        encounter=reading.encounter_of(resource),
        same_person=reading.same_person(resource),
        relevance=_relevance(resource, current),
    )


def _relevance(resource: Resource, current: Currency) -> Relevance:
    if resource["resourceType"] not in reading.READ_BY_TRIAGE:
        return Relevance.NONE
    if reading.asks_for_triage(resource, current.at, current.window, current.questions):
        return Relevance.ASKS
    return Relevance.INFORMS
