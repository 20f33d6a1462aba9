"""ClinicalImpression: what a nurse reads, confirms, or replaces.

R4 knows no preliminary ClinicalImpression and no Device as assessor: a machine's is
`in-progress` and has none. Its label stays when a nurse confirms, since the words do.
https://hl7.org/fhir/R4/clinicalimpression.html
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from fhir.resources.R4B.clinicalimpression import ClinicalImpression

from domain.values import Reference
from fhir_profiles.datatypes import (
    Json,
    annotations,
    built,
    instant,
    labelled,
    reference,
    references,
    text,
)

# What R4 allows as ClinicalImpression.investigation.item.
_INVESTIGATIONS = frozenset(
    {"DiagnosticReport", "FamilyMemberHistory", "ImagingStudy", "Media"}
    | {"Observation", "QuestionnaireResponse", "RiskAssessment"}
)


def clinical_impression(
    *,
    resource_id: str,
    status: Literal["in-progress", "completed", "entered-in-error"],
    patient: Reference,
    encounter: Reference | None,
    at: datetime,
    summary: str,
    machine: bool,
    description: str | None = None,
    findings: Iterable[str] = (),
    inputs: Sequence[Reference] = (),
    risk_assessment: Reference | None = None,
    assessor: Json | None = None,
    previous: Reference | None = None,
    status_reason: str | None = None,
    notes: Iterable[str] = (),
) -> Json:
    """Return the assessment in words; `machine` labels it as asserted by an AI."""
    return built(
        ClinicalImpression,
        id=resource_id,
        meta=labelled() if machine else None,
        status=status,
        statusReason=text(status_reason),
        code=text("Triage assessment"),
        description=description,
        subject=reference(patient),
        encounter=reference(encounter),
        effectiveDateTime=instant(at),
        date=instant(at),
        assessor=assessor,
        previous=reference(previous),
        summary=summary,
        finding=[{"itemCodeableConcept": text(each)} for each in findings if each],
        prognosisReference=references([risk_assessment] if risk_assessment else []),
        **_read(inputs),
        note=annotations(notes),
    )


def _read(inputs: Sequence[Reference]) -> Json:
    items = references(each for each in inputs if each.type in _INVESTIGATIONS)
    others = references(each for each in inputs if each.type not in _INVESTIGATIONS)
    investigation = [{"code": text("What was read"), "item": items}] if items else []
    return {"investigation": investigation, "supportingInfo": others}
