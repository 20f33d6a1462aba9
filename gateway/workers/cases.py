"""What the workers read of a case: its state, and the patient's data behind it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.assessment import Assessment, evolve
from domain.values import Case, Reference
from gateway.intake.streams import case_stream
from gateway.projections import compartment
from gateway.projections.database import Database
from gateway.store.ledger import Ledger
from gateway.store.records import Erased
from gateway.translate.case import canonical_case


def state_of(ledger: Ledger, case_id: str) -> Assessment:
    """Return the case as the log has it."""
    state = Assessment()
    for recorded in ledger.stream(case_stream(case_id)):
        if not isinstance(recorded, Erased):
            state = evolve(state, recorded.event)  # type: ignore[arg-type]
    return state


def data_of(
    database: Database,
    patient: Reference,
    encounter: Reference | None,
    *,
    at: datetime,
    window: timedelta,
    questions: Sequence[str],
) -> Case:
    """Return the canonical case of a patient, as the read models show it now."""
    with database.reader() as connection:
        demographics = compartment.patient(database, connection, patient)
        found = compartment.of_patient(
            database, connection, patient, at=at, window=window
        )
    return canonical_case(
        demographics,
        found,
        encounter=encounter,
        at=at,
        window=window,
        questions=frozenset(questions),
    )
