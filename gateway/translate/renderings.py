"""Each resource of a case, built from a view of it and stamped with its version."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from fhir_profiles.impression import clinical_impression
from fhir_profiles.provenance import Passage, authored, verified
from fhir_profiles.risk_assessment import risk_assessment
from fhir_profiles.task import TaskStatus, Times, task
from gateway.translate import devices, wording
from gateway.translate.view import View, person

Resource = dict[str, Any]
Risk = Literal["preliminary", "final", "entered-in-error"]
Impression = Literal["in-progress", "completed", "entered-in-error"]


def device_versions(view: View) -> Iterator[Resource]:
    """Give the Devices that made the assessment."""
    yield _versioned(devices.rules_device(view.floor.rules), 1, view.at)
    if view.state.run is not None:
        yield _versioned(devices.model_device(view.state.run.model), 1, view.at)


def risk(view: View, status: Risk) -> Resource:
    """Return the machine's estimate of urgency."""
    content = risk_assessment(
        resource_id=view.state.case_id,
        status=status,
        patient=view.patient.unversioned(),
        encounter=view.state.encounter,
        at=view.assessed_at(),
        acuity=view.acuity,
        floor=view.floor,
        device=view.authors(),
        basis=view.inputs,
        why=view.why() if status == "entered-in-error" else None,
    )
    return _versioned(content, view.state.impression, view.at)


def impression(view: View, status: Impression) -> Resource:
    """Return the machine's assessment in words."""
    review = view.state.review
    refused = status == "entered-in-error" and review is not None
    content = clinical_impression(
        resource_id=view.state.case_id,
        status=status,
        patient=view.patient.unversioned(),
        encounter=view.state.encounter,
        at=view.assessed_at(),
        summary=wording.summary(view.state),
        description=wording.disclaimer(view.state),
        machine=True,
        findings=wording.findings(view.floor),
        inputs=view.inputs,
        risk_assessment=view.outputs()[1],
        assessor=view.nurse if status == "completed" else None,
        previous=view.previous(),
        status_reason=view.why() if refused else None,
        notes=[*wording.remarks(view.state), *_nurses_notes(view, status)],
    )
    return _versioned(content, view.state.impression, view.at)


def _nurses_notes(view: View, status: Impression) -> list[str]:
    review = view.state.review
    if review is None or status != "completed":
        return []
    return [f"The nurse: {each}" for each in view.nurses_words()]


def nurses_impression(view: View) -> Resource:
    """Return the assessment that a nurse put in the machine's place."""
    review = view.state.review
    if review is None:
        raise ValueError("A nurse's impression needs her review.")
    said = f"A nurse decided: {wording.named(review.acuity)}."
    content = clinical_impression(
        resource_id=f"{view.state.case_id}-review",
        status="completed",
        patient=view.patient.unversioned(),
        encounter=view.state.encounter,
        at=view.at,
        summary=f"{said} {review.correction}".strip(),
        machine=False,
        inputs=view.inputs,
        assessor=view.nurse,
        previous=view.outputs()[0],
        notes=view.nurses_words(),
    )
    return _versioned(content, 1, view.at)


def authorship(view: View) -> Iterator[Resource]:
    """Give the Provenance of the rules, and of the model where it was asked.

    Also where its draft was withheld: a recall of a model has to find every case that
    it was asked about.
    """
    version = view.state.impression
    rules = authored(
        resource_id=f"{view.state.case_id}-{version}",
        targets=view.outputs(),
        at=view.at,
        device=devices.rules_reference(view.floor.rules),
        inputs=view.inputs,
    )
    yield _versioned(rules, 1, view.at)
    run = view.state.run
    if run is None:
        return
    model = authored(
        resource_id=f"{view.state.case_id}-{version}-model",
        targets=view.outputs(),
        at=view.at,
        device=devices.model_reference(run.model),
        inputs=view.inputs,
        passages=[
            Passage(id=each.id, source=each.source, sha256=each.sha256)
            for each in run.passages
        ],
    )
    yield _versioned(model, 1, view.at)


def verification(view: View) -> Resource:
    """Return the Provenance of a nurse's decision."""
    reviewed = [f"-{view.state.impression - 1}"]
    if view.state.run is not None:
        reviewed.append(f"{reviewed[0]}-model")
    content = verified(
        resource_id=f"{view.state.case_id}-{view.state.impression}",
        targets=view.decided(),
        at=view.at,
        verifier=view.nurse or {},
        inputs=[view.reference("Provenance", suffix) for suffix in reviewed],
    )
    return _versioned(content, 1, view.at)


def nurse_task(view: View, status: TaskStatus) -> Resource:
    """Return the Task as it stands."""
    number = view.state.task.number
    held = view.state.task.holder
    opened = view.state.opened or view.at
    content = task(
        resource_id=f"{view.state.case_id}-{number}",
        status=status,
        focus=view.reference("ClinicalImpression"),
        patient=view.patient.unversioned(),
        encounter=view.state.encounter,
        acuity=view.acuity,
        floor_acuity=view.floor.acuity,
        times=Times(
            authored_on=opened,
            last_modified=view.at,
            period_end=opened + view.acuity.time_limit,
        ),
        requester=view.authors(),
        owner=person(held) if held else None,
        inputs=view.inputs,
        outputs=view.decision() if status == "completed" else [],
        description=wording.task_description(view.state),
        group=view.state.case_id,
    )
    return _versioned(content, view.state.task.version, view.at)


def _versioned(content: Resource, version: int, at: datetime) -> Resource:
    meta = {
        **content.get("meta", {}),
        "versionId": str(version),
        "lastUpdated": at.isoformat(timespec="milliseconds"),
    }
    first = ("resourceType", "id")
    known = (*first, "meta")
    rest = {name: each for name, each in content.items() if name not in known}
    return {**{name: content[name] for name in first}, "meta": meta, **rest}
