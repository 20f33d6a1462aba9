"""What a draft ticks, held against the case: red flags and missing data. Pure.

A tick carries no sentence that could be checked word by word. It stays only where
something in the case could have led to it.
"""

import re
from types import MappingProxyType
from typing import Final

from domain.values import Case, VitalName
from inference.contract import MissingDatum, RedFlag

# For each flag, the words of which at least one must stand in the facts of the case.
_GROUNDS: Final = MappingProxyType(
    {
        RedFlag.AIRWAY: r"airway|stridor|chok|drool|swallow|throat|neck|tongue|voice"
        r"|swell|swollen|burn|smoke|facial|face",
        RedFlag.BREATHING: r"breath|dyspn|respirat|saturation|wheez|asthma|copd|cough"
        r"|gasp|chest|oxygen|lung|\bsob\b|pneumon",
        RedFlag.CHEST_PAIN: r"chest|angina|heart|cardiac|jaw|arm|sternal|\bcp\b"
        r"|epigastr|infarct|pressure on",
        RedFlag.SHOCK: r"systolic|pressure|faint|collaps|pale|clammy|sweat|cold|mottled"
        r"|syncop|bleed|blood|heart rate|capillary|lactate|dizz|shock",
        RedFlag.STROKE: r"speech|slur|face|facial|droop|weak|numb|arm|leg|vision|sight"
        r"|stroke|balance|confus|dizz|aphasi|paraly|walk|tia\b|word|one side|hemi",
        RedFlag.SEPSIS: r"fever|temperature|infect|rigor|shiver|chill|sepsis|septic"
        r"|respiratory rate|heart rate|confus|wound|cough|urin|hot|unwell|lactate",
        RedFlag.BLEEDING: r"bleed|blood|haem|hem|stool|black|vomit|nose|cut|wound"
        r"|lacerat|period|pad|melaena|melena|epistaxis|stab|gun|injur",
        RedFlag.ANTICOAGULATED: r"warfarin|xaban|gatran|heparin|parin\b|coumarin"
        r"|coumadin|eliquis|xarelto|pradaxa|anticoag|thinner|clopidogrel|ticagrelor"
        r"|phenprocoumon|acenocoumarol|antiplatelet|aspirin",
        RedFlag.CONSCIOUSNESS: r"conscious|confus|drows|letharg|unrespons|faint|collaps"
        r"|seiz|fit|glasgow|alert|sleepy|wake|delir|disorient|behav|blackout|syncop",
        RedFlag.HEADACHE: r"head|migraine|neck",
        RedFlag.ABDOMEN: r"abdom|belly|stomach|tummy|flank|groin|pelvi|vomit|epigastr"
        r"|bowel|back|testic|scrot",
        RedFlag.PREGNANCY: r"pregnan|postpartum|gestation|birth|deliver|contraction"
        r"|waters|womb|labou?r|baby mov|trimester",
        RedFlag.INFANT: r"\bdays\b|\bmonths\b|infant|baby|newborn|neonat|born|feed",
        RedFlag.POISONING: r"poison|overdose|ingest|swallow|took|tablet|pill|drug"
        r"|substance|intoxic|alcohol|chemical|battery|inhal|carbon monoxide|snake|bite"
        r"|mushroom|bleach",
        RedFlag.SELF_HARM: r"suicid|self|harm|cut|overdose|kill|die\b|dying|death"
        r"|hopeless|hang|jump|live\b",
        RedFlag.ALLERGY: r"allerg|anaphyl|hive|rash|swell|swollen|sting|itch|urticar"
        r"|\bbee\b|wasp|nut|peanut|tongue|lip",
        RedFlag.GLUCOSE: r"glucose|sugar|diabet|insulin|ketone|gliflozin|hypogly|thirst"
        r"|metformin|gliclazide|sulfonyl",
        RedFlag.TRAUMA: r"fall|fell|crash|accident|car\b|motor|trauma|injur|stab|gun"
        r"|shot|hit|struck|height|stairs|assault|bicycle|bike|ladder|crush|burn|collision"
        r"|fractur|broke|amputat|ejected",
    }
)
_MEASURED: Final = frozenset({each.value for each in VitalName})


def founded(flag: str, facts: str) -> bool:
    """Say whether a word of the facts could have raised a red flag."""
    return bool(re.search(rf"\b(?:{_GROUNDS[RedFlag(flag)]})", facts.casefold()))


def lacking(datum: str, case: Case) -> bool:
    """Say whether what a model says is missing is not in the case."""
    if datum == MissingDatum.BLOOD_PRESSURE:
        return not _known(case) & {VitalName.SYSTOLIC.value}
    if datum in _MEASURED:
        return datum not in _known(case)
    return not {
        MissingDatum.AGE.value: case.age,
        MissingDatum.COMPLAINT.value: case.complaints,
        MissingDatum.ONSET.value: any(each.onset for each in case.complaints),
        MissingDatum.MEDICATIONS.value: case.medications,
        MissingDatum.ALLERGIES.value: case.allergies,
    }.get(datum)


def _known(case: Case) -> set[str]:
    return {
        each.name.value
        for each in case.vitals
        if each.value is not None or each.consciousness is not None
    }
