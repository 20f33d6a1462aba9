"""A screen for words in a record that are meant for software: pure, heuristic.

It flags, and blocks nothing: the text stays what it is, the rules do not know of the
flag, and the nurse is told to read the text herself. A flag is no proof, and its
absence is none either: what contains a hostile text is that nothing it could make a
model say may lower urgency (docs/containment.md).
"""

from collections.abc import Iterator

from domain.answers import InputFlag
from domain.values import Case, Complaint, Finding
from inference.injection import suspicions


def screened(case: Case) -> tuple[InputFlag, ...]:
    """Return what in a case reads as if it were meant for software, each text once."""
    found = (
        InputFlag(kind=suspicion.value, source=str(stated.source))
        for stated in _stated(case)
        for text in _texts(stated)
        for suspicion in suspicions(text)
    )
    return tuple(dict.fromkeys(found))


def _stated(case: Case) -> Iterator[Complaint | Finding]:
    yield from case.complaints
    yield from case.conditions
    yield from case.medications
    yield from case.allergies
    yield from case.history


def _texts(stated: Complaint | Finding) -> Iterator[str]:
    """Give every text of a statement: its words, its displays, its reactions."""
    yield stated.text
    yield from (code.display for code in stated.codes)
    if isinstance(stated, Finding):
        yield from stated.reactions
