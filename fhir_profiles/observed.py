"""When an Observation was made: an instant, a day, a period, several moments."""

from datetime import datetime

from fhir_profiles.elements import Resource, element, string, strings
from fhir_profiles.moments import Span, first_span, span


def observed(observation: Resource) -> Span | None:
    """Return when an Observation was made, or else when it was issued."""
    return (
        first_span(observation, ("effectiveDateTime", "effectivePeriod"))
        or first_span(observation, ("effectiveInstant",))
        or _moments(observation)
        or span(string(observation, "issued"))
    )


def _moments(observation: Resource) -> Span | None:
    """Return from the first to the last event of a Timing."""
    timing = element(observation, "effectiveTiming")
    events = [found for text in strings(timing, "event") if (found := span(text))]
    if not events:
        return None
    return Span(
        start=min(each.start for each in events),
        end=max(each.end for each in events),
        exact=all(each.exact for each in events),
    )


def effective(observation: Resource) -> datetime | None:
    """Return the earliest instant at which an Observation can have been made, in UTC.

    The start of a period or of a partial date: a normal value is rather held too old
    than too young. Without an effective time, the time of issue.
    """
    found = observed(observation)
    return found.start if found else None
