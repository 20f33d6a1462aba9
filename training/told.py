"""What a case tells, as words that a claim may repeat: pure.

A claim of the reference answer takes its words from the record, as a model must. What
is denied, what somebody else has, what plays the complaint down and what speaks to
software is no finding of this patient, and is left out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from domain.values import Acuity, Case, Consciousness, Floor, Quality, Vital, VitalName
from inference.denial import denies, reassures
from inference.injection import suspicions
from inference.plain import comparable
from inference.prompt import case_refs, facts

_SENTENCE: Final = re.compile(r"[.;!?](?:\s+|$)")
_LEAD: Final = re.compile(
    r"^(?:thank you for seeing this patient with|referred with|associated with"
    r"|there is also|and then|and|also|it is|i came because of|i have had|i have"
    r"|(?:since|for) (?:\d+|a) \w+(?: ago)?|my \w+ (?:has|is)|(?:he|she) has"
    r"|(?:he|she) is my \w+|\d+(?:mo)? ?[fm])\b[\s,:]*",
    re.IGNORECASE,
)
_TAIL: Final = re.compile(
    r"\s*\b(?:too|now|it began .*|onset .*|(?:since|for|for about|over the last)"
    r" (?:\d+|a) \w+(?: ago)?(?: now)?)$",
    re.IGNORECASE,
)
_NO_FINDING: Final = re.compile(
    r"^(?:on|i take|(?:he|she) takes|it began|onset|over the)\b"
    r"|^(?:x|for|since) ?\d+ ?[mhd]\b|\b(?:years ago|says|thinks|am sure|probably"
    r"|bother|cleared|developer|software|for (?:a minute|now))\b",
    re.IGNORECASE,
)
_DENIED: Final = re.compile(
    r"^(?:no|nil|not|denies|without|never)\b|\bdo(?:es)? not have\b", re.IGNORECASE
)
_WHOSE: Final = re.compile(r"\b(?:my|his|her|their|your)\b", re.IGNORECASE)
_UNWRITABLE: Final = re.compile(r"[^A-Za-z0-9 ,%/'-]+")
_SHORTEST, _LONGEST = 3, 72  # letters, characters of what is repeated
_MIND: Final = {
    Consciousness.CONFUSED: "a patient who is confused",
    Consciousness.VOICE: "a consciousness recorded as voice",
    Consciousness.PAIN: "a consciousness recorded as pain",
    Consciousness.UNRESPONSIVE: "an unresponsive state of consciousness",
}
_MEASURED: Final = {
    VitalName.RESPIRATORY_RATE: "a respiratory rate of {} /min",
    VitalName.HEART_RATE: "a heart rate of {} /min",
    VitalName.OXYGEN_SATURATION: "an oxygen saturation of {} %",
    VitalName.SYSTOLIC: "a systolic pressure of {} mmHg",
    VitalName.TEMPERATURE: "a temperature of {} Cel",
    VitalName.PAIN: "a pain score of {}",
    VitalName.GLUCOSE: "a glucose of {} mmol/L",
    VitalName.CAPILLARY_REFILL: "a capillary refill of {} s",
    VitalName.GLASGOW_COMA_SCALE: "a glasgow coma scale of {}",
}
# Below and from these a value with a fraction is called low and raised: the contract
# has no decimal point (NEWS2, RCP 2017; hypoglycaemia and hyperglycaemia, WHO).
_SIDES: Final = {
    VitalName.TEMPERATURE: (Decimal(36), Decimal(38), "temperature"),
    VitalName.GLUCOSE: (Decimal(4), Decimal(11), "glucose"),
}
UNRULED: Final = Acuity.NON_URGENT + 1
"""The rank of a finding on which no rule fired."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """One finding: the label of its fact, words for it, and how urgent rules call it.

    `rank` is the most urgent level that a rule which fired demands on its account, 6
    where none does; of a vital sign only rules count that judge nothing else. `plain`
    says that it is no more than a number on which no such rule fired.
    """

    label: str
    words: str
    rank: int
    plain: bool = False


def told(case: Case, floor: Floor) -> tuple[Told, ...]:
    """Return what a case tells, the gravest first and what is within limits last."""
    ranks = _ranks(case, floor)
    found = [*_told(case, ranks)]
    return tuple(sorted(found, key=lambda each: (each.plain, each.rank)))


def clauses(text: str) -> Iterator[str]:
    """Yield what a complaint affirms of the patient, each in words of its own."""
    for sentence in _SENTENCE.split(text):
        if suspicions(sentence):
            continue
        for part in sentence.split(","):
            if _DENIED.search(part.strip()):
                break  # and what is listed behind a denial
            if clause := _clause(part):
                yield clause


def _clause(part: str) -> str:
    words, before = part.strip(), ""
    if _NO_FINDING.search(words) or suspicions(words):
        return ""
    while words != before:
        before, words = words, _TAIL.sub("", _LEAD.sub("", words)).strip()
    folded = comparable(words)
    if _NO_FINDING.search(words) or denies(folded) or reassures(folded):
        return ""
    kept = _cleaned(_WHOSE.sub("the", words))
    readable = sum(letter.isalpha() for letter in kept) >= _SHORTEST
    return kept if readable and len(kept) <= _LONGEST else ""


def _cleaned(words: str) -> str:
    """Return words without the marks that an answer may not hold."""
    return " ".join(_UNWRITABLE.sub(" ", words).split()).strip("-' ")


def _ranks(case: Case, floor: Floor) -> Mapping[str, int]:
    labels: dict[object, list[str]] = {}
    for label, source in case_refs(case).items():
        labels.setdefault(source, []).append(label)
    ranks: dict[str, int] = {}
    for fired in floor.fired:
        alone = len(fired.sources) == 1
        for label in (each for s in fired.sources for each in labels.get(s, ())):
            if alone or label[0] != "V":
                ranks[label] = min(int(fired.acuity), ranks.get(label, UNRULED))
    return ranks


def _told(case: Case, ranks: Mapping[str, int]) -> Iterator[Told]:
    known = facts(case)
    for label, fact in known.items():
        rank = ranks.get(label, UNRULED)
        for words in _stated(label, fact.partition(": ")[2]):
            yield Told(label=label, words=words, rank=rank)
    for place, vital in enumerate(case.vitals, 1):
        label = f"V{place}"
        if label in known and (words := _vital(vital)):
            rank = ranks.get(label, UNRULED)
            number = any(letter.isdigit() for letter in words)
            within = number and rank > Acuity.URGENT
            yield Told(label=label, words=words, rank=rank, plain=within)


def _stated(label: str, said: str) -> Iterator[str]:
    """Yield what a fact in words holds; medicines and allergies are no findings."""
    if label.startswith("C"):
        yield from clauses(said)
    elif label.startswith("H") and _cleaned(said):
        yield f"a history of {_cleaned(said).removeprefix('history of ')}"


def _vital(vital: Vital) -> str:
    if vital.consciousness is not None:
        return _MIND.get(vital.consciousness, "")
    if vital.value is None or vital.quality is not Quality.GOOD:
        return ""
    if vital.value % 1:
        return _side(vital.name, vital.value)
    wording = _MEASURED.get(vital.name, "")
    return wording.format(int(vital.value)) if wording else ""


def _side(name: VitalName, value: Decimal) -> str:
    if name not in _SIDES:
        return ""
    low, high, noun = _SIDES[name]
    if value < low:
        return f"a low {noun}"
    return f"a raised {noun}" if value >= high else ""
