"""A clinical concept of the catalogue: the words and codes that mean it."""

import re
from dataclasses import dataclass

from domain.values import Code

SNOMED = "http://snomed.info/sct"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"  # and its national modifications, by prefix
ATC = "http://www.whocc.no/atc"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


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

    def has_code(self, code: Code) -> bool:
        """Say whether a code means this concept."""
        if code.system == SNOMED:
            return code.code in self.snomed
        if code.system == RXNORM:
            return code.code in self.rxnorm
        written = code.code.replace(".", "").upper()
        if code.system.startswith(ICD_10):
            return written.startswith(self.icd10)
        return code.system == ATC and written.startswith(self.atc)


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

    A group of words may go on in the next line after its `|`.
    """
    lines = re.sub(r"\|\s+", "|", phrases).replace("\n", ";").split(";")
    return Concept(
        name=name,
        phrases=tuple(" ".join(line.split()) for line in lines if line.strip()),
        snomed=frozenset(snomed.split()),
        rxnorm=frozenset(rxnorm.split()),
        icd10=tuple(icd10.split()),
        atc=tuple(atc.split()),
    )
