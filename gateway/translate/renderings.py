"""Each resource of a case, built from a view of it and stamped with its version."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from domain.answers import ModelRun
from domain.assessment import queueing
from domain.assessment.basis import Maker, bases
from domain.values import Reference
from fhir_profiles.impression import clinical_impression
from fhir_profiles.provenance import Asked, Passage, authored, verified
from fhir_profiles.risk_assessment import risk_assessment
from fhir_profiles.task import TaskStatus, Times, task
from gateway.translate import devices, scaled, wording
from gateway.translate.view import View, person

Resource = dict[str, Any]
Risk = Literal["preliminary", "final", "entered-in-error"]
Impression = Literal["in-progress", "completed", "entered-in-error"]


def device_versions(view: View) -> Iterator[Resource]:
    """Give the Devices that made the assessment."""
    yield _versioned(devices.rules_device(view.floor.rules), 1, view.at)
    if view.state.run is None:
        return
    yield _versioned(devices.model_device(view.state.run), 1, view.at)
    adapter = devices.adapter_device(view.state.run)
    if adapter is not None:
        yield _versioned(adapter, 1, view.at)


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
        rules=wording.rules(view.floor, view.state.standing),
        mapped=scaled.mapped(view.acuity),
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
    """Return the assessment that a nurse put in the machine's place.

    Where another nurse confirms it, that is its next version.
    """
    review = view.state.replaced
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
    return _versioned(content, view.state.words, view.at)


def authorship(view: View) -> Iterator[Resource]:
    """Give the Provenance of the rules, and of the model where it was asked.

    Also where its draft was withheld, and where its raise on earlier data stands: a
    recall has to find every assessment that what was recalled had a part in.
    """
    for basis in bases(view.state):
        rules = devices.rules_reference(basis.rules)
        run = basis.run
        content = authored(
            resource_id=_provenance(view, view.state.impression, basis.maker).id,
            targets=view.outputs(),
            at=view.at,
            devices=[rules] if run is None else devices.references(run),
            informants=[] if run is None else [rules],
            inputs=basis.inputs,
            asked=None if run is None else _asked(run),
        )
        yield _versioned(content, 1, view.at)


def _asked(run: ModelRun) -> Asked:
    return Asked(
        prompt=run.prompt_version,
        prompt_sha256=run.prompt_sha256,
        schema_sha256=run.schema_sha256,
        index=run.index,
        passages=[
            Passage(id=each.id, source=each.source, sha256=each.sha256)
            for each in run.passages
        ],
    )


def _provenance(view: View, version: int, maker: Maker) -> Reference:
    suffix = "" if maker is Maker.RULES else f"-{maker.value}"
    return view.reference("Provenance", f"-{version}{suffix}")


def verification(view: View) -> Resource:
    """Return the Provenance of a nurse's decision."""
    state = view.state
    reviewed = [_provenance(view, state.assessed, each.maker) for each in bases(state)]
    if state.assessed < state.impression - 1:  # a nurse reviewed it before
        reviewed.append(_provenance(view, state.impression - 1, Maker.RULES))
    content = verified(
        resource_id=f"{view.state.case_id}-{view.state.impression}",
        targets=view.decided(),
        at=view.at,
        verifier=view.nurse or {},
        inputs=reviewed,
    )
    return _versioned(content, 1, view.at)


def nurse_task(view: View, status: TaskStatus) -> Resource:
    """Return the Task as it stands."""
    number = view.state.task.number
    held = view.state.task.holder
    since, acuity = view.since(), view.urgency()
    content = task(
        resource_id=f"{view.state.case_id}-{number}",
        status=status,
        focus=view.focus(),
        patient=view.patient.unversioned(),
        encounter=view.state.encounter,
        acuity=acuity,
        floor_acuity=view.floor.acuity,
        model_acuity=view.state.draft.acuity if view.state.draft else None,
        times=Times(
            authored_on=since,
            last_modified=view.at,
            period_end=since + view.state.standing.limit(acuity),
            priority=queueing.place(view.state),
            overdue=wording.overdue(view.state),
            disagreement=wording.disagreement(view.state),
        ),
        requester=view.authors(),
        owner=person(held) if held else None,
        inputs=view.inputs,
        outputs=view.decision() if status == "completed" else [],
        description=wording.task_description(view.state),
        group=view.state.case_id,
        recalled=wording.recalled(view.state),
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
