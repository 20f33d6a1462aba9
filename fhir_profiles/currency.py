"""Whether a resource is about now, so that it may open a triage case."""

from datetime import datetime, timedelta

from fhir_profiles.elements import Resource, element, string
from fhir_profiles.moments import Span, first_span, period
from fhir_profiles.observed import observed

_AUTHORED = ("authored", "authoredOn")
_UNDER_WAY = frozenset({"arrived", "triaged", "in-progress", "onleave"})
_FORGOTTEN = timedelta(days=7)
"""An encounter open for longer was not closed, or is a stay that triage has left."""

_AHEAD = timedelta(hours=1)
"""How far a sender's clock may be ahead of ours."""


def is_current(resource: Resource, at: datetime, window: timedelta) -> bool:
    """Say whether a resource is about the aware instant `at`.

    An Encounter is current while it is under way: it has arrived, has not ended and
    began at most seven days ago. An Observation (effective, else issued), a Condition
    (recorded, else onset; not abated), a QuestionnaireResponse (authored) and a
    ServiceRequest (authoredOn) are current if their time can lie within `window`
    before, or one hour after; without a time they are, since nobody can say that they
    are old. Nothing else is current.
    """
    match string(resource, "resourceType"):
        case "Encounter":
            return _under_way(resource, at)
        case "Observation":
            return _inside(observed(resource), at, window)
        case "Condition":
            return _present(resource, at, window)
        case "QuestionnaireResponse" | "ServiceRequest":
            return _inside(first_span(resource, _AUTHORED), at, window)
        case _:
            return False


def stated_at(resource: Resource) -> Span | None:
    """Return when a resource says that it was so: observed, recorded, begun, written.

    By these times a case has a clock of its own.
    """
    if string(resource, "resourceType") == "Encounter":
        return period({"start": element(resource, "period").get("start")})
    if string(resource, "resourceType") == "Observation":
        return observed(resource)
    return first_span(resource, ("recordedDate", *_AUTHORED))


def _under_way(encounter: Resource, at: datetime) -> bool:
    when = element(encounter, "period")
    began = period({"start": when.get("start")})
    ended = period({"end": when.get("end")})
    return (
        string(encounter, "status") in _UNDER_WAY
        and (
            ended is None or ended.overlaps(at, datetime.max.replace(tzinfo=at.tzinfo))
        )
        and (began is None or began.end >= at - _FORGOTTEN)
    )


def _present(condition: Resource, at: datetime, window: timedelta) -> bool:
    abated = first_span(condition, ("abatementDateTime", "abatementPeriod"))
    if abated is not None and abated.end < at:
        return False
    names = ("recordedDate", "onsetDateTime", "onsetPeriod")
    return _inside(first_span(condition, names), at, window)


def _inside(when: Span | None, at: datetime, window: timedelta) -> bool:
    return when is None or when.overlaps(at - window, at + _AHEAD)
