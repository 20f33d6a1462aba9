"""What no sentence of a model may do, whatever it cites: pure, one check a kind.

The patterns are English, as the contract asks for; a text that is not plain English
is refused, because nothing here could judge it. They would rather strip a good
sentence than show a bad one: the floor does not depend on any of them.
"""

import re
from collections.abc import Callable
from typing import Final

from inference.denial import denies, reassures
from inference.lexicon import DRUG, THERAPY, TREAT
from inference.plain import comparable
from inference.respect import judges_the_patient, tells_who_the_patient_is


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_COUNT = (
    r"(?:\d|\b(?:half|one|two|three|four|five|six|seven|eight|nine|ten|an?|some|few"
    r"|couple of|double|extra|more)\b)"
)
_DOSE = _any(
    rf"{_COUNT}\s*-?(?:g|ml|cc|units?|iu|tabs?|tablets?|capsules?|pills?|puffs?|drops?"
    r"|ampoules?|sprays?|teaspoons?|spoonfuls?|patch(?:es)?|suppositor\w+|vials?"
    r"|grams?|gr)\b(?!/d?l)",
    r"\d\s*(?:litres?|liters?)\b",
    r"(?:\d|\b)(?:mg|mcg|ug|\u03bcg|milligram\w*|microgram\w*|millilit\w*)\b(?!/d?l)",
    r"\b(?:doses?|dosage|dosing|bolus\w*|infusion|intravenous\w*|intramuscular\w*"
    r"|subcutaneous\w*|sublingual\w*|per os|orally|iv push)\b",
    r"\b(?:once|twice|thrice|two times|three times|four times|\d+ times"
    r"|every \w+ hours?"
    r"|\d+ hourly) ?(?:an? day|daily|per day)?\b(?<=day|ily|our|urs|rly)",
    r"\b(?:q\d+h|prn|bid|tid|qid|qds|tds)\b",
)
_BEFORE_ORDER = (
    r"(?:^|[.!?;:,]\s*|\b(?:and|then|please|must|should|shall|ought to|to|can|may|could"
    r"|would|will|let's|also|now|just|simply|only|first|next|immediately|do not|don't"
    r"|never|recommend(?:ed)? to|better|ok to|so) (?:be |not )?)"
)
_ORDER = _any(
    rf"\b{THERAPY}\b",
    rf"{_BEFORE_ORDER}(?:{TREAT})\b",
    rf"\b(?:{TREAT})\b.*\b{DRUG}\b",
    rf"\b{DRUG}\b.*\b(?:{TREAT}|needed|required|indicated|recommended|appropriate"
    r"|now|immediately|stat|orally|iv|im|po|helps?|works|cures?|advis\w+|best)\b",
    r"\b(?:needs?|requires?|receive[sd]?|must have|should have|treated with|wants"
    r"|benefits? from|deserves?|warrants?|merits?)"
    rf"\b.*\b(?:{DRUG}|surgery|operation|ct|mri|scan|x-?ray|biopsy|catheter|admission"
    r"|bed|ventilation|cpr|dialysis|transfer)\b",
    r"\b(?:should|must|can|may|needs? to|is to|to|ought to) be (?:given|started|stopped"
    r"|treated|discharged|sent|admitted|intubated|sedated|administered|withheld|allowed"
    r"|seen (?:later|tomorrow)|moved|placed|put|referred|transferred|cancelled|closed"
    r"|released|delayed|deferred|postponed|removed|restrained|left)\b",
    r"\b(?:go(?:es|ing)?|send\w*|sent|return(?:s|ed)?|back|stay(?:s|ed)?|home) home\b",
    r"\b(?:doctor|physician|nurse|consultant|surgeon|gp|he|she|they) (?:said|says|told"
    r"|wants|ordered|advised|cleared|agreed|confirmed|decided|approved)\b",
    r"\b(?:was|were|been|already|is|are|got) (?:\w+ly )?(?:reviewed|assessed|seen"
    r"|treated"
    r"|examined|checked|looked at|evaluated|triaged|handled|managed)\b",
    r"\b(?:cleared|approved|authori[sz]ed|signed off|sign off|let go)\b",
)
# Words of treatment that are none: what a body does, and what does not end.
_BODILY = _any(
    r"\b(?:vaginal|nasal|nipple|penile|urethral|ear|eye|foul|bloody|purulent|watery"
    r"|green|yellow|smelly|pain and|with|of) discharge\b",
    r"\b(?:does|do|did|will|would)(?: not|n't) stop\b",
    r"\b(?:unable|not able|refus(?:es|ed|ing)|painful|hard|hurts?|struggl(?:es|ing)) to"
    r" (?:drink|eat|swallow|move)\b",
    r"^(?:is|are|was|were) (?:\w+ ){1,3}able to (?:drink|eat|swallow|move)\b",
)
_DIAGNOSED = _any(
    r"\b(?:diagnos\w+|confirm\w*|proves?|proven|definite\w*|certain(?:ly|ty)?|surely"
    r"|undoubtedly|clearly|obviously|evidently|doubtless|conclusive\w*|pathognomonic"
    r"|100 ?(?:%|percent)|no doubt|must be (?:an? )?\w+|is caused by|are caused by"
    r"|is due to|are due to|guarantee\w*|always means)\b",
)
_LEVELS = (
    r"(?:[1-5](?!\d|[./]\d)|one|two|three|four|five|iv|iii|ii|i|v|green|blue|white)\b"
)
_OBEDIENCE = _any(
    r"\b(?:ignor\w+|disregard\w*|overrid\w+|bypass\w*|jailbreak\w*|pretend\w*"
    r"|role ?play\w*)\b",
    r"\bprompt(?:s|ed|ing)?\b(?! (?:re-?)?(?:review|assess|care|treat|manag|attention"
    r"|bedside|senior|medical|evaluat|action))",
    r"\b(?:instruct(?:ion|ions|ed|s)?|system (?:message|override|note)|developer"
    r"|schema|json|admin\w*|root access|passwords?|policy|policies|api|token|llm"
    r"|chatgpt"
    r"|as an? (?:ai|assistant|language model)|language model|assistant|configuration"
    r"|override code|canary|delimiter|data tags?|confidential|secret)\b",
    r"\bas (?:\w+ )?(?:requested|asked|told|ordered|directed|stated above|commanded)\b",
    r"\b(?:acuity|category|priority|urgency|triage|esi|ctas|ats|mts)\W*"
    rf"(?:level|is|to|as|of|at|=|:|-|\s)*\s*{_LEVELS}",
    r"(?<!pain )(?<!glucose )(?<!sugar )(?<!oxygen )(?<!lactate )\blevels?\W*"
    rf"(?:is|to|as|of|at|=|:)?\s*{_LEVELS}",
    r"\b(?:set|mark\w*|assign\w*|classif\w+|rate[ds]?|triaged?|categori[sz]ed?"
    r"|label(?:l?ed)?|score[ds]?|graded?) (?:\w+ ){0,3}(?:as|to|at)\b",
    r"\b(?:green|blue|white) (?:category|tag|code|priority|patient|zone|stream)\b",
    r"\b(?:tool|function)[ _-]?calls?\b|\bexecute\b|\bclose (?:the )?(?:task|case)\b",
    r"\bthe (?:record|note|text|data|message|document|passage) (?:says|asks|tells"
    r"|orders|demands|requests|instructs)\b",
)
_STRANGE = _any(
    r"https?:|www\.|[<>{}\[\]|\\@#_*~^$=\"]|\S{25,}|\.(?:com|org|net|io)\b",
    r"\b(?:und|nicht|kein\w*|der|das|ist|sind|les|une|est|sont|pas|aucun\w*|avec|para"
    r"|que|por|los|las|una|del|muy|puede|esperar|nada|grave|con|sin|nao|sem|senza|della"
    r"|che|het|een|niet|geen|nie|jest|och|inte|ikke|ja|et|le|il|lo|gli|urgente|leve"
    r"|emergencia|dringend|notfall|dolor|schmerz\w*|hogy|nem|yok|degil|bukan|tidak"
    r"|khong|hindi|hapana|mana|koi|nahi\w*|ochen|net|bez)\b",
    r"(?<![a-z0-9])(?=[a-z0-9]*[a-z]\d+[a-z])[a-z0-9]+",  # digits that play letters
    r"\b\d+(?!(?:st|nd|rd|th|mins?|h|hrs?|d|s|kg|lbs?|cm|mm|m|c|f|bpm|mmhg|x|l|y|yo"
    r"|mmol|mg|ml|mcg|g|iu)\b)[a-z]+",
    r"(?:\b[a-z][ .,/'-]+){4,}",  # letters that stand apart
)
_ENGLISH: Final = re.compile(
    r"\b(?:the|an?|of|with|and|or|is|are|was|were|has|have|had|may|might|could|can"
    r"|in|on"
    r"|for|to|at|by|from|this|that|these|what|when|where|which|who|how|does|do|did|any"
    r"|after|before|since|suggests?|raises?|pain|patient|as|than|be|not|no|it)\b"
)
_CUT = re.compile(
    r"(?:\b(?:an?|the|and|or|of|to|than|with|without|by|on|for|from|as|is|are|was"
    r"|but|if|that|which|who|other|not|no)|[,/'-]|\s)\s*[.?]$"
)
_PLAIN = frozenset("\u00b0\u2265\u2264\u00b5\u03bc\u00d7\u2026")
_SHORT = 3  # words; so few may do without one that only English has


def states_a_dose(text: str) -> bool:
    """Say whether a text holds an amount, a route or a frequency of a medicine."""
    return bool(_DOSE.search(text))


def gives_an_order(text: str) -> bool:
    """Say whether a text orders, advises or withholds a treatment or a place."""
    return bool(_ORDER.search(_BODILY.sub("it", text)))


def claims_certainty(text: str) -> bool:
    """Say whether a text speaks of a diagnosis, or of anything as proven."""
    return bool(_DIAGNOSED.search(text))


def obeys_the_data(text: str) -> bool:
    """Say whether a text speaks of instructions, or of a level it was told."""
    return bool(_OBEDIENCE.search(text))


def is_not_plain_english(text: str) -> bool:
    """Say whether a text is markup, code, another language or another script."""
    foreign = any(ord(mark) > 127 and mark not in _PLAIN for mark in text)  # noqa: PLR2004 (ASCII)
    wordless = len(text.split()) > _SHORT and not _ENGLISH.search(text)
    return foreign or wordless or bool(_STRANGE.search(text))


def is_cut_off(text: str) -> bool:
    """Say whether a sentence was closed in its middle, where its room ran out."""
    return bool(_CUT.search(text))


# Name on record, what it found, in the words that a nurse may read.
WORDING: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    ("no-dose", states_a_dose, "it states a dose"),
    ("no-order", gives_an_order, "it orders a treatment"),
    ("no-reassurance", reassures, "it reassures"),
    ("no-denial", denies, "it denies a finding"),
    ("no-diagnosis", claims_certainty, "it claims certainty"),
    ("no-obedience", obeys_the_data, "it follows words inside the record"),
    ("respectful-words", judges_the_patient, "it judges the patient"),
    ("how-not-who", tells_who_the_patient_is, "it tells of what must not matter"),
    ("plain-english", is_not_plain_english, "it is not plain English"),
    ("whole-sentence", is_cut_off, "its sentence is not finished"),
)


def objection(text: str) -> tuple[str, str] | None:
    """Return the first check that a text fails and what it found, or None.

    It is read as written, and as it would be without the hyphens inside its words.
    """
    folded = comparable(text)
    joined = re.sub(r"(?<=[a-z])-(?=[a-z])", "", folded)
    for name, found, finding in WORDING:
        if found(folded) or found(joined):
            return name, finding
    return None
