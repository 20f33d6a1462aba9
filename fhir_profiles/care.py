"""When the care took place that a resource tells of, if it says so."""

from collections.abc import Mapping

from fhir_profiles.elements import Resource, string
from fhir_profiles.instants import Span, span

_TIMES = (
    "effectiveDateTime",
    "effectivePeriod",
    "effectiveInstant",
    "performedDateTime",
    "performedPeriod",
    "occurrenceDateTime",
    "occurrencePeriod",
    "onsetDateTime",
    "onsetPeriod",
    "servicedDate",
    "servicedPeriod",
    "period",
    "executionPeriod",
    "billablePeriod",
    "date",
    "authoredOn",
    "authored",
    "recordedDate",
    "started",
    "sent",
    "issued",
    "recorded",
    "created",
)
"""What happened before what was written of it."""


def care(resource: Resource) -> Span | None:
    """Return when the care took place; None where a resource has no such time.

    These are the care dates of http://hl7.org/fhir/R4/patient-operation-everything.html,
    not the times of storing. A period without an end goes on.
    """
    spans = (_span(resource.get(name)) for name in _TIMES)
    return next((each for each in spans if each is not None), None)


def _span(value: object) -> Span | None:
    if isinstance(value, str):
        return span(value)
    if not isinstance(value, Mapping):
        return None
    start, end = (string(value, name) for name in ("start", "end"))
    return Span.between(span(start), span(end))
