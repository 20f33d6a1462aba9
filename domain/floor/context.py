"""Who a sentence is about, and whether it says yes: negation, history, condition.

After ConText (Harkema, J Biomed Inform 2009;42:839): trigger words reach forward over
the words that follow, until something ends their reach. Where the reach is uncertain
it is read as short, so that an unclear denial counts as a complaint.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from domain.floor.words import BARRIER, LINE, word_set

CITATION = "ConText, Harkema et al., J Biomed Inform 2009;42:839"


class Sense(Enum):
    """Why a thing that was said is not a complaint of this patient now."""

    DENIED = "denied"
    OTHER = "another person"
    PAST = "past"
    SUPPOSED = "hypothetical"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The words `start` to before `end` that a trigger at `trigger` speaks about."""

    sense: Sense
    trigger: range
    start: int
    end: int

    def covers(self, places: Sequence[int]) -> bool:
        """Say whether the trigger speaks about the phrase at these places."""
        # A phrase that contains the trigger ('not breathing') is not denied by it.
        if any(place in self.trigger for place in places):
            return False
        within = (self.start <= place < self.end for place in places)
        # 'hx CAD chest pain': history takes in a whole phrase or nothing.
        return all(within) if self.sense is Sense.PAST else any(within)


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
_KIN_VERBS = "s|had|suffered|died|dies|diagnosed|recently had|just had|also had"
_FAMILY = "family history|family hx|fhx|fh|fam hx"
_PAST = (
    "history of|hx of|hx|previous|prior|past|previously|remote|pmh|pmhx|"
    "past medical history|past history of|used to have"
)
_IFS = "if|in case of|in case|in the event of|should you|should he|should she"


def _table() -> dict[tuple[str, ...], Sense]:
    kin = [f"{k} {v}" for k in _KIN.split("|") for v in _KIN_VERBS.split("|")]
    texts = {
        Sense.DENIED: [*_DENIALS.split("|"), *_NOTS.split("|")],
        Sense.OTHER: [*kin, *_FAMILY.split("|")],
        Sense.PAST: _PAST.split("|"),
        Sense.SUPPOSED: _IFS.split("|"),
    }
    return {tuple(t.split()): sense for sense, found in texts.items() for t in found}


_TRIGGERS = _table()
_LONGEST = max(map(len, _TRIGGERS))
_FIRST_WORDS = frozenset(words[0] for words in _TRIGGERS)

_LISTING = frozenset({tuple(t.split()) for t in _DENIALS.split("|")})
_SECTIONS = frozenset({("pmh",), ("pmhx",), ("past", "medical", "history")})

# What follows a trigger and takes its meaning away ('no relief', 'past 2 days').
_NO_DENIAL = word_set(
    "relief relieved change better improvement improving improved resolving help "
    "doubt idea sure only just longer known apparent obvious deny denies denying "
    "warning clear reason cause able matter one pulse breathing responding response "
    "resolved going gone"
)
_NO_PAST = word_set("to few couple several day days week weeks hour hours hrs")
_SHORT_STORY = word_set(
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

_STATEMENTS = _YES | _ENDS | _PEOPLE

_ENDS_BY_SENSE = {
    Sense.DENIED: _ENDS,
    Sense.OTHER: _ENDS | _PEOPLE | {"and"},
    Sense.PAST: _ENDS | _PEOPLE | _YES | {"and"},
    Sense.SUPPOSED: _ENDS | _FACTS,
}
# After a verb's 'not', only these carry the denial on ('does not have any …'); 'not
# feeling well' denies nothing that follows it.
_VERB_NOTS = word_set("not isnt doesnt didnt dont hasnt havent wasnt")
_CARRIERS = word_set(
    "have having had get getting any currently on experience experiencing experienced "
    "complain complaining report reporting endorse endorsing a an been"
)
# 'Never had chest pain like this before' is no denial.
_FIRST_TIME = word_set("like before such")

_REACH = {Sense.DENIED: 5, Sense.OTHER: 8, Sense.PAST: 2, Sense.SUPPOSED: 8}
"""How many words a trigger reaches that opens no list."""


def scopes(tokens: Sequence[str]) -> Iterator[Scope]:
    """Yield the reach of every trigger in one sentence."""
    place = 0
    while place < len(tokens):
        words = _trigger_at(tokens, place)
        if words is None:
            place += 1
            continue
        trigger = range(place, place + len(words))
        sense = _TRIGGERS[words]
        if not _void(tokens, trigger, sense):
            end = _end(tokens, trigger, sense, words)
            yield Scope(sense=sense, trigger=trigger, start=trigger.stop, end=end)
        place = trigger.stop


def _trigger_at(tokens: Sequence[str], place: int) -> tuple[str, ...] | None:
    if tokens[place] not in _FIRST_WORDS:
        return None
    for size in range(_LONGEST, 0, -1):
        words = tuple(tokens[place : place + size])
        if words in _TRIGGERS:
            return words
    return None


def _void(tokens: Sequence[str], trigger: range, sense: Sense) -> bool:
    """Say whether the neighbouring words take the trigger's meaning away."""
    after = tokens[trigger.stop] if trigger.stop < len(tokens) else BARRIER
    before = tokens[trigger.start - 1] if trigger.start else BARRIER
    if sense is Sense.DENIED:
        doubled = before in {"not", "cannot", "cant", "doesnt"}
        tail = tokens[trigger.stop : trigger.stop + _REACH[Sense.OTHER]]
        return doubled or after in _NO_DENIAL or not _FIRST_TIME.isdisjoint(tail)
    if sense is Sense.PAST:
        return after in _NO_PAST or after.isdigit() or before in _SHORT_STORY
    return False


def _end(
    tokens: Sequence[str], trigger: range, sense: Sense, words: tuple[str, ...]
) -> int:
    far, lists = _reach(tokens, trigger, sense, words)
    ends = _ENDS_BY_SENSE[sense]
    for place in range(trigger.stop, far):
        word = tokens[place]
        if word in ends or (word == "has" and place > trigger.stop):
            return place
        if word in {BARRIER, "and"} and not (lists and _goes_on(tokens, place + 1)):
            return place
    return far


def _reach(
    tokens: Sequence[str], trigger: range, sense: Sense, words: tuple[str, ...]
) -> tuple[int, bool]:
    """Return where a reach ends at the latest, and whether it goes through a list."""
    last = len(tokens)
    if words in _LISTING or words in _SECTIONS:
        return last, True
    carried = trigger.stop < last and tokens[trigger.stop] in _CARRIERS
    if words[0] in _VERB_NOTS and not carried:
        return min(last, trigger.stop + 1), False
    if sense is Sense.DENIED and _closed_list(tokens, trigger.stop):
        return last, True
    return min(last, trigger.stop + _REACH[sense]), False


def _closed_list(tokens: Sequence[str], start: int) -> bool:
    """Say whether what follows is a bare list with 'or', so that all is denied."""
    closed = False
    for token in tokens[start:]:
        if _affirms(token):
            return False
        if token == BARRIER and closed:
            return True
        closed = closed or token in {"or", "nor"}
    return closed


def _goes_on(tokens: Sequence[str], start: int) -> bool:
    """Say whether the next item of a list is still bare, and affirms nothing."""
    for token in tokens[start:]:
        if token == BARRIER:
            return True
        if _affirms(token):
            return False
    return True


def _affirms(token: str) -> bool:
    """Say whether a word describes something that is there: 'since', 'sudden', '8'."""
    return token in _STATEMENTS or token[0].isdigit()
