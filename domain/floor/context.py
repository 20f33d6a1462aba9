"""Who a sentence is about, and whether it says yes: negation, history, condition.

After ConText (Harkema, J Biomed Inform 2009;42:839): trigger words reach forward over
the words that follow, until something ends their reach. Where the reach is uncertain
it is read as short, so that an unclear denial counts as a complaint.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.floor.triggers import (
    CARRIERS,
    ENDS_BY_SENSE,
    FIRST_TIME,
    FIRST_WORDS,
    LISTING,
    LONGEST,
    NO_DENIAL,
    NO_PAST,
    REACH,
    SECTIONS,
    SHORT_STORY,
    SPEAKERS,
    STATEMENTS,
    TRIGGERS,
    VERB_NOTS,
    WHETHER,
    WHOSE,
    Sense,
)
from domain.floor.words import BARRIER

CITATION = "ConText, Harkema et al., J Biomed Inform 2009;42:839"


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
        if self.end <= min(places) or max(places) < self.trigger.start:
            return False  # nearly every scope
        if any(place in self.trigger for place in places):
            return False
        within = (self.start <= place < self.end for place in places)
        # 'hx CAD chest pain': history takes in a whole phrase or nothing.
        return all(within) if self.sense is Sense.PAST else any(within)


def scopes(tokens: Sequence[str]) -> Iterator[Scope]:
    """Yield the reach of every trigger in one sentence."""
    last = 0
    for place in [i for i, token in enumerate(tokens) if token in FIRST_WORDS]:
        words = _trigger_at(tokens, place) if place >= last else None
        if words is None:
            continue
        trigger = range(place, place + len(words))
        sense = TRIGGERS[words]
        if not _void(tokens, trigger, sense):
            end = _end(tokens, trigger, sense, words)
            yield Scope(sense=sense, trigger=trigger, start=trigger.stop, end=end)
        last = trigger.stop


def _trigger_at(tokens: Sequence[str], place: int) -> tuple[str, ...] | None:
    for size in range(LONGEST, 0, -1):
        words = tuple(tokens[place : place + size])
        if words in TRIGGERS:
            return words
    return None


def _void(tokens: Sequence[str], trigger: range, sense: Sense) -> bool:
    """Say whether the neighbouring words take the trigger's meaning away."""
    after = tokens[trigger.stop] if trigger.stop < len(tokens) else BARRIER
    before = tokens[trigger.start - 1] if trigger.start else BARRIER
    if sense is Sense.DENIED:
        doubled = before in {"not", "cannot", "cant", "doesnt"}
        tail = tokens[trigger.stop : trigger.stop + REACH[Sense.OTHER]]
        return doubled or after in NO_DENIAL or not FIRST_TIME.isdisjoint(tail)
    if sense is Sense.SUPPOSED:
        return before in WHETHER
    if sense is Sense.OTHER:
        spouse = tokens[trigger.start] in WHOSE
        return spouse and not SPEAKERS.isdisjoint(tokens[: trigger.start])
    return after in NO_PAST or after.isdigit() or before in SHORT_STORY


def _end(
    tokens: Sequence[str], trigger: range, sense: Sense, words: tuple[str, ...]
) -> int:
    far, lists = _reach(tokens, trigger, sense, words)
    ends = ENDS_BY_SENSE[sense]
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
    if words in LISTING or words in SECTIONS:
        return last, True
    carried = trigger.stop < last and tokens[trigger.stop] in CARRIERS
    if words[0] in VERB_NOTS and not carried:
        return min(last, trigger.stop + 1), False
    if sense is Sense.DENIED and _closed_list(tokens, trigger.stop):
        return last, True
    return min(last, trigger.stop + REACH[sense]), False


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
    return token in STATEMENTS or token[0].isdigit()
