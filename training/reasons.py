"""What may be said of a case, in its words and those of the passages: candidates.

Each is a finding of the record, alone or with what it may mean, and a sentence that
speaks of it where passages were shown. Whether it may be shown is for the checks.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from domain.answers import Evidence, PassageShown, Reason
from domain.values import Acuity, Case, Floor
from inference.contract import TEXT_LENGTH, labelled, quotes_of
from inference.lexicon import conditions_named
from inference.plain import comparable
from inference.vocabulary import shared_words, telling
from training.told import Told, told

_TOLD, _QUOTES = 12, 2  # findings that are tried, and quotes for each of them
_NEAR = 0.25  # share of a finding's telling words that a quote must speak of
_POINTS: Final = (
    r"\b(?:suggests?|concern for|signs? of|points? to|comes? from|features of)"
    r" (?:an? |the |\w+ ){0,2}"
)
_PLAIN: Final = (
    "The record tells of {}.",
    "The complaint on arrival includes {}.",
    "The patient presents with {}.",
    "The reason for this visit includes {}.",
)
_RECORDED: Final = (
    "The record tells of {}.",
    "The record holds {}.",
    "The nurse has recorded {}.",
    "There is {} on record.",
)
_MEANT: Final = (
    "{} may raise concern for {}.",
    "{} may point to {}.",
    "{} can be a sign of {}.",
    "{} may suggest {}.",
)
_URGENT: Final = {
    Acuity.RESUSCITATION: (
        "{} may be an immediate danger to life.",
        "{} may be dangerous within minutes.",
        "{} may need attention now.",
    ),
    Acuity.EMERGENT: (
        "{} may be dangerous and deserve rapid assessment.",
        "{} may have a dangerous cause.",
        "{} can be a warning sign of a serious condition.",
    ),
    Acuity.URGENT: (
        "{} may have a serious cause.",
        "{} can be a reason for early assessment.",
        "{} may deserve timely assessment.",
    ),
}


# The contract lets such a sentence be quoted; it is no reason for anybody's urgency.
_CALMS: Final = re.compile(
    r"\b(?:rarely|routine|harmless|mild|usually|most often|known pattern|well known)\b"
)


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What is asked: a case, the passages shown with it, and its reference level.

    `decided` says that a nurse gave the level, who may have known more than the record,
    `injected` that somebody put an instruction to software into it.
    """

    case: Case
    floor: Floor
    acuity: Acuity
    family: str = ""
    passages: tuple[PassageShown, ...] = ()
    decided: bool = False
    injected: bool = False


def candidates(lesson: Lesson, chance: random.Random) -> Iterator[tuple[Told, Reason]]:
    """Yield what might be said, the best first, each text once."""
    said: set[str] = set()
    for found in told(lesson.case, lesson.floor)[:_TOLD]:
        for quote in _grounds(found, lesson):
            evidence = () if quote is None else (quote,)
            for text in _texts(found, quote, lesson, chance):
                if text not in said and len(text) <= TEXT_LENGTH:
                    said.add(text)
                    refs = (found.label,)
                    yield found, Reason(text=text, case_refs=refs, evidence=evidence)


def cites(lesson: Lesson) -> bool:
    """Say whether a passage was shown of which a sentence may be quoted."""
    return any(quotes_of(passage) for passage in lesson.passages)


def _grounds(found: Told, lesson: Lesson) -> Iterator[Evidence | None]:
    """Yield the quotes that speak most of a finding; None where none is to be given."""
    if not cites(lesson):
        yield None
        return
    wanted = len(telling(found.words))
    near = [
        (len(common) / wanted, Evidence(passage=label, quote=quote))
        for label, passage in labelled(lesson.passages).items()
        for quote in quotes_of(passage)
        if not _CALMS.search(comparable(quote))
        and (common := shared_words(found.words, quote))
    ]
    best = sorted(
        (each for each in near if each[0] >= _NEAR), key=lambda each: -each[0]
    )
    yield from (evidence for _, evidence in best[:_QUOTES])


def _texts(
    found: Told, quote: Evidence | None, lesson: Lesson, chance: random.Random
) -> Iterator[str]:
    """Yield ways to tell a finding, those that draw a conclusion first."""
    opened = f"{found.words[:1].upper()}{found.words[1:]}"
    if level := _urgency(found, lesson):
        if meant := _meant(found, quote):
            yield chance.choice(_MEANT).format(opened, chance.choice(meant))
        yield chance.choice(_URGENT[level]).format(opened)
    plain = _PLAIN if found.label.startswith("C") else _RECORDED
    yield chance.choice(plain).format(found.words)
    yield plain[0].format(found.words)


def _urgency(found: Told, lesson: Lesson) -> Acuity | None:
    """Return how urgent a finding is: as its rule says, or as the whole story does."""
    if found.plain or lesson.acuity > Acuity.URGENT:
        return None
    if found.rank <= Acuity.URGENT and lesson.acuity == lesson.floor.acuity:
        return Acuity(found.rank)
    return lesson.acuity if found.label.startswith("C") else None


def _meant(found: Told, quote: Evidence | None) -> list[str]:
    """Return the diseases to which a quote says that findings point."""
    said = comparable(quote.quote) if quote else ""
    return [
        name
        for name in sorted(conditions_named(said))
        if name not in found.words and re.search(rf"{_POINTS}{re.escape(name)}", said)
    ]
