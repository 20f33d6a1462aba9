"""The closed output contract that every model is held to, as a JSON Schema."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from domain.answers import PassageShown
from inference.quoting import quotes

# The contract's sizes. They bound what one answer costs: all maxima together fit
# into the answer's token budget of the smallest model that is served.
MOST_REASONS = 3
MOST_QUESTIONS = 2
MOST_CHOICES = 4
MOST_CASE_REFS = 3
MOST_EVIDENCE = 1
TEXT_LENGTH = 130
QUESTION_LENGTH = 120
QUOTE_LENGTH = 240
LEAST_TEXT = 12

_PROSE = "[A-Za-z0-9 ,%/'-]"
_OPENING = "What|When|Where|Which|Who|How|Is|Are|Does|Do|Did|Has|Have|Was|Were|Could"
ASKING = re.compile(rf"^(?:{_OPENING}) [^.!?;:]+[?]$")
"""What a question looks like: one, and nothing told before or after it."""


class RedFlag(StrEnum):
    """Patterns that a model may name; the rules' own catalogue is in the floor."""

    AIRWAY = "airway-threat"
    BREATHING = "respiratory-distress"
    CHEST_PAIN = "chest-pain"
    SHOCK = "shock"
    STROKE = "stroke-signs"
    SEPSIS = "possible-sepsis"
    BLEEDING = "bleeding"
    ANTICOAGULATED = "injury-on-anticoagulant"
    CONSCIOUSNESS = "altered-consciousness"
    HEADACHE = "sudden-headache"
    ABDOMEN = "acute-abdomen"
    PREGNANCY = "pregnancy-danger"
    INFANT = "infant-danger"
    POISONING = "poisoning"
    SELF_HARM = "self-harm"
    ALLERGY = "severe-allergy"
    GLUCOSE = "glucose-emergency"
    TRAUMA = "major-trauma"


class Action(StrEnum):
    """Steps of assessment that a model may suggest; none of them treats."""

    FULL_VITALS = "full-vitals"
    REMEASURE = "remeasure"
    ECG = "ecg-within-10-minutes"
    GLUCOSE = "glucose-measurement"
    ISOLATION = "isolation"
    PHYSICIAN = "physician-now"
    MONITORING = "monitoring"
    MEDICATION_REVIEW = "medication-review"


class MissingDatum(StrEnum):
    """What a model may say it lacks."""

    AGE = "age"
    COMPLAINT = "complaint"
    ONSET = "onset"
    PREGNANCY = "pregnancy"
    MEDICATIONS = "medications"
    ALLERGIES = "allergies"
    RESPIRATORY_RATE = "respiratory-rate"
    HEART_RATE = "heart-rate"
    OXYGEN_SATURATION = "oxygen-saturation"
    BLOOD_PRESSURE = "blood-pressure"
    TEMPERATURE = "temperature"
    CONSCIOUSNESS = "consciousness"
    GLUCOSE = "glucose"
    PAIN = "pain"


class Confidence(StrEnum):
    """How sure the model says it is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


def labelled(passages: Sequence[PassageShown]) -> dict[str, PassageShown]:
    """Return the passages under the short names that the model sees: E1, E2, ..."""
    return {f"E{place}": passage for place, passage in enumerate(passages, 1)}


def quotes_of(passage: PassageShown) -> tuple[str, ...]:
    """Return the sentences of a passage that a model may quote."""
    return quotes(passage.text, QUOTE_LENGTH)


def output_schema(
    passages: Sequence[PassageShown], case_refs: Iterable[str]
) -> dict[str, object]:
    """Return the closed JSON Schema of an answer to one prompt.

    A quote can only be a sentence of a passage that was shown and a reference only
    a fact that was shown, so that a server which obeys the schema cannot invent
    either. Nothing is used that xgrammar 0.2 refuses: `uniqueItems`, `not`,
    `multipleOf`, and more than 128 repetitions of one character in a `pattern`
    (tried with 0.2.7 and 0.2.8; https://github.com/mlc-ai/xgrammar/issues/863).
    Reasons stand before the acuity: a model reads its own argument.
    """
    reason: dict[str, object] = {
        "case_refs": _list({"enum": list(case_refs)}, MOST_CASE_REFS, least=1)
    }
    if quotes := _quotes(passages):
        reason["evidence"] = _list({"anyOf": quotes}, MOST_EVIDENCE, least=1)
    reason["text"] = _sentence()
    return _object(
        reasons=_list(_object(**reason), MOST_REASONS),
        red_flags=_choices(RedFlag),
        questions=_list(_object(text=_question()), MOST_QUESTIONS),
        suggested_actions=_choices(Action),
        missing_data=_choices(MissingDatum),
        confidence={"enum": [*Confidence]},
        acuity={"enum": [1, 2, 3, 4, 5, "cannot_assess"]},
    )


def schema_sha256(schema: dict[str, object]) -> str:
    """Return the SHA-256, in hex, of a schema's canonical JSON (order kept)."""
    text = json.dumps(schema, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _quotes(passages: Sequence[PassageShown]) -> list[dict[str, object]]:
    return [
        _object(id={"enum": [label]}, quote={"enum": list(sentences)})
        for label, passage in labelled(passages).items()
        if (sentences := quotes_of(passage))
    ]


def _object(**properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: object, most: int, *, least: int = 0) -> dict[str, object]:
    return {"type": "array", "minItems": least, "maxItems": most, "items": items}


def _choices(options: type[StrEnum]) -> dict[str, object]:
    return _list({"enum": [*options]}, MOST_CHOICES)


def _sentence() -> dict[str, object]:
    """Return the schema of one plain English statement."""
    between = f"{{{LEAST_TEXT},{TEXT_LENGTH - 2}}}"
    return {"type": "string", "pattern": f"^[A-Z]{_PROSE}{between}[.]$"}


def _question() -> dict[str, object]:
    """Return the schema of one plain English question."""
    between = f"{{{LEAST_TEXT},{QUESTION_LENGTH - 9}}}"
    return {"type": "string", "pattern": f"^({_OPENING}) {_PROSE}{between}[?]$"}
