"""What a case calls for beside its level: flags, steps, questions, data that lack.

Everything comes from closed tables, keyed by what the rules found and by the family of
illness; a flag that nothing in the record speaks of is left out, as the checks would.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain.values import Acuity, Case, Floor, Pregnancy, Sex, VitalName
from inference.contract import (
    MOST_CHOICES,
    MOST_QUESTIONS,
    Action,
    MissingDatum,
    RedFlag,
)
from inference.founded import founded, lacking
from inference.grounding import all_said
from inference.prompt import facts

# What in the name of a rule, or of a family, stands for a flag.
_SIGNS: Final[Mapping[RedFlag, str]] = {
    RedFlag.AIRWAY: r"stridor|airway|secretions|croup|smoke",
    RedFlag.ALLERGY: r"allerg|anaphyl",
    RedFlag.CHEST_PAIN: r"chest-pain|dissection|infarct|coronary",
    RedFlag.STROKE: r"stroke|deficit|visual-loss|flaccid|numbness|brain-haem",
    RedFlag.SHOCK: r"shock|hypotension|hypoperfusion|weak-and-low|mean-pressure"
    r"|low-systolic",
    RedFlag.BREATHING: r"dyspn|hypox|respiratory|fast-breathing|asthma|copd|pneumonia"
    r"|embol|bronchiol|collapsed-lung|heart-failure",
    RedFlag.ANTICOAGULATED: r"anticoagulant",
    RedFlag.BLEEDING: r"bleed|haemat|haemopt|coughing-blood|melaena|penetrat|stab"
    r"|wound",
    RedFlag.SEPSIS: r"sepsis|fever|infect|rigors|immun|meningitis|neutropen|septic",
    RedFlag.CONSCIOUSNESS: r"not-alert|unrespons|altered|seizure|syncope|confusion"
    r"|neuroglyc|collapse",
    RedFlag.HEADACHE: r"headache|thunderclap|meningitis|brain-haem|migraine",
    RedFlag.ABDOMEN: r"abdom|periton|flank|torsion|bilious|intussus|aneurysm|append"
    r"|bowel|colic|reflux",
    RedFlag.PREGNANCY: r"maternal|delivery|obstetric|labour|ectopic|eclamp|birth"
    r"|pregnan|movements",
    RedFlag.INFANT: r"infant|bronchiol",
    RedFlag.SELF_HARM: r"suicid",
    RedFlag.POISONING: r"overdose|poison|snake|ingested|swallowed|smoke|battery",
    RedFlag.GLUCOSE: r"gluc|glyc|sugar|ketoacid|sglt2",
    RedFlag.TRAUMA: r"trauma|mechanism|burn|head-injury|fall|drowning|crash|fracture"
    r"|stab",
}
_ASKED: Final[Mapping[RedFlag, tuple[str, ...]]] = {
    RedFlag.AIRWAY: (
        "Is there trouble with swallowing saliva or with speaking?",
        "Has the voice changed since this began?",
    ),
    RedFlag.ALLERGY: (
        "What did the patient eat or touch shortly before this began?",
        "Is there swelling of the tongue, the lips or the throat?",
    ),
    RedFlag.CHEST_PAIN: (
        "Does the pain spread to the arm, the jaw or the back?",
        "Is there sweating, nausea or shortness of breath with it?",
    ),
    RedFlag.STROKE: (
        "When did the first of these signs appear?",
        "Is there weakness or numbness on one side of the body?",
    ),
    RedFlag.SHOCK: (
        "Has there been any bleeding, vomiting or diarrhoea?",
        "Has the patient fainted or felt faint when standing up?",
    ),
    RedFlag.BREATHING: (
        "Is the patient able to lie flat and to speak in whole sentences?",
        "How fast did the trouble with breathing begin?",
    ),
    RedFlag.ANTICOAGULATED: (
        "Which medicine against clotting is on the list, and since when?",
        "Was the head hit, and has there been vomiting or confusion since?",
    ),
    RedFlag.BLEEDING: (
        "How much blood was there, and is it still coming?",
        "Does the patient feel faint when standing up?",
    ),
    RedFlag.SEPSIS: (
        "Have there been shaking chills or new confusion?",
        "When did the patient last pass urine?",
    ),
    RedFlag.CONSCIOUSNESS: (
        "How does the patient behave compared with the day before?",
        "Was there a seizure, a fall or a blow to the head?",
    ),
    RedFlag.HEADACHE: (
        "Did the headache reach its worst within a minute?",
        "Is there a stiff neck, fever or trouble with vision?",
    ),
    RedFlag.ABDOMEN: (
        "Where is the pain, and does it spread to the back or the groin?",
        "When was the last bowel movement, and was there blood in it?",
    ),
    RedFlag.PREGNANCY: (
        "Is there bleeding, severe headache or pain in the abdomen?",
        "When did the baby last move?",
    ),
    RedFlag.INFANT: (
        "How much milk did the baby take, and how many nappies were wet?",
        "Is the baby hard to wake or crying in another way?",
    ),
    RedFlag.SELF_HARM: (
        "Are there thoughts of suicide now, and is there a plan?",
        "Who is with the patient at the moment?",
    ),
    RedFlag.POISONING: (
        "Which substance, animal or object was it, and at what time?",
        "Who saw what happened, and how much of it was there?",
    ),
    RedFlag.GLUCOSE: (
        "When did the patient last eat?",
        "Has there been vomiting, thirst or fast breathing?",
    ),
    RedFlag.TRAUMA: (
        "How did the injury happen, and from what height or speed?",
        "Is there pain in the neck, or numbness in an arm or a leg?",
    ),
}
_ANYWAY: Final = (
    "When did this begin, and has it become worse since?",
    "Has the patient had anything like this before?",
    "What makes it worse, and what came with it?",
    "Which other illnesses does the patient have?",
    "Are there any allergies on the part of the patient?",
)
_ONSET: Final = re.compile(
    r"\b(?:since|for|onset|over the last|x|began)\s*(?:about )?(?:\d|a \w+)"
    r"|\bago\b|\b\d+\s?(?:m|h|d|min|hours?|days?)\b"
)
_FERTILE: Final = (15 * 365, 51 * 365)  # days
_BP: Final = {VitalName.SYSTOLIC.value: MissingDatum.BLOOD_PRESSURE.value}


@dataclass(frozen=True, kw_only=True)
class Bearing:
    """What an answer ticks and asks beside its reasons, in the contract's words."""

    flags: tuple[str, ...]
    actions: tuple[str, ...]
    questions: tuple[str, ...]
    missing: tuple[str, ...]


def bearing(case: Case, floor: Floor, *, acuity: Acuity, family: str) -> Bearing:
    """Return what a case calls for at its reference level."""
    said = all_said(facts(case))
    seen = [*(fired.rule for fired in floor.fired), family]
    flags = tuple(_flags(seen, said)) if acuity <= Acuity.URGENT else ()
    return Bearing(
        flags=flags[:MOST_CHOICES],
        actions=tuple(_actions(case, floor, acuity, flags))[:MOST_CHOICES],
        questions=tuple(_questions(flags, said))[:MOST_QUESTIONS],
        missing=tuple(_missing(case, floor, acuity, said))[:MOST_CHOICES],
    )


def _flags(seen: Sequence[str], said: str) -> Iterator[str]:
    for flag, sign in _SIGNS.items():
        if any(re.search(sign, name) for name in seen) and founded(flag, said):
            yield flag.value


def _actions(
    case: Case, floor: Floor, acuity: Acuity, flags: Sequence[str]
) -> Iterator[str]:
    steps = {
        Action.PHYSICIAN: acuity == Acuity.RESUSCITATION,
        Action.ECG: bool({RedFlag.CHEST_PAIN.value} & {*flags})
        or _named(floor, r"syncope|palpitat|potassium|overdose|silent"),
        Action.GLUCOSE: bool({RedFlag.GLUCOSE.value, RedFlag.CONSCIOUSNESS} & {*flags})
        and not any(v.name is VitalName.GLUCOSE for v in case.vitals),
        Action.MONITORING: acuity <= Acuity.EMERGENT,
        Action.ISOLATION: _named(floor, r"travel|non-blanching|neck-stiffness"),
        Action.REMEASURE: bool(doubts(floor)) or _named(floor, r"unread|doubtful"),
        Action.FULL_VITALS: bool(floor.missing),
        Action.MEDICATION_REVIEW: bool(case.medications)
        and _named(floor, r"^medication|fall|syncope|bleeding|potassium"),
    }
    return (step.value for step, wanted in steps.items() if wanted)


def doubts(floor: Floor) -> tuple[str, ...]:
    """Return what is doubtful in the measurements; medicines are another matter."""
    return tuple(each for each in floor.doubts if not each.startswith("medicines"))


def _named(floor: Floor, sign: str) -> bool:
    return any(re.search(sign, fired.rule) for fired in floor.fired)


def _questions(flags: Sequence[str], said: str) -> Iterator[str]:
    firsts = (_ASKED[RedFlag(flag)][0] for flag in flags)
    seconds = (_ASKED[RedFlag(flag)][1] for flag in flags)
    dated = bool(_ONSET.search(said.casefold()))
    yield from dict.fromkeys([*firsts, *seconds])
    rest = _ANYWAY[dated:]
    turn = len(said) % len(rest)  # what nothing points to is not always the same
    yield from [*rest[turn:], *rest[:turn]] if dated else rest


def _missing(case: Case, floor: Floor, acuity: Acuity, said: str) -> Iterator[str]:
    named = [_BP.get(name, name) for name in floor.missing]
    wanted = [name for name in named if name in {*MissingDatum}]
    if case.age is None:
        wanted.append(MissingDatum.AGE)
    if not _ONSET.search(said.casefold()):
        wanted.append(MissingDatum.ONSET)
    if acuity <= Acuity.URGENT and _may_be_pregnant(case):
        wanted.append(MissingDatum.PREGNANCY)
    return (name for name in dict.fromkeys(wanted) if lacking(name, case))


def _may_be_pregnant(case: Case) -> bool:
    """Say whether nobody has said, of a woman who may be 15 to 50 years old."""
    if case.sex is not Sex.FEMALE or case.pregnancy is not Pregnancy.UNKNOWN:
        return False
    least, most = _FERTILE
    return case.age is not None and case.age.most >= least and case.age.least <= most
