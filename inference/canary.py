"""Fixed, made-up cases that a model answers before it may answer a patient's.

Nothing of a patient, of the site's knowledge or of its rules is in them: the same model
asked the same way gives the same answer, today and next year.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from domain.answers import Message, ModelIdentity, PassageShown
from domain.served import CanaryAnswer
from domain.values import (
    Acuity,
    Age,
    Case,
    Complaint,
    Finding,
    Floor,
    Reference,
    Sex,
    Vital,
    VitalName,
)
from inference.contract import output_schema, schema_sha256
from inference.parse import UnreadableDraft, parse
from inference.prompt import case_refs, prompt_sha256, render
from inference.schema import Answer, Generator

_AT: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
_YEAR: Final = 366
_TEXT: Final = (
    "Chest pain with sweating is an emergency until shown otherwise. "
    "A twisted ankle that carries weight can wait."
)
_PASSAGE: Final = PassageShown(
    id="canary",
    text=_TEXT,
    source="triage-gateway: fixed cases",
    sha256=hashlib.sha256(_TEXT.encode()).hexdigest(),
    score=1.0,
)


@dataclass(frozen=True, kw_only=True)
class Canary:
    """One fixed case, and the floor that the model is told."""

    name: str
    case: Case
    floor: Floor

    def messages(self) -> tuple[Message, ...]:
        """Return the prompt."""
        return render(self.case, self.floor, (_PASSAGE,))

    def schema(self) -> dict[str, object]:
        """Return what an answer to it has to look like."""
        return output_schema((_PASSAGE,), case_refs(self.case))


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a model answered to the fixed cases, and what it is, as it was asked."""

    model: ModelIdentity
    answers: tuple[CanaryAnswer, ...]


async def tried(generator: Generator, canaries: Sequence[Canary]) -> Trial:
    """Ask a model about fixed cases, at least one, each after the other.

    Raises:
        GeneratorUnavailableError: it does not answer.

    """
    answers = []
    for each in canaries:
        answer = await generator.generate(each.messages(), schema=each.schema())
        answers.append((each.name, answer))
    return Trial(
        model=answers[-1][1].model,
        answers=tuple(_answered(name, answer) for name, answer in answers),
    )


def prompt_of_canary() -> tuple[str, str]:
    """Return the hashes of a fixed case's prompt, and of its answer format.

    They tell that the program asks otherwise, also where nobody raised a version.
    """
    first = CANARIES[0]
    return prompt_sha256(first.messages()), schema_sha256(first.schema())


def _answered(name: str, answer: Answer) -> CanaryAnswer:
    return CanaryAnswer(
        canary=name,
        acuity=_acuity(answer),
        sha256=hashlib.sha256(answer.text.encode()).hexdigest(),
    )


def _acuity(answer: Answer) -> str:
    draft = parse(answer.text, answer.finish)
    if isinstance(draft, UnreadableDraft):
        return ""
    return "cannot_assess" if draft.acuity is None else str(int(draft.acuity))


def _canary(
    name: str,
    floor: Acuity,
    complaint: str,
    *,
    years: int,
    sex: Sex,
    vitals: Sequence[tuple[VitalName, int]] = (),
    medications: Sequence[str] = (),
) -> Canary:
    def source(kind: str) -> Reference:
        return Reference(type=kind, id=f"canary-{name}", version=1)

    case = Case(
        patient=source("Patient"),
        at=_AT,
        age=Age(least=years * _YEAR, most=years * _YEAR),
        sex=sex,
        complaints=(Complaint(text=complaint, source=source("Encounter")),),
        vitals=tuple(
            Vital(name=sign, value=Decimal(value), source=source("Observation"))
            for sign, value in vitals
        ),
        medications=tuple(
            Finding(text=each, source=source("MedicationStatement"))
            for each in medications
        ),
    )
    return Canary(name=name, case=case, floor=Floor(acuity=floor, rules="fixed"))


_V = VitalName

CANARIES: Final = (
    _canary("ankle", Acuity.NON_URGENT, "twisted ankle", years=30, sex=Sex.FEMALE),
    _canary(
        *("chest", Acuity.EMERGENT, "chest pain and sweating"),
        years=58,
        sex=Sex.MALE,
        vitals=((_V.HEART_RATE, 118), (_V.SYSTOLIC, 92)),
    ),
    _canary(
        *("breath", Acuity.URGENT, "short of breath since yesterday"),
        years=71,
        sex=Sex.FEMALE,
        vitals=((_V.RESPIRATORY_RATE, 24), (_V.OXYGEN_SATURATION, 93)),
    ),
    _canary(
        *("fever", Acuity.LESS_URGENT, "fever and cough, drinks well"),
        years=4,
        sex=Sex.MALE,
        vitals=((_V.TEMPERATURE, 39),),
    ),
    _canary(
        *("fall", Acuity.LESS_URGENT, "fell and hit her head"),
        years=80,
        sex=Sex.FEMALE,
        medications=("warfarin",),
    ),
    _canary(
        *("repeat", Acuity.NON_URGENT, "needs a new prescription"),
        years=45,
        sex=Sex.MALE,
    ),
)
"""The shortest first: a slow model is asked about the first ones alone."""
