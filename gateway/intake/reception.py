"""One resource as a change: what intake has to know of it beyond its bytes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from fhir_profiles.linking import references
from gateway.intake.change import Change, Relevance, Resource
from gateway.translate import reading


@dataclass(frozen=True, kw_only=True)
class Currency:
    """What makes data current: the time of the request, and the site's settings."""

    at: datetime
    window: timedelta
    questions: frozenset[str] = frozenset()


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
) -> Change:
    """Return the change that creates or updates a checked resource."""
    return Change(
        index=index,
        method=method,
        type=resource["resourceType"],
        id=identity,
        received=received,
        full_url=full_url,
        if_none_exist=if_none_exist,
        if_match=if_match,
        targets=tuple({link.text for link in references(resource)}),
        identifiers=reading.identifiers(resource),
        subject=reading.subject_of(resource),
        names_somebody=reading.names_somebody(resource),
        encounter=reading.encounter_of(resource),
        relevance=_relevance(resource, current),
    )


def _relevance(resource: Resource, current: Currency) -> Relevance:
    if resource["resourceType"] not in reading.READ_BY_TRIAGE:
        return Relevance.NONE
    if reading.asks_for_triage(resource, current.at, current.window, current.questions):
        return Relevance.ASKS
    return Relevance.INFORMS
