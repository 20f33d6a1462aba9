"""From a family of illness to one case, with its reference level and why it is that."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from domain.floor import compose
from domain.particulars import Author
from domain.values import (
    Acuity,
    Age,
    Case,
    Complaint,
    Consciousness,
    Finding,
    Floor,
    Pregnancy,
    Reference,
    Sex,
    Vital,
    VitalName,
)
from training import noise
from training.physiology import Measured, measured
from training.scenario import Degree, Family
from training.voices import CARER, LETTER, NURSE, PATIENT, Facts, Voice

_START = datetime(2026, 1, 1, tzinfo=UTC)
_YEAR = 365.25
_TALKS = 12.0  # years from which a child speaks for itself at the desk
_RATES_PAIN = 4.0  # years (Faces Pain Scale, Hicks CL et al., Pain 2001;93:173)
_FERTILE = (15.0, 50.0)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A case, its reference level, and everything that it was made of.

    `acuity` is the more urgent of what the family says and what the rules say: a case
    on which the rules know better is no example of ignoring them.
    """

    case: Case
    family: Family
    degree: Degree
    floor: Floor
    voice: str
    twists: tuple[str, ...]

    @property
    def acuity(self) -> Acuity:
        """Return the reference level."""
        return min(self.degree.acuity, self.floor.acuity)

    @property
    def why(self) -> str:
        """Say where the level comes from."""
        own = f"{self.family.name}, {self.degree.name}: level {self.degree.acuity}."
        cited = f"{own} {self.family.why} ({self.family.citation})"
        if self.floor.acuity >= self.degree.acuity:
            return cited
        rules = [r.rule for r in self.floor.fired if r.acuity == self.floor.acuity]
        return (
            f"{cited} The rules demand level {self.floor.acuity}: {', '.join(rules)}."
        )


def draw(chance: random.Random, family: Family, degree: Degree) -> Drawn:
    """Draw one case of a family at a degree of severity."""
    years = chance.uniform(*family.years)
    sex = _one(chance, dict(family.sexes()))
    signs = measured(
        chance, years=years, strain=family.strain, share=chance.uniform(*degree.strain)
    )
    at = _START + timedelta(minutes=chance.randrange(365 * 24 * 60))
    person = _Person(chance=chance, family=family, degree=degree, years=years, sex=sex)
    vitals = _vitals(person, signs, at)
    voice = person.voice(signs.consciousness)
    words, vitals, twists = _twisted(
        chance, voice.say(chance, person.facts()), vitals, voice
    )
    case = Case(
        patient=_ref("Patient", "p"),
        at=at,
        clock=at,
        age=Age(least=int(years * _YEAR), most=int(years * _YEAR)),
        sex=sex,
        pregnancy=person.pregnancy(),
        gestation=chance.randint(*family.gestation) if family.gestation else None,
        complaints=(
            Complaint(text=words, source=_ref("Encounter", "e"), author=voice.author),
        ),
        vitals=vitals,
        conditions=_findings("Condition", person.history),
        medications=_findings("MedicationStatement", person.medicines),
        allergies=_findings("AllergyIntolerance", person.allergies),
    )
    return Drawn(
        case=case,
        family=family,
        degree=degree,
        floor=compose.assess(case),
        voice=voice.name,
        twists=twists,
    )


class _Person:
    """Who is ill, of what, and what is known of them: drawn once."""

    def __init__(
        self,
        *,
        chance: random.Random,
        family: Family,
        degree: Degree,
        years: float,
        sex: Sex,
    ) -> None:
        self.chance, self.family, self.degree = chance, family, degree
        self.years, self.sex = years, sex
        core = [chance.choice(group) for group in degree.core]
        self.told = tuple(dict.fromkeys([*core, *_some(chance, family.some)]))
        self.history = _some(chance, family.history)
        self.medicines = _some(chance, family.medicines)
        self.allergies = _some(chance, family.allergies)
        self.minutes = _between(chance, *family.minutes)

    def facts(self) -> Facts:
        """Return what there is to tell."""
        absent = [name for name in self.family.absent if name not in self.told]
        count = min(len(absent), self.chance.randint(0, 2))
        return Facts(
            told=self.told,
            absent=tuple(self.chance.sample(absent, count)),
            minutes=self.minutes,
            years=self.years,
            sex=self.sex,
            medicines=self.medicines,
        )

    def voice(self, mind: Consciousness) -> Voice:
        """Return who speaks: nobody who is unwell of mind, and no small child."""
        if self.years < _TALKS or mind is not Consciousness.ALERT:
            return self.chance.choice((CARER, CARER, NURSE, LETTER))
        return self.chance.choice((PATIENT, PATIENT, NURSE, NURSE, CARER, LETTER))

    def pregnancy(self) -> Pregnancy:
        """Return what is known of a pregnancy."""
        if self.family.pregnancy is not None:
            return self.family.pregnancy
        least, most = _FERTILE
        if self.sex is Sex.FEMALE and least <= self.years <= most:
            return self.chance.choice((Pregnancy.UNKNOWN, Pregnancy.NOT_PREGNANT))
        return Pregnancy.UNKNOWN


def _vitals(person: _Person, signs: Measured, at: datetime) -> tuple[Vital, ...]:
    numbers = dict(signs.numbers)
    least, most = person.degree.pain
    if most and person.years >= _RATES_PAIN:
        numbers[VitalName.PAIN] = person.chance.randint(least, most)
    when = at - timedelta(minutes=person.chance.randint(0, 20))
    made = [
        Vital(
            name=name,
            source=_ref("Observation", name.value),
            value=Decimal(str(value)),
            effective=when,
        )
        for name, value in numbers.items()
    ]
    mind = Vital(
        name=VitalName.CONSCIOUSNESS,
        source=_ref("Observation", VitalName.CONSCIOUSNESS.value),
        consciousness=signs.consciousness,
        effective=when,
    )
    return (*made, mind)


_TWISTS: Mapping[str, float] = {
    "misspelt": 0.18,
    "of-another": 0.07,
    "minimised": 0.08,
    "injected": 0.06,
    "thinned": 0.22,
    "contradicted": 0.06,
}


def _twisted(
    chance: random.Random, words: str, vitals: tuple[Vital, ...], voice: Voice
) -> tuple[str, tuple[Vital, ...], tuple[str, ...]]:
    """Return words and vital signs as a real record has them, and what was done."""
    done = [name for name, share in _TWISTS.items() if chance.random() < share]
    for name, add in (
        ("of-another", noise.of_another),
        ("minimised", noise.minimised),
        ("injected", noise.injected),
    ):
        if name in done:
            words = f"{words} {add(chance)}"
    if "misspelt" in done and voice.author is not Author.CLINICIAN:
        words = noise.misspelt(chance, words)
    if "thinned" in done:
        vitals = noise.thinned(chance, vitals)
    if "contradicted" in done:
        vitals = noise.contradicted(chance, vitals)
    return words, vitals, tuple(done)


def _some(chance: random.Random, shares: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(name for name, share in shares.items() if chance.random() < share)


def _one(chance: random.Random, shares: Mapping[Sex, float]) -> Sex:
    return chance.choices(list(shares), weights=list(shares.values()))[0]


def _between(chance: random.Random, least: float, most: float) -> float:
    """Draw evenly on a scale on which an hour is to a day as a minute is to 24."""
    return float(least * (most / least) ** chance.random())


def _findings(kind: str, texts: Iterable[str]) -> tuple[Finding, ...]:
    return tuple(
        Finding(text=text, source=_ref(kind, f"{kind[0].lower()}{place}"))
        for place, text in enumerate(texts)
    )


def _ref(kind: str, name: str) -> Reference:
    return Reference(type=kind, id=name, version=1)
