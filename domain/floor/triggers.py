"""The words that deny, put into the past, suppose, or tell of another person.

After ConText (Harkema, J Biomed Inform 2009;42:839), as data: `context` reads sentences
with them.
"""

from enum import Enum

from domain.floor.ordinary import word_set
from domain.floor.words import LINE


class Sense(Enum):
    """Why a thing that was said is not a complaint of this patient now."""

    DENIED = "denied"
    OTHER = "another person"
    PAST = "past"
    SUPPOSED = "hypothetical"


_DENIALS = "denies|denied|denying|deny|negative for|neg for|no evidence of|absence of"
_NOTS = (
    "no|not|without|never|nor|none|nil|isnt|doesnt|didnt|dont|hasnt|havent|wasnt|"
    "no signs of|no complaints of|no history of|never had"
)
# Not children and spouses: their relatives speak for them ('my son had a seizure').
_KIN = (
    "mother|mom|mum|father|dad|sister|brother|sibling|grandmother|grandfather|"
    "grandma|grandpa|aunt|uncle|cousin|friend|neighbour|neighbor|roommate|coworker|"
    "colleague|niece|nephew|stepfather|stepmother"
)
_KIN_VERBS = (
    "s|had|suffered|died|dies|diagnosed|recently had|just had|also had|has had|"
    "has history|has a history|with history|with a history"
)
# A spouse is another person only where nobody speaks for the spouse (`SPEAKERS`).
_CLOSE = "husband|wife|spouse|partner|boyfriend|girlfriend|fiance"
_WHOSE = "her|his|their|pts|patients|pt s|patient s"
WHOSE = frozenset(_WHOSE.replace("|", " ").split())
SPEAKERS = word_set(
    "says say states stated reports reported said called noticed concerned worried "
    "wife husband partner mother mom father dad parents"
)
_OTHERS = "family member|family members|sick contact|relative|relatives|another person"
_FAMILY = "family history|family hx|fhx|fh|fam hx"
_PAST = (
    "history of|hx of|hx|previous|prior|past|previously|remote|pmh|pmhx|"
    "past medical history|past history of|used to have|known history of"
)
_IFS = (
    "if|in case of|in case|in the event of|should you|should he|should she|return for|"
    "returns for|come back for|return to ed for|return to er for|watch for|"
    "watch out for|to prevent|prevention of|educated on|educated about|"
    "counselled about|counseled about|information about|leaflet about|"
    "can be a sign of|can be signs of|can lead to|can mean"
)
# 'Not sure if it is a heart attack' supposes nothing.
WHETHER = word_set(
    "as even only wonder wondering wonders sure unsure know knows ask asks asking "
    "asked see check worried concerned tell uncertain unclear"
)


def _table() -> dict[tuple[str, ...], Sense]:
    verbs = _KIN_VERBS.split("|")
    kin = [f"{k} {v}" for k in (*_KIN.split("|"), *_OTHERS.split("|")) for v in verbs]
    kin += [
        f"{whose} {k} {v}"
        for whose in _WHOSE.split("|")
        for k in _CLOSE.split("|")
        for v in ("had", "suffered", "died", "recently had", "just had", "has had")
    ]
    texts = {
        Sense.DENIED: [*_DENIALS.split("|"), *_NOTS.split("|")],
        Sense.OTHER: [*kin, *_FAMILY.split("|")],
        Sense.PAST: _PAST.split("|"),
        Sense.SUPPOSED: _IFS.split("|"),
    }
    return {tuple(t.split()): sense for sense, found in texts.items() for t in found}


TRIGGERS = _table()
LONGEST = max(map(len, TRIGGERS))
FIRST_WORDS = frozenset(words[0] for words in TRIGGERS)

LISTING = frozenset({tuple(t.split()) for t in _DENIALS.split("|")})
SECTIONS = frozenset({("pmh",), ("pmhx",), ("past", "medical", "history")})

# What follows a trigger and takes its meaning away ('no relief', 'past 2 days').
NO_DENIAL = word_set(
    "relief relieved change better improvement improving improved resolving help "
    "doubt idea sure only just longer known apparent obvious deny denies denying "
    "warning clear reason cause able matter one pulse breathing responding response "
    "resolved going gone"
)
NO_PAST = word_set("to few couple several day days week weeks hour hours hrs")
SHORT_STORY = word_set(
    "day days week weeks hour hours hr hrs month months min mins minutes short brief "
    "recent acute sudden d h wk"
)

_ENDS = word_set(
    "but however although though except besides now because due since when while "
    "after until for with which started starting began presents presenting presented "
    "today tonight suddenly"
) | {LINE}
_PEOPLE = word_set(
    "i im ive he she hes shes his her him my we they pt patient child baby who "
    "noticed noticing saw seen found noted called brought reports reported states "
    "said observed witnessed concerned worried concerns"
)
_FACTS = word_set("get gets getting got cannot cant unable then")
_YES = word_set(
    "has have having had reports complains states endorses since started today now "
    "sudden suddenly worse worsening presents is feels severe new positive"
)

STATEMENTS = _YES | _ENDS | _PEOPLE

ENDS_BY_SENSE = {
    Sense.DENIED: _ENDS,
    Sense.OTHER: _ENDS | _PEOPLE | {"and"},
    Sense.PAST: _ENDS | _PEOPLE | _YES | {"and"},
    Sense.SUPPOSED: _ENDS | _FACTS,
}
# After a verb's 'not', only these carry the denial on ('does not have any …'); 'not
# feeling well' denies nothing that follows it.
VERB_NOTS = word_set("not isnt doesnt didnt dont hasnt havent wasnt")
CARRIERS = word_set(
    "have having had get getting any currently on experience experiencing experienced "
    "complain complaining report reporting endorse endorsing a an been in"
)
# 'Never had chest pain like this before' is no denial.
FIRST_TIME = word_set("like before such")

REACH = {Sense.DENIED: 5, Sense.OTHER: 8, Sense.PAST: 2, Sense.SUPPOSED: 8}
"""How many words a trigger reaches that opens no list."""
