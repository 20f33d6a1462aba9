"""A clinical concept of the catalogue: the words and codes that mean it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.values import Code

SNOMED = "http://snomed.info/sct"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"  # and its national modifications, by prefix
ATC = "http://www.whocc.no/atc"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_LONGEST = 8  # characters; no code of ICD-10 or ATC above a leaf is longer


@dataclass(frozen=True, kw_only=True)
class Concept:
    """A name, phrases in the language of `phrases`, and codes.

    SNOMED CT and RxNorm codes match whole; ICD-10 and ATC codes match with all
    that lies below them.
    """

    name: str
    phrases: tuple[str, ...]
    snomed: frozenset[str] = frozenset()
    rxnorm: frozenset[str] = frozenset()
    icd10: tuple[str, ...] = ()
    atc: tuple[str, ...] = ()


class Codes:
    """The codes of a set of concepts, indexed so that a look-up is not a search."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self._names: dict[tuple[str, str], list[str]] = {}
        for each in concepts:
            for system, codes in (
                (SNOMED, each.snomed),
                (RXNORM, each.rxnorm),
                (ICD_10, each.icd10),
                (ATC, each.atc),
            ):
                for code in sorted(codes):
                    self._names.setdefault((system, code), []).append(each.name)

    def names(self, code: Code) -> list[str]:
        """Return the concepts that a code means; none where its system is another."""
        if code.system in {SNOMED, RXNORM}:
            return self._names.get((code.system, code.code), [])
        system = ICD_10 if code.system.startswith(ICD_10) else code.system
        if system not in {ICD_10, ATC}:
            return []
        written = code.code.replace(".", "").upper()
        above = (written[:size] for size in range(1, min(len(written), _LONGEST) + 1))
        return [name for code in above for name in self._names.get((system, code), ())]


def concept(
    name: str,
    phrases: str,
    *,
    snomed: str = "",
    icd10: str = "",
    atc: str = "",
    rxnorm: str = "",
) -> Concept:
    """Write down a concept: a phrase a line or semicolon, codes divided by spaces.

    A phrase may go on in the next line, which is then indented more than the first.
    """
    return Concept(
        name=name,
        phrases=tuple(_phrases(phrases)),
        snomed=frozenset(snomed.split()),
        rxnorm=frozenset(rxnorm.split()),
        icd10=tuple(icd10.split()),
        atc=tuple(atc.split()),
    )


def _phrases(text: str) -> Iterator[str]:
    written: list[str] = []
    lines = [line for line in text.splitlines() if line.strip()]
    margin = min(map(_indent, lines))
    for line in lines:
        if _indent(line) > margin:
            written[-1] += " " + line.strip()
        else:
            written.append(line.strip())
    for line in written:
        parts = re.sub(r"\|\s+", "|", line).split(";")
        yield from (" ".join(part.split()) for part in parts if part.strip())


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
