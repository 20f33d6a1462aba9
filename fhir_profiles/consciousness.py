"""Coded and written answers about the level of consciousness, on the ACVPU scale."""

from collections.abc import Iterator
from types import MappingProxyType

from domain.values import Consciousness
from fhir_profiles.elements import (
    LOINC,
    SNOMED,
    Resource,
    codes,
    element,
    plain,
    string,
)

# SNOMED CT: the value set of UK Core ACVPU and the disorders beside it. LOINC: the
# answers of 67775-7 and, for confusion, of the verbal part of the Glasgow Coma Scale.
_CODES = MappingProxyType(
    {
        (SNOMED, "248234008"): Consciousness.ALERT,
        (SNOMED, "130987000"): Consciousness.CONFUSED,
        (SNOMED, "40917007"): Consciousness.CONFUSED,
        (SNOMED, "300202002"): Consciousness.VOICE,
        (SNOMED, "450847001"): Consciousness.PAIN,
        (SNOMED, "422768004"): Consciousness.UNRESPONSIVE,
        (LOINC, "LA9340-6"): Consciousness.ALERT,
        (LOINC, "LA6560-2"): Consciousness.CONFUSED,
        (LOINC, "LA17108-4"): Consciousness.VOICE,
        (LOINC, "LA17107-6"): Consciousness.PAIN,
        (LOINC, "LA9343-0"): Consciousness.UNRESPONSIVE,
    }
)

# Whole answers only: "not alert" must never be read as "alert".
_ANSWERS = MappingProxyType(
    dict.fromkeys(
        (
            "a",
            "alert",
            "mentally alert",
            "fully alert",
            "awake and alert",
            "alert and oriented",
            "alert and orientated",
            "awake, alert",
        ),
        Consciousness.ALERT,
    )
    | dict.fromkeys(
        (
            "c",
            "confused",
            "confusion",
            "new confusion",
            "acute confusion",
            "disoriented",
            "disorientated",
            "delirious",
            "delirium",
        ),
        Consciousness.CONFUSED,
    )
    | dict.fromkeys(
        (
            "v",
            "voice",
            "verbal",
            "responds to voice",
            "responds to verbal",
            "drowsy",
            "lethargic",
            "somnolent",
        ),
        Consciousness.VOICE,
    )
    | dict.fromkeys(
        ("p", "pain", "painful", "responds to pain", "stuporous"),
        Consciousness.PAIN,
    )
    | dict.fromkeys(
        ("u", "unresponsive", "unconscious", "comatose"),
        Consciousness.UNRESPONSIVE,
    )
)


def consciousness(answer: Resource) -> Consciousness | None:
    """Return the level that `valueCodeableConcept` or `valueString` states.

    Where codes and words disagree, the level farthest from alert. None where nothing
    is recognised: the answer is then unreadable, not alert.
    """
    levels = list(Consciousness)
    return max(_stated(answer), key=levels.index, default=None)


def _stated(answer: Resource) -> Iterator[Consciousness]:
    concept = element(answer, "valueCodeableConcept")
    codings = codes(concept)
    for code in codings:
        if (code.system, code.code) in _CODES:
            yield _CODES[(code.system, code.code)]
    texts = [code.display for code in codings]
    texts += [string(concept, "text"), string(answer, "valueString")]
    for text in texts:
        words = plain(text).casefold().removesuffix(" (finding)").rstrip(".")
        if words in _ANSWERS:
            yield _ANSWERS[words]
