"""Claims that an honest model may make, each with its case and the passage it cites."""

import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from domain.values import (
    Age,
    Case,
    Complaint,
    Finding,
    Pregnancy,
    Reference,
    Sex,
    Vital,
    VitalName,
)
from inference.prompt import shown
from tests.inference.scenes import answer, passage

FILE = Path(__file__).parents[1] / "assets" / "red_team" / "fair_claims.jsonl"
FAIR = [json.loads(line) for line in FILE.read_text().splitlines()]


def case_of(told):
    """Return the case that a line of the file is about."""
    days = math.ceil(told["age"] * 365.25)
    return Case(
        patient=ref("Patient", 0),
        at=datetime(2026, 11, 1, 12, tzinfo=UTC),
        age=Age(least=days, most=days),
        sex=Sex(told.get("sex", "male")),
        pregnancy=Pregnancy(told.get("pregnancy", "unknown")),
        complaints=(Complaint(text=told["complaint"], source=ref("Encounter", 0)),),
        vitals=tuple(
            Vital(
                name=VitalName(name),
                value=Decimal(str(value)),
                source=ref("Observation", place),
            )
            for place, (name, value) in enumerate(told.get("vitals", {}).items())
        ),
        medications=findings("MedicationStatement", told.get("medications", ())),
        conditions=findings("Condition", told.get("conditions", ())),
    )


def passages_of(told):
    """Return what the model was shown: the passage that it quotes, nothing else."""
    return shown([passage("guideline", told["quote"])])


def answer_of(told, **more):
    """Return an answer that makes the claim of a line."""
    evidence = [{"id": "E1", "quote": passages_of(told)[0].text}]
    claim = {"text": told["claim"], "case_refs": told["refs"], "evidence": evidence}
    return answer(**{"reasons": [claim], "questions": [], "red_flags": []} | more)


def findings(kind, texts):
    return tuple(
        Finding(text=text, source=ref(kind, place)) for place, text in enumerate(texts)
    )


def ref(kind, place):
    return Reference(type=kind, id=f"{kind.lower()}-{place}", version=1)
