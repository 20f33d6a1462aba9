"""What no sentence of a model may do, whatever it cites: pure, one check a kind.

The patterns are English, as the contract asks for; a text that is not plain English
is refused, because nothing here could judge it. They would rather strip a good
sentence than show a bad one: the floor does not depend on any of them.
"""

import re
from collections.abc import Callable

from inference.plain import comparable


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_DOSE = _any(
    r"\d\s*(?:g|ml|cc|units?|iu|tabs?|tablets?|capsules?|pills?|puffs?|drops?"
    r"|ampoules?|sprays?|litres?|liters?)\b(?!/d?l)",
    r"(?:\d|\b)(?:mg|mcg|ug|\u03bcg|milligram\w*|microgram\w*|millilit\w*)\b(?!/d?l)",
    r"\b(?:dose|dosage|dosing|bolus|infusion|intravenous\w*|intramuscular\w*)\b",
    r"\b(?:once|twice|three times|four times) (?:a day|daily)\b",
)
_THERAPY = (
    r"(?:administer|prescribe|inject|infuse|titrate|intubate|sedate|transfuse"
    r"|thrombolyse|cardiovert|defibrillate|anticoagulate|discharge|medicate)"
)
_TREAT = (
    "give|take|start|stop|hold|withhold|continue|discontinue|increase|decrease"
    "|reduce|double|skip|resume|switch|order|admit|apply|use|try|offer|provide"
    "|insert|perform|treat|drink|eat|swallow|send"
)
_DRUG = (
    r"(?:\w+(?:cillin|mycin|floxacin|olol|pril|sartan|statin|prazole|azepam|caine"
    r"|triptan|profen|setron|parin|xaban|gliptin|gliflozin|barbital|cycline)"
    r"|aspirin|paracetamol|acetaminophen|ibuprofen|morphine|fentanyl|opioids?|opiates?"
    r"|adrenaline|epinephrine|naloxone|insulin|glucagon|dextrose|warfarin|alteplase"
    r"|tenecteplase|nitroglycerin\w*|nitrates?|gtn|salbutamol|albuterol|steroids?"
    r"|prednisol?one|dexamethasone|hydrocortisone|antibiotics?|antihistamines?"
    r"|benzodiazepines?|antacids?|diuretics?|furosemide|clopidogrel|ticagrelor"
    r"|magnesium|potassium|tranexamic|antivenom|charcoal|vaccin\w+|painkillers?"
    r"|analges\w+|oxygen therapy)"
)
_ORDER = _any(
    rf"\b{_THERAPY}\b",
    rf"(?:^|[.!?;:,]\s*|\b(?:and|then|please|must|should|to|can|may|could|would|will"
    rf"|let's|also|now|just|immediately) (?:be )?)(?:{_TREAT})\b",
    rf"\b(?:{_TREAT})\b.*\b{_DRUG}\b",
    rf"\b{_DRUG}\b.*\b(?:{_TREAT}|given|needed|required|indicated|recommended"
    r"|now|immediately|stat|orally|iv|im|po)\b",
    r"\b(?:needs?|requires?|receive[sd]?|must have|should have|treated with)"
    rf"\b.*\b{_DRUG}\b",
    r"\b(?:should|must|can|may|needs? to|is to|to) be (?:given|started|stopped|treated"
    r"|discharged|sent|admitted|intubated|sedated|administered|withheld|allowed)\b",
    r"\b(?:go|send\w*|sent) home\b",
)
_REASSURANCE = _any(
    r"\b(?:not|non|isn't|never|hardly|no)[ -](?:an? |so |very |at all )?(?:urgent"
    r"|emergency|emergent|serious|severe|dangerous|critical|worrying|worrisome"
    r"|concern\w*|alarming|life[ -]threatening|acute|at risk|in danger)\b",
    r"\bno (?:\w+ ){0,2}(?:need|reason|cause|signs?|evidence|red flags?|danger|risk"
    r"|problems?|issues?|symptoms?|worries|worry|rush|hurry)\b",
    r"\b(?:reassur\w+|harmless|benign|trivial|minor|self[ -]limit\w*|nothing|fine"
    r"|okay|ok|healthy|unremarkable|unconcerning|well[ -]appearing|safe|safely)\b",
    r"\b(?:can|could|may|should|will|to) (?:safely )?(?:wait|rest|relax|recover"
    r"|resolve|leave)\b",
    r"\b(?:low|lower|lowest|minimal|little|least)[ -](?:\w+ )?(?:acuity|priority"
    r"|urgency|risk|concern|danger|severity)\b",
    r"\b(?:stable|normal\w*|unlikely|ruled? out|excluded?|excludes|don't worry"
    r"|do not worry|worry|mild\w*|good condition|within limits|in range|anxiety"
    r"|stress|exaggerat\w*|attention[ -]seeking|malinger\w*|drug[ -]seeking)\b",
    r"\b(?:less|not that|not too) (?:urgent|serious|severe|likely)\b",
    r"\b(?:settle[sd]?|heals?|hurry|self[ -]care|on its own|by itself|gets? better"
    r"|most likely|goes away|go away|sure)\b",
    r"\b(?:downgrad\w*|de-?escalat\w*|down-?triage\w*)\b",
)
_DISEASE = (
    r"(?:\w{3,}(?:itis|oma|emia|aemia|osis|ectasis)|heart attack|infarct\w*|n?stemi"
    r"|mi|acs|acute coronary syndrome|angina|stroke|tia|sepsis|septic|septicaemia"
    r"|embolism|pe|dvt|thrombosis|pneumonia|asthma|copd|cancer|malignan\w*|tumou?r"
    r"|leuk\w+|diabetes|dka|ketoacidosis|an infection|infected|influenza|flu|covid\w*"
    r"|viral|a cold"
    r"|an? (?:\w+ )?fracture|fractured|rupture\w*|aneurysm|dissection|torsion|ectopic"
    r"|pre-?eclampsia|eclampsia|abruption|haemorrhage|hemorrhage|epilepsy|anaphylaxis"
    r"|heart failure|cardiac arrest|renal failure|kidney failure|overdose|depression"
    r"|schizo\w+|psychosis|dementia|migraine|gout|hernia|obstruction|pneumothorax"
    r"|tamponade|shock|syndrome|disease|disorder)"
)
_DIAGNOSED = _any(
    r"\b(?:diagnos\w+|confirm\w*|proves?|proven|definite\w*|certain\w*|undoubtedly"
    r"|clearly|obviously|100 ?%)\b",
)
_HEDGE = _any(
    r"\b(?:may|might|could|possibl[ey]|possibility|suspect\w*|suspicio\w+|risk\w*"
    r"|consider\w*|suggest\w*|concern\w*|compatible|consistent|worr\w+|raises?|warns?"
    r"|potential\w*|signs? of|pattern|until|look for|looks like|fear\w*|if|whether"
    r"|danger)\b",
)
_NAMED = re.compile(rf"\b{_DISEASE}\b")
_OBEDIENCE = _any(
    r"\b(?:ignor\w+|disregard\w*|overrid\w+|bypass\w*|jailbreak\w*|pretend\w*)\b",
    r"\b(?:prompts?|instruct\w*|system message|developer|schema|json|admin\w*|root"
    r"|passwords?|policy|policies|as an? (?:ai|assistant|language model)|api|token)\b",
    r"\bas (?:\w+ )?(?:requested|asked|told|ordered|directed|stated above|commanded)\b",
    r"\b(?:acuity|level|category|priority|esi|ctas)\W*(?:is|to|as|of|=|:)?\s*"
    r"(?:[1-5](?![\d.])|one|two|three|four|five)",
    r"\b(?:set|mark\w*|assign\w*|classif\w+|rated|triaged?)"
    r" (?:\w+ ){0,3}(?:as|to)\b",
)
_STRANGE = _any(
    r"https?:|www\.|[<>{}\[\]`|\\@#]|=\s*=|\S{28,}",
    r"\b(?:und|nicht|kein\w*|der|das|ist|les|une|est|pas|aucun\w*|para|que|por|los|las"
    r"|una|con|sin|nao|sem|senza|della|che|het|een|niet|geen|nie|jest|och|inte|ikke"
    r"|urgente|emergencia|dringend|notfall)\b",
)
_CUT = re.compile(
    r"(?:\b(?:an?|the|and|or|of|to|than|with|without|by|in|on|for|from|as|is|are|was"
    r"|but|if|that|which|who|other|not|no)|[,/'-]|\s)\s*[.?]$"
)
_PLAIN = frozenset(
    "\u00b0\u2013\u2014\u2018\u2019\u201c\u201d\u2265\u2264\u00b5\u03bc\u00d7\u2026"
)


def states_a_dose(text: str) -> bool:
    """Say whether a text holds an amount, a route or a frequency of a medicine."""
    return bool(_DOSE.search(text))


def gives_an_order(text: str) -> bool:
    """Say whether a text orders, advises or withholds a treatment or a place."""
    return bool(_ORDER.search(text))


def reassures(text: str) -> bool:
    """Say whether a text calms: what is unknown is not normal, and a rule cannot."""
    return bool(_REASSURANCE.search(text))


def claims_certainty(text: str) -> bool:
    """Say whether a text speaks of a diagnosis, or of anything as proven."""
    return bool(_DIAGNOSED.search(text))


def conditions_named(text: str) -> frozenset[str]:
    """Return the diseases and syndromes that a text names, folded."""
    return frozenset(_NAMED.findall(comparable(text)))


def conditions_asserted(text: str) -> frozenset[str]:
    """Return those that a text names as a fact and not as a possibility."""
    parts = re.split(r"[.;!?]", comparable(text))
    return frozenset().union(
        *(_NAMED.findall(part) for part in parts if not _HEDGE.search(part))
    )


def obeys_the_data(text: str) -> bool:
    """Say whether a text speaks of instructions, or of a level it was told."""
    return bool(_OBEDIENCE.search(text))


def is_not_plain_english(text: str) -> bool:
    """Say whether a text is markup, code, another language or another script."""
    foreign = any(ord(mark) > 127 and mark not in _PLAIN for mark in text)  # noqa: PLR2004 (ASCII)
    return foreign or bool(_STRANGE.search(text))


def is_cut_off(text: str) -> bool:
    """Say whether a sentence was closed in its middle, where its room ran out."""
    return bool(_CUT.search(text))


# Name on record, what it found, in the words that a nurse may read.
WORDING: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    ("no-dose", states_a_dose, "it states a dose"),
    ("no-order", gives_an_order, "it orders a treatment"),
    ("no-reassurance", reassures, "it reassures"),
    ("no-diagnosis", claims_certainty, "it claims certainty"),
    ("no-obedience", obeys_the_data, "it follows words inside the record"),
    ("plain-english", is_not_plain_english, "it is not plain English"),
    ("whole-sentence", is_cut_off, "its sentence is not finished"),
)


def objection(text: str) -> tuple[str, str] | None:
    """Return the first check that a text fails and what it found, or None."""
    folded = comparable(text)
    for name, found, finding in WORDING:
        if found(folded):
            return name, finding
    return None
