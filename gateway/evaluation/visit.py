"""From a Bundle to the case that is judged, by the code that serves patients.

The Bundle is read and checked as one that is POSTed, references are resolved, and
`gateway.translate` makes the case. Only what the log does in between (ids, versions,
the look-up of a patient's resources) is done here in memory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.values import Age, Case, Reference
from fhir_profiles.bundle import read_bundle, rewrite
from fhir_profiles.compartment import subject_of
from fhir_profiles.delivery import delivered
from fhir_profiles.elements import element, elements, string
from fhir_profiles.moments import first_span, period, span
from fhir_profiles.observed import observed
from fhir_profiles.problems import InvalidResourceError
from fhir_profiles.rule_groups import STRICT, Treatment
from gateway.evaluation.cases import CasesError, Input
from gateway.translate.case import canonical_case
from gateway.translate.reading import READ_BY_TRIAGE, SHARED

Resource = dict[str, Any]
Sourced = tuple[Reference, Resource]

_REQUESTS = ("transaction", "batch")
_OLDEST = 130 * 366
_AHEAD = timedelta(hours=1)
_ACUITY = "75636-1"  # LOINC, ESI level: a label, so it is never shown to an assessor


def case_of(source: Input, *, window: timedelta, questions: frozenset[str]) -> Case:
    """Return the case of an input.

    Raises:
        CasesError: the Bundle is refused, has no patient, or no time of triage.

    """
    if source.case is not None:
        return source.case
    found = resources(source.bundle or b"")
    at = source.at or _moment(content for _, content in found)
    own = _patient(found)
    known = [each for each in found if _is_read(each, own[0], at)]
    case = canonical_case(
        own,
        known,
        encounter=_encounter(known),
        at=at,
        window=window,
        questions=questions,
    )
    if case.age is None and source.youngest_years is not None:
        youngest = int(source.youngest_years * 365.25)
        return replace(case, age=Age(least=youngest, most=_OLDEST))
    return case


def resources(body: bytes) -> list[Sourced]:
    """Return the resources of a Bundle, checked, with references to each other.

    Raises:
        CasesError: it is no Bundle, or something in it is refused.

    """
    try:
        got = delivered(body)
        if got.resource.get("type") in _REQUESTS:
            read_bundle(got.resource, got.issues, got.urns)
    except InvalidResourceError as error:
        raise CasesError(_said(error)) from None
    if got.resource.get("resourceType") != "Bundle":
        raise CasesError("It is no Bundle: give FHIR R4 Bundles in JSON.")
    verdict = STRICT.verdict(got.issues)
    if verdict.treatment is Treatment.REJECT:
        raise CasesError(_said(InvalidResourceError(verdict.issues)))
    return _addressed(got.resource.get("entry", []))


def acuity_observations(found: Iterable[Sourced]) -> list[Resource]:
    """Return the Observations that state an ESI level."""
    return [content for _, content in found if _states_acuity(content)]


def _said(error: InvalidResourceError) -> str:
    first = error.issues[0]
    more = len(error.issues) - 1
    also = f" ({more} more)" if more else ""
    return f"The gateway would refuse it: {first.expression} {first.diagnostics}{also}"


def _addressed(entries: list[Resource]) -> list[Sourced]:
    """Give each resource its address, and let the others refer to it by that."""
    found: list[Sourced] = []
    written: dict[str, str] = {}
    for number, entry in enumerate(entries, 1):
        content = entry.get("resource")
        if not content:
            continue
        kind = string(content, "resourceType")
        name = string(content, "id") or f"entry-{number}"
        reference = Reference(type=kind, id=name, version=1)
        written[string(entry, "fullUrl")] = str(reference.unversioned())
        found.append((reference, content))
    return [(reference, rewrite(content, written)) for reference, content in found]


def _patient(found: list[Sourced]) -> Sourced:
    patients = [each for each in found if each[0].type == "Patient"]
    if len(patients) != 1:
        raise CasesError(
            f"It holds {len(patients)} Patients: give a Bundle for each patient."
        )
    return patients[0]


def _encounter(known: list[Sourced]) -> Reference | None:
    """Return the encounter of the visit: the one that began last."""
    found = [each for each in known if each[0].type == "Encounter"]
    last = max(found, key=lambda each: _began(each[1]), default=None)
    return last[0].unversioned() if last else None


def _began(encounter: Resource) -> datetime:
    began = period(element(encounter, "period"))
    return began.start if began else datetime.min.replace(tzinfo=UTC)


def _is_read(each: Sourced, patient: Reference, at: datetime) -> bool:
    """Say whether triage at that time would see the resource.

    Raises:
        CasesError: it would, if it said whose it is.

    """
    reference, content = each
    if reference.type in SHARED:
        return True
    if reference.type not in READ_BY_TRIAGE or reference.type == "Patient":
        return False
    if _states_acuity(content) or _later(content, at):
        return False
    whose = subject_of(content) or ""
    if whose.partition("/_history/")[0] != str(patient.unversioned()):
        raise CasesError(
            f"A resource of type {reference.type} does not refer to the Patient of the "
            "Bundle: name it by its fullUrl or as Patient/id."
        )
    return True


def _states_acuity(content: Resource) -> bool:
    codings = elements(element(content, "code"), "coding")
    return any(string(coding, "code") == _ACUITY for coding in codings)


def _later(content: Resource, at: datetime) -> bool:
    """Say whether something was recorded after triage, when nobody could know it."""
    recorded = (
        first_span(content, ("recordedDate",))
        if content["resourceType"] == "Condition"
        else observed(content)
        if content["resourceType"] == "Observation"
        else None
    )
    return recorded is not None and recorded.start > at + _AHEAD


def _moment(contents: Iterable[Resource]) -> datetime:
    """Return the newest time of an Observation or beginning of an Encounter."""
    times = sorted(_times(contents))
    if not times:
        raise CasesError(
            "Nothing in it says when triage was: give the time in `at`, or "
            "Observations with an effective time."
        )
    return times[-1]


def _times(contents: Iterable[Resource]) -> Iterator[datetime]:
    for content in contents:
        kind = content["resourceType"]
        when = observed(content) if kind == "Observation" else None
        if kind == "Encounter":
            when = span(string(element(content, "period"), "start"))
        if when is not None:
            yield when.start
