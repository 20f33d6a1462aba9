"""What is told at the desk, by whom: a patient, a carer, a nurse, or a letter.

A voice turns facts (what hurts, since when, what is denied) into words. Each draws its
own order and joints, so that two cases of one family need not share a sentence.
"""

import random
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from domain.particulars import Author
from domain.values import Sex


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a voice has to say; `told` and `absent` are names of complaints."""

    told: tuple[str, ...]
    absent: tuple[str, ...]
    minutes: float
    years: float
    sex: Sex
    medicines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Who speaks, how it is recorded, and the words it makes of facts."""

    name: str
    author: Author
    say: Callable[[random.Random, Facts], str]


@cache
def phrases() -> Mapping[str, Mapping[str, list[str]]]:
    """Return the ways to name each complaint: lay, clinical and short."""
    text = (Path(__file__).parent / "complaints.toml").read_text("utf-8")
    return tomllib.loads(text)


def lay(chance: random.Random, complaint: str, whose: str) -> str:
    """Return a complaint in everyday words of one who speaks of `whose` body."""
    return chance.choice(phrases()[complaint]["lay"]).replace("{my}", whose)


def patient(chance: random.Random, facts: Facts) -> str:
    """Speak as the patient."""
    said = _shuffled(chance, [lay(chance, name, "my") for name in facts.told])
    since = _since(chance, facts.minutes)
    first = chance.choice(
        [
            f"{since} I have {said[0]}",
            f"I have had {said[0]} {_for(chance, facts.minutes)}",
            f"I came because of {said[0]}, it began {_ago(facts.minutes)}",
            f"it is {said[0]}, {_for(chance, facts.minutes)} now",
        ]
    )
    return _paragraph(
        [
            first,
            *(
                f"{chance.choice(['also', 'and then', 'there is also'])} {each}"
                for each in said[1:]
            ),
            *(f"I do not have {lay(chance, name, 'my')}" for name in facts.absent),
            *_taken(chance, facts, "I take"),
        ]
    )


def carer(chance: random.Random, facts: Facts) -> str:
    """Speak as a parent, a partner or a carer."""
    who, whose, pronoun = _person(chance, facts)
    said = _shuffled(chance, [lay(chance, name, whose) for name in facts.told])
    first = chance.choice(
        [
            f"my {who} has {said[0]} {_since(chance, facts.minutes).lower()}",
            f"{_since(chance, facts.minutes)} my {who} has {said[0]}",
            f"{pronoun} is my {who}, {pronoun} has {said[0]}",
        ]
    )
    return _paragraph(
        [
            first,
            *(f"{pronoun} has {each} too" for each in said[1:]),
            *(
                f"no, {pronoun} does not have {lay(chance, name, whose)}"
                for name in facts.absent
            ),
            *_taken(chance, facts, f"{pronoun} takes"),
        ]
    )


def nurse(chance: random.Random, facts: Facts) -> str:
    """Write as a triage nurse does, in shorthand."""
    short = [chance.choice(phrases()[name]["short"]) for name in facts.told]
    parts = [
        f"{_years(facts.years)}{_letter(facts.sex)}",
        ", ".join(_shuffled(chance, short)),
        chance.choice(["x", "for ", "since "]) + _compact(facts.minutes),
    ]
    if facts.absent:
        denied = (chance.choice(phrases()[name]["short"]) for name in facts.absent)
        parts.append(chance.choice(["denies ", "nil ", "no "]) + ", ".join(denied))
    if facts.medicines and chance.random() < 0.5:  # noqa: PLR2004 (every other note)
        parts.append("on " + ", ".join(facts.medicines))
    return chance.choice(["; ", ". ", ", "]).join(parts)


def letter(chance: random.Random, facts: Facts) -> str:
    """Write as a referring clinician does."""
    named = [chance.choice(phrases()[name]["clinical"]) for name in facts.told]
    first, *rest = _shuffled(chance, named)
    lines = [
        chance.choice(
            [
                f"Thank you for seeing this patient with {first}",
                f"Referred with {first}, onset {_ago(facts.minutes)}",
                f"{first}, {_for(chance, facts.minutes)}",
            ]
        ),
        *(["Associated with " + " and ".join(rest)] if rest else []),
    ]
    if facts.absent:
        denied = [chance.choice(phrases()[name]["clinical"]) for name in facts.absent]
        lines.append("No " + ", no ".join(denied))
    return _paragraph(lines)


PATIENT = Voice(name="patient", author=Author.PATIENT, say=patient)
CARER = Voice(name="carer", author=Author.CARER, say=carer)
NURSE = Voice(name="nurse", author=Author.CLINICIAN, say=nurse)
LETTER = Voice(name="letter", author=Author.CLINICIAN, say=letter)


def _shuffled(chance: random.Random, items: Sequence[str]) -> list[str]:
    return chance.sample(list(items), len(items))


def _paragraph(sentences: Sequence[str]) -> str:
    return " ".join(f"{each[:1].upper()}{each[1:]}." for each in sentences)


def _taken(chance: random.Random, facts: Facts, verb: str) -> list[str]:
    if not facts.medicines or chance.random() < 0.6:  # noqa: PLR2004 (most do not say)
        return []
    return [f"{verb} {' and '.join(facts.medicines)}"]


def _person(chance: random.Random, facts: Facts) -> tuple[str, str, str]:
    female = facts.sex is Sex.FEMALE
    if facts.years < 1:
        who = "baby"
    elif facts.years < 18:  # noqa: PLR2004 (years: a child)
        who = "daughter" if female else "son"
    else:
        women, men = ("mother", "wife", "sister"), ("father", "husband", "brother")
        who = chance.choice(women if female else men)
    return who, "her" if female else "his", "she" if female else "he"


def _since(chance: random.Random, minutes: float) -> str:
    return chance.choice([f"Since {_ago(minutes)}", f"For {_span(minutes)}"])


def _for(chance: random.Random, minutes: float) -> str:
    return chance.choice(["for", "for about", "over the last"]) + f" {_span(minutes)}"


def _ago(minutes: float) -> str:
    return f"{_span(minutes)} ago"


def _span(minutes: float) -> str:
    hours = minutes / 60
    for value, unit in ((hours / 24, "day"), (hours, "hour"), (minutes, "minute")):
        count = round(value)
        if count >= 1:
            return f"{count} {unit}{'s' * (count > 1)}"
    return "a minute"


def _compact(minutes: float) -> str:
    count, unit, *_ = _span(minutes).split()
    return f"{count}{unit[0]}" if count.isdigit() else "now"


def _years(years: float) -> str:
    return f"{int(years)}" if years >= 1 else f"{int(years * 12)}mo "


def _letter(sex: Sex) -> str:
    return {Sex.FEMALE: "F", Sex.MALE: "M"}.get(sex, "")
