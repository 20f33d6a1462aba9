"""Cases, passages and answers that the tests of the model side are about."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from domain.answers import Message, ModelIdentity, PassageShown, Sampling
from domain.values import (
    Acuity,
    Age,
    Case,
    Complaint,
    Finding,
    Fired,
    Floor,
    Reference,
    Sex,
    Vital,
    VitalName,
)
from inference.prompt import shown
from inference.schema import Answer, Passage, Query, Retrieval, SourceKind

CHEST = (
    "Crushing central chest pain with sweating is an emergency until shown otherwise."
    " Record an ECG within 10 minutes of arrival. Ask about pain in the arm or jaw."
)
SHOCK = (
    "A systolic pressure of 90 mmHg or less suggests shock in an adult."
    " A heart rate above 130 per minute is a danger sign."
)


def ref(kind, name, version=1):
    return Reference(type=kind, id=name, version=version)


def vital(name, value, **more):
    return Vital(
        name=name, value=Decimal(str(value)), source=ref("Observation", name), **more
    )


CASE = Case(
    patient=ref("Patient", "p"),
    at=datetime(2026, 11, 1, 12, tzinfo=UTC),
    age=Age(least=20_000, most=20_364),
    sex=Sex.MALE,
    complaints=(
        Complaint(
            text="Crushing chest pain for 40 minutes, sweating",
            source=ref("Encounter", "e"),
        ),
    ),
    vitals=(vital(VitalName.HEART_RATE, 128), vital(VitalName.SYSTOLIC, "88.0")),
    medications=(Finding(text="warfarin", source=ref("MedicationStatement", "m")),),
)


def saying(text):
    """Return the case with another complaint."""
    told = Complaint(text=text, source=ref("Encounter", "e"))
    return replace(CASE, complaints=(told,))


FLOOR = Floor(
    acuity=Acuity.EMERGENT,
    rules="1",
    fired=(
        Fired(
            rule="red-flag.chest-pain",
            acuity=Acuity.EMERGENT,
            sentence="Chest pain.",
            citation="ESI v5",
        ),
    ),
    missing=("temperature",),
)


def passage(name="chest-1", text=CHEST):
    return Passage(
        id=name,
        text=text,
        heading="Heading",
        source="Organisation, Title, 2020",
        kind=SourceKind.EMERGENCY_PROTOCOL,
        date="2020-01-01",
        population=("adult",),
        licence="CC0-1.0",
        sha256="0" * 64,
        score=0.5,
    )


KNOWLEDGE = (passage(), passage("shock-1", SHOCK))
SHOWN: tuple[PassageShown, ...] = shown(KNOWLEDGE)
QUOTE = (
    "Crushing central chest pain with sweating is an emergency until shown otherwise."
)


def reason(text="Crushing chest pain with sweating suggests cardiac danger.", **more):
    return {
        "case_refs": ["C1"],
        "evidence": [{"id": "E1", "quote": QUOTE}],
        "text": text,
    } | more


def answer(**more):
    """Return the text of a good answer, changed in the fields that are named."""
    return json.dumps(
        {
            "reasons": [reason()],
            "red_flags": ["chest-pain"],
            "questions": [{"text": "Does the pain spread to the arm or jaw?"}],
            "suggested_actions": ["ecg-within-10-minutes"],
            "missing_data": ["temperature"],
            "confidence": "medium",
            "acuity": 1,
        }
        | more
    )


class Library:
    """A retriever that always finds the same passages."""

    def __init__(self, passages: Sequence[Passage] = KNOWLEDGE) -> None:
        self.passages = tuple(passages)
        self.asked: list[Query] = []

    async def retrieve(self, query: Query) -> Retrieval:
        self.asked.append(query)
        return Retrieval(passages=self.passages, index="index-1")


class Parrot:
    """A model that says what it was told to say."""

    def __init__(self, text: str, finish: str = "stop") -> None:
        self.text = text
        self.finish = finish

    async def generate(
        self,
        messages: Sequence[Message],  # noqa: ARG002 (a parrot does not listen)
        *,
        schema: dict[str, object],  # noqa: ARG002
        urgency: Acuity | None = None,  # noqa: ARG002
    ) -> Answer:
        return Answer(
            text=self.text,
            finish=self.finish,
            model=ModelIdentity(name="parrot", weights="sha256:0", server="scripted"),
            sampling=Sampling(temperature=0.0, seed=0, max_tokens=512),
            milliseconds=3,
        )
