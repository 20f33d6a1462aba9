"""Which passages a prompt shows, of those that retrieval found: pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain.answers import PassageShown
from domain.values import Acuity, Case, Floor
from inference.contract import quotes_of
from inference.denial import denies
from inference.plain import comparable
from inference.prompt import MOST_PASSAGES, PASSAGE_LENGTH, case_refs, facts, shown
from inference.schema import Passage
from inference.vocabulary import shared_words, telling

_NEAR = 0.5  # share of a finding's telling words that a sentence must speak of
_SENTENCE: Final = re.compile(r"[.;!?](?:\s+|$)")


@dataclass(frozen=True, kw_only=True)
class Showing:
    """How many passages at most, with how many characters each.

    `pertinent` leaves out those of which no sentence speaks of a finding: they can
    ground no claim, and a small model quotes them all the same.
    """

    most: int = MOST_PASSAGES
    length: int = PASSAGE_LENGTH
    pertinent: bool = False

    def of(
        self, found: Sequence[Passage], case: Case, floor: Floor
    ) -> tuple[PassageShown, ...]:
        """Return the passages as the model will see them, the best first."""
        best = found if self.pertinent else found[: self.most]
        passages = shown(best, most=len(best), length=self.length)
        if self.pertinent:
            passages = pertinent(passages, case, floor)
        return passages[: self.most]


FULL: Final = Showing()
SHORT: Final = Showing(most=1, length=240, pertinent=True)
"""What a short prompt shows, for small models on small machines."""


def pertinent(
    passages: Sequence[PassageShown], case: Case, floor: Floor
) -> tuple[PassageShown, ...]:
    """Return the passages that speak of a finding, those first that speak of most.

    Findings are what the complaint states before a denial in the same sentence, and
    what a rule alone calls urgent.
    """
    findings = {
        text: len(words) for text in _found(case, floor) if (words := telling(text))
    }
    shares = [(_share(passage, findings), passage) for passage in passages]
    near = [each for each in shares if each[0] >= _NEAR]
    return tuple(passage for _, passage in sorted(near, key=lambda each: -each[0]))


def _share(passage: PassageShown, findings: Mapping[str, int]) -> float:
    """Return the largest share of a finding of which one quotable sentence speaks.

    Findings come with the number of their telling words.
    """
    return max(
        (
            len(shared_words(finding, quote)) / words
            for finding, words in findings.items()
            for quote in quotes_of(passage)
        ),
        default=0.0,
    )


def _found(case: Case, floor: Floor) -> Iterator[str]:
    urgent = {
        fired.sources[0]
        for fired in floor.fired
        if fired.acuity <= Acuity.URGENT and len(fired.sources) == 1
    }
    sources = case_refs(case)
    for label, fact in facts(case).items():
        if label.startswith("C"):
            yield from _affirmed(fact.partition(": ")[2])
        elif sources[label] in urgent:
            yield fact


def _affirmed(text: str) -> Iterator[str]:
    """Yield what a text states; what is listed behind a denial is denied too."""
    for sentence in _SENTENCE.split(text):
        for part in sentence.split(","):
            if denies(comparable(part)):
                break
            yield part
