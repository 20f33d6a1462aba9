"""Words that judge a patient, or tell of who and not of how they are: pure.

What is written of a patient shapes how they are treated: doubt ("claims"), blame
("non-compliant") and stereotype ("drug-seeking") lead to less pain relief and are
found more often in the notes of Black patients. Sources: Goddu, J Gen Intern Med
2018;33:685; Park, JAMA Netw Open 2021;4:e2117052; Beach, J Gen Intern Med
2021;36:1708; Himmelstein, JAMA Netw Open 2022;5:e2144967; AMA and AAMC, Advancing
Health Equity: A Guide to Language, Narrative and Concepts, 2021.
"""

import re
from typing import Final

_DOUBT = (
    r"claim(?:s|ed|ing)?|alleg\w+|insist(?:s|ed|ing)?|supposed(?:ly)?|so-called"
    r"|purported\w*|swears|story keeps|dubious|not credible|unbelievable|liar|lying"
    r"(?! (?:flat|down|on|in|still|back|awake|there))"
    r"|exaggerat\w*|dramatic|histrionic|hysteri\w+|malinger\w*|faking|feign\w*"
    r"|attention[ -]?seek\w*|drama|overreact\w*|hypochondri\w+|all in (?:his|her|their)"
    r" head|psychosomatic|poor historian|secondary gain"
)
_BLAME = (
    r"non-?complian\w+|non-?adheren\w+|uncomplian\w+|uncooperative|refus(?:es|ed|al)"
    r" (?!(?:of |to )*(?:eat|drink|feed|walk|move|bear|wake|suck|take (?:milk|fluids)))"
    r"\w+|denies|denied|unwilling|stubborn|careless|neglectful|irresponsib\w+|lazy"
    r"|self-inflicted fault|brought (?:it|this) on|failed to|fails to|did not bother"
    r"|against advice|wasting|waste of|abus(?:e[sd]?|ing) the (?:system|emergency)"
)
_STEREOTYPE = (
    r"drug[ -]?seek\w*|med(?:ication)?[ -]seek\w*|narcotic[ -]?(?:seek\w*|dependent)"
    r"|frequent[ -]fl[iy]er\w*|regular customer|bounce[ -]?back|super[ -]?user|addicts?"
    r"|addicted|junkies?|druggies?|abusers?|substance abuse\w*|drug abuse\w*"
    r"|alcoholics?|drunks?|drunken|(?:clean|dirty) urine|sicklers?|difficult patient"
    r"|manipulat\w+|combative|aggressive|belligerent|hostile|angry|agitated female"
    r"|unkempt|dishevel\w+|filthy|smelly|crazy|insane|lunatic|psycho|retard\w*"
    r"|morbidly obese|fat\b(?! embol)|cripple[sd]?|wheelchair[ -]bound|suffers from"
    r"|victim of|committed suicide|commit suicide|illegal alien\w*|illegals"
)
_WHO = (
    r"(?:african|asian|native|mexican|latin\w*)(?:[ -]american)?s?\b|african-american"
    r"|blacks?\b(?! (?:stool|tarry|tar|vomit|eye|widow|skin|tissue|ice|toe|out|spots?))"
    r"|caucasian|hispanic\w*|latin[oax]s?|ethnic\w*|race\b|racial|skin colou?r"
    r"|immigra\w+|migrants?|refugee\w*|asylum|foreign(?:er)?s?\b(?! (?:body|object))"
    r"|undocumented|citizen\w*|visa\b|homeless\w*|unhoused|rough sleep\w*|shelter\w*"
    r"|insurance|(?:un)?insured|medicaid|medicare|payer|unemployed|income|wealth\w*"
    r"|poverty|poor (?:person|man|woman|family|people)|illitera\w+|uneducated"
    r"|gay|lesbian|homosexual\w*|bisexual|transgender\w*|sexual orientation|queer"
    r"|muslims?|jewish|jews?|christians?|hindu\w*|religio\w+|prisoner\w*|inmate\w*"
    r"|criminal\w*|gang|welfare|social status|speaks no english"
)
# What has been drunk is no judgement, as in "How much has the baby drunk?".
_DRINKING: Final = re.compile(
    r"\b(?:has|have|had)(?: (?:not|yet|ever|already|hardly|the|your|she|he|they|you"
    r"|baby|infant|newborn|child|toddler|patient|person))* drunk\b"
)
_JUDGING: Final = re.compile(rf"\b(?:{_DOUBT}|{_BLAME}|{_STEREOTYPE})\b")
_ABOUT_WHO: Final = re.compile(rf"\b(?:{_WHO})\b")


def judges_the_patient(text: str) -> bool:
    """Say whether a text doubts, blames or stereotypes the patient."""
    return bool(_JUDGING.search(_DRINKING.sub("had", text)))


def tells_who_the_patient_is(text: str) -> bool:
    """Say whether a text speaks of what must not matter: origin, money, home, creed."""
    return bool(_ABOUT_WHO.search(text))
