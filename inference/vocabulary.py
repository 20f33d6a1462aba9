"""The words with which a claim may join what it rests on: pure.

A list of what may not be said has no end. So every word of a claim must stand in the
case, in the quote, or here: words that join, and words of triage that carry no finding
of their own.
"""

import re
from typing import Final

from inference.plain import comparable

_STEM = 5  # letters in which the forms of one word agree
_WORD = re.compile(r"[^\W\d_]+")
_JOINING: Final = """
    a about above after again all also although among an and any are around as at be
    because been before being below between both but by can could did do does during
    each either even every for from given had has have he her here hers him his if
    in into is it its itself less longer may me might more most much must near need
    needs no not now of off on once one only or other our out over own per rather s
    same shall she should since so some still such than that the their them then
    there these they this those through to together too toward towards under until
    up upon us very was we were what when where whether which while who whom whose
    why will with within without would yes yet you your
"""
_TRIAGE: Final = """
    acute added adds adult age aged alarm alert apply applies arrival arrive ask
    asked assess assessed assessment attention bring brings calls care carries carry
    case caution cause causes child children combination combined common compatible
    complaint concern concerning concerns condition consider considered consistent
    course criteria criterion danger dangerous day days decide decides deserves
    describe described describes deteriorate early elevated emergency evidence
    exceed exceeds fast feature features feel feels felt finding findings first fits
    follow found gave get group guideline happen hidden hide hides high higher
    history hour hours ill illness immediate immediately important include indicate
    indicated indicates indication infant information join keep known last lasted
    lasting late later lead leads let level life likelihood limit list look looked
    low lower made make makes man mark marks mask masked masks match matches mean
    meaning means measure measured medical meet meets minute minutes missing month
    months new number observation occur older onset patient patients pattern people
    person point points possible possibly poor potential presence present
    presentation problem prompt quick quickly raise raised raises range rapid
    rapidly rate rates reach reached reaches reading recent recorded remain remains
    repeat report reported reports require required requires reveal review risk
    risks same seen senior serious setting shortly show showed shows side sign signs
    similar slow soon source speak stage start started state suggest suggested
    suggesting suggests support supports suspect suspected suspicion suspicious
    symptom symptoms takes taking taken tell tells threshold time today triage
    trouble unknown unmeasured urgency urgent value values vital vitals warn warning
    warns warrants watch week unwell weeks woman women worrying year years young
    younger two three four five six seven eight nine ten eleven twelve fifteen
    twenty thirty forty fifty sixty seventy eighty ninety hundred half third quarter
"""  # what a number may be is another check's matter
_SAME: Final = (
    "breath breathless breathing breathlessness dyspnoea dyspnea respiratory sob",
    "heart cardiac pulse palpitations tachycardia bradycardia",
    "fever febrile temperature hot",
    "pressure systolic diastolic bp",
    "saturation oxygen spo hypoxia",
    "faint fainting fainted syncope collapse collapsed",
    "vomit vomiting vomited sick",
    "abdominal abdomen belly stomach tummy",
    "bleed bleeding blood bled bloody haemorrhage hemorrhage",
    "confused confusion disoriented altered consciousness",
    "weak weakness paralysed move",
    "swollen swelling swell swells",
    "injury injured trauma hurt hit knock bump",
    "fall fell fallen falls",
    "pregnant pregnancy",
    "seizure seizures convulsion fit convulsing",
    "speech speaking talk slurred",
    "sleepy drowsy drowsiness sleep",
    "feed feeding fed feeds",
    "drug drugs medicine medication medicines",
    "die dying death suicide suicidal",
    "diabetes diabetic",
    "infant baby newborn",
    "male man boy",
    "female woman girl",
    "dizzy dizziness vertigo",
    "sweating sweaty sweat clammy",
    "shivering shaking shivery rigor rigors tremor chills",
    "glucose sugar hypoglycaemia",
    "swallow swallowed swallowing",
    "drool drooling saliva",
    "wheeze wheezing wheezy",
    "numb numbness",
    "stiff stiffness",
    "wound cut laceration",
    "tightness tight",
    "vision visual see sight eye",
    "loss lost cannot unable inability",
    "overdose took tablet pills ingested ingestion swallowed",
    "exertion exercise gym running lifting",
    "pale pallor",
    "skull head",
    "pain painful hurt hurts ache aching sore",
    "chest angina",
    "leg calf thigh",
    "arm hand",
)


_ENDING = re.compile(r"(?<=[a-z]{3})(?:ing|ed|es|s)$(?<!ss)")
_CONCLUDING: Final = re.compile(
    r"\b(?:raises?|suggests?|may|might|could|can|points? to|means?|marks?|warns?"
    r"|indicates?|predicts?|carr(?:y|ies)|deserves?|needs?|increases?|adds?|scores?"
    r"|hides?|masks?|(?:is|are|be|shows?|meets?|fits?) (?:an? |the |in |among |high )?"
    r"(?:early |warning |danger |high |low |severe |red |risk |obstetric |medical )*"
    r"(?:signs?|flags?|criteri\w+|emergency|emergencies|time-critical|risk|compatible"
    r"|consistent|concerning|danger\w*|urgent|alkali)"
    r"|(?:is|are) (?:above|below|over|under|longer|more|less|higher|lower))\b"
)
# What a record may lack has no other words than these.
_LACKED = re.compile(
    r"\b(?:missing|unknown|not (?:been )?(?:measured|known|recorded|taken))\b"
)
_MEASURED: Final = (
    "temperature pulse heart respiratory breathing oxygen saturation blood pressure"
    " systolic diastolic glucose lactate consciousness pain weight capillary refill"
    " allergies allergy medication medicine pregnancy"
)


def _stem(word: str) -> str:
    return _ENDING.sub("", word)[:_STEM]


_INFANT: Final = re.compile(r"\bage \d+ (?:days|months)\b")
_YOUNG: Final = frozenset(map(_stem, ("infant", "baby", "newborn")))
_JOINTS: Final = frozenset(map(_stem, _JOINING.split()))
_FREE: Final = frozenset(_stem(word) for word in f"{_JOINING} {_TRIAGE}".split())
_KIN: Final = tuple(frozenset(map(_stem, words.split())) for words in _SAME)


def unknown_words(claim: str, ground: str) -> frozenset[str]:
    """Return the stems of a claim's words that are neither in the ground nor here.

    Words for one thing count as one: "dyspnoea" is known where "breathless" stands.
    """
    lacked = _MEASURED if _LACKED.search(comparable(claim)) else ""
    return telling(claim) - _with_kin(f"{ground} {lacked}")


def shared_words(claim: str, ground: str) -> frozenset[str]:
    """Return the stems of the telling words of a claim for which the ground has one."""
    return telling(claim) & _with_kin(ground)


def bears_on(quote: str, claim: str) -> bool:
    """Say whether a quote speaks of what a claim says.

    They share a telling word, or at least two that are more than joints.
    """
    common = (_stems(claim) & _stems(quote)) - _JOINTS
    return bool(shared_words(claim, quote)) or len(common) > 1


def telling(text: str) -> frozenset[str]:
    """Return the stems of the words that do more than join."""
    return _stems(text) - _FREE


def found(claim: str) -> str:
    """Return the part of a claim that tells what was found, before what it may mean.

    A claim that draws no conclusion tells of findings to its end.
    """
    return _CONCLUDING.split(comparable(claim), maxsplit=1)[0]


def _with_kin(ground: str) -> frozenset[str]:
    known = _stems(ground)
    near = (kin for kin in _KIN if kin & known)
    young = _YOUNG if _INFANT.search(ground) else frozenset[str]()
    return known.union(young, *near)


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(_stem, _WORD.findall(comparable(text))))
