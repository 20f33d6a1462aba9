"""Which resources are the gateway's own, so that no feed may write over them."""

import re

from domain.errors import NotYoursError
from domain.values import Reference
from gateway.intake.triage import load_case
from gateway.store.session import Session
from gateway.translate.devices import PREFIX

_ISSUED = frozenset({"ClinicalImpression", "RiskAssessment", "Task", "Provenance"})
_OF_CASE = re.compile(
    r"([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})(?:-.+)?"
)


def case_of(address: Reference) -> str | None:
    """Return the case whose resource the gateway would issue at an address, or None."""
    found = _OF_CASE.fullmatch(address.id) if address.type in _ISSUED else None
    return found[1] if found else None


def require_senders_own(session: Session, reference: Reference) -> None:
    """Refuse a write to an assessment, its Task, its Provenance or a Device of ours.

    Raises:
        NotYoursError: the resource was issued by the gateway.

    """
    device = reference.type == "Device" and reference.id.startswith(PREFIX)
    case_id = case_of(reference)
    if device or (case_id is not None and load_case(session, case_id).exists):
        raise NotYoursError(
            "The gateway issued this resource. A nurse reviews an assessment by "
            "PUT /fhir/Task/{id}; nothing else writes to it."
        )
