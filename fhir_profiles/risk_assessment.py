"""RiskAssessment: the machine's estimate of urgency, which a Device may perform."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from fhir.resources.R4B.riskassessment import RiskAssessment

from domain.values import Acuity, Fired, Floor, Reference
from fhir_profiles.canonical import ACUITY, MAPPED_LEVEL, METHOD
from fhir_profiles.datatypes import (
    Json,
    annotations,
    built,
    coded,
    instant,
    labelled,
    reference,
    references,
)


def risk_assessment(
    *,
    resource_id: str,
    status: Literal["preliminary", "final", "entered-in-error"],
    patient: Reference,
    encounter: Reference | None,
    at: datetime,
    acuity: Acuity,
    floor: Floor,
    device: Reference,
    basis: Iterable[Reference],
    why: str | None = None,
    rules: str = "",
    mapped: Iterable[tuple[str, str]] = (),
) -> Json:
    """Return the composed acuity and the floor beneath it, with every rule that fired.

    Two predictions: the acuity that counts (`mapped`: its code and display in other
    scales), then the floor. Rules with what they used, missing vital signs and doubts
    are notes; `why` says why it does not stand (R4 has no statusReason here). `basis`
    are the versions that were read; `rules` says which rules, and who signed them.
    https://hl7.org/fhir/R4/riskassessment.html
    """
    return built(
        RiskAssessment,
        id=resource_id,
        meta=labelled(),
        status=status,
        method={
            **coded(METHOD, "machine", "Machine"),
            "text": rules or f"Rules {floor.rules}",
        },
        subject=reference(patient),
        encounter=reference(encounter),
        occurrenceDateTime=instant(at),
        performer=reference(device),
        basis=references(basis),
        prediction=_predictions(acuity, floor.acuity, mapped),
        note=annotations([*([why] if why else []), *_explanation(floor)]),
    )


def _predictions(
    acuity: Acuity, floor: Acuity, mapped: Iterable[tuple[str, str]]
) -> list[Json]:
    return [
        _prediction("Triage acuity", acuity, mapped),
        _prediction("Safety floor: the least urgent acuity allowed", floor),
    ]


def acuity_concept(acuity: Acuity, others: Sequence[Json] = ()) -> Json:
    """Return an acuity as a CodeableConcept of our own code system, then of others."""
    name = acuity.name.replace("_", "-").lower()
    own = {"system": ACUITY, "code": str(int(acuity)), "display": name}
    return {
        "coding": [own, *others],
        "text": f"Acuity {int(acuity)} of 5 ({name})",
    }


def _prediction(
    outcome: str, acuity: Acuity, mapped: Iterable[tuple[str, str]] = ()
) -> Json:
    others: list[Json] = [
        {"system": MAPPED_LEVEL, "code": code, "display": display}
        for code, display in mapped
    ]
    return {
        "outcome": {"text": outcome},
        "qualitativeRisk": acuity_concept(acuity, others),
    }


def _used(rule: Fired) -> str:
    return f" Used: {', '.join(map(str, rule.sources))}." if rule.sources else ""


def _explanation(floor: Floor) -> Sequence[str]:
    fired = [
        f"Rule {rule.rule} (acuity {int(rule.acuity)}): {rule.sentence}"
        f"{_used(rule)} Source: {rule.citation}"
        for rule in floor.fired
    ]
    missing = [f"Missing: {', '.join(floor.missing)}."] if floor.missing else []
    return [*fired, *missing, *floor.doubts]
