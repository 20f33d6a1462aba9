"""A case at the moment of an event: the facts that its resources are made of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.answers import Reviewer
from domain.assessment import Assessment
from domain.values import Acuity, Floor, Reference
from fhir_profiles.canonical import BASE
from gateway.translate import devices

Resource = dict[str, Any]


def person(reviewer: Reviewer) -> Resource:
    """Return a nurse as a Reference: literal where her Practitioner is known."""
    content: Resource = {"type": "Practitioner", "display": reviewer.display}
    if reviewer.reference:
        return {"reference": reviewer.reference, **content}
    system = f"{BASE}/identifier/client"
    return {"identifier": {"system": system, "value": reviewer.name}, **content}


@dataclass(frozen=True)
class View:
    """A case that has a floor, at the moment of an event."""

    state: Assessment
    at: datetime

    @property
    def floor(self) -> Floor:
        """Return the floor, which every case that is shown has."""
        if self.state.floor is None:
            raise ValueError("A case is shown once the floor has assessed it.")
        return self.state.floor

    @property
    def patient(self) -> Reference:
        """Return the patient, as read when the case opened."""
        if self.state.patient is None:
            raise ValueError("A case is of a patient.")
        return self.state.patient

    @property
    def acuity(self) -> Acuity:
        """Return the machine's composed level."""
        return self.state.acuity or self.floor.acuity

    @property
    def inputs(self) -> tuple[Reference, ...]:
        """Return the exact versions that were read."""
        return self.state.case.inputs if self.state.case else ()

    @property
    def nurse(self) -> Resource | None:
        """Return who decided, as a Reference; None before."""
        return person(self.state.reviewer) if self.state.reviewer else None

    def reference(self, kind: str, suffix: str = "", version: int = 0) -> Reference:
        """Return the address of one of the case's resources."""
        return Reference(type=kind, id=f"{self.state.case_id}{suffix}", version=version)

    def outputs(self) -> tuple[Reference, Reference]:
        """Return the current versions of impression and risk assessment."""
        version = self.state.impression
        return (
            self.reference("ClinicalImpression", version=version),
            self.reference("RiskAssessment", version=version),
        )

    def authors(self) -> Reference:
        """Return the Device whose acuity counts."""
        if self.acuity < self.floor.acuity:
            earlier = self.state.raised
            run = self.state.run if self.state.draft else None
            author = run or (earlier.run if earlier else None)
            if author is not None:
                return devices.model_reference(author)
        return devices.rules_reference(self.floor.rules)

    def decided(self) -> list[Reference]:
        """Return what the decision stands in, the impression that counts first."""
        if self.state.replaced is None:
            return list(self.outputs())
        nurses = self._nurses(self.state.words)
        return [nurses, *self.outputs()]

    def _nurses(self, version: int = 0) -> Reference:
        return self.reference("ClinicalImpression", "-review", version)

    def focus(self) -> Reference:
        """Return what the Task asks to look at: the impression that stood by then."""
        first = self.state.again is None or self.state.replaced is None
        return self.reference("ClinicalImpression") if first else self._nurses()

    def since(self) -> datetime:
        """Return since when the Task waits."""
        again = self.state.again
        return again.at if again else self.state.opened or self.at

    def urgency(self) -> Acuity:
        """Return how urgent the Task is; a recall makes nothing less urgent."""
        return self.state.again.acuity if self.state.again else self.acuity

    def decision(self) -> list[tuple[str, str | int | Reference]]:
        """Return the outputs of the completed Task."""
        review = self.state.review
        if review is None:
            return []
        said: list[tuple[str, str | int | Reference]] = [
            ("resource", self.decided()[0]),
            ("decision", review.decision.value),
            ("acuity", int(review.acuity)),
        ]
        words = (
            ("reason", review.reason),
            ("correction", review.correction),
            ("notes", review.notes),
        )
        return [*said, *((name, text) for name, text in words if text.strip())]

    def nurses_words(self) -> list[str]:
        """Return what the nurse said beside her decision; FHIR knows no blank text."""
        reviews = dict.fromkeys((self.state.replaced, self.state.review))
        said = [text for each in reviews if each for text in (each.reason, each.notes)]
        return [each for each in said if each.strip()]

    def previous(self) -> Reference | None:
        """Return the impression of the case before this one."""
        if self.state.previous is None:
            return None
        return Reference(type="ClinicalImpression", id=self.state.previous)

    def why(self) -> str:
        """Return why the machine's impression does not stand."""
        review = self.state.replaced
        if review is None:
            return ""
        what = f"{review.decision.value} by a nurse"
        level = f"acuity {int(review.acuity)}"
        said = review.reason.strip() or review.correction.strip()
        return f"{what} ({level}): {said or level}"

    def assessed_at(self) -> datetime:
        """Return when the data were gathered."""
        return self.state.case.at if self.state.case else self.at
