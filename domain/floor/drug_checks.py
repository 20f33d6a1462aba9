"""Interactions, duplicates and allergies among medicines: told to the nurse, no level.

Each pair of classes is from a published list. What is not in the list is not known to
be safe, so the notice says which list was looked through.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from domain.floor.concepts import ATC, RXNORM
from domain.floor.drugs import DRUGS, LIST_VERSION, Drug
from domain.floor.ordinary import word_set
from domain.floor.readings import Readings
from domain.floor.words import sentences
from domain.particulars import Criticality
from domain.values import Finding

ONC = "ONC high-priority list, Phansalkar, JAMIA 2012;19:735"
FDA_OPIOIDS = "FDA boxed warning 2016, opioids with benzodiazepines"
FDA_NITRATES = "FDA label of sildenafil, contraindications"
FDA_NSAIDS = "FDA labels of NSAIDs, warnings: anticoagulants"
FDA_METHOTREXATE = "FDA label of methotrexate, drug interactions"
CROSS = "AAAAI/ACAAI drug allergy practice parameter 2022"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two classes of medicines that should not meet, why, and who says so."""

    one: str
    two: str
    why: str
    citation: str = ONC


PAIRS: tuple[Pair, ...] = (
    Pair(one="amphetamine", two="maoi", why="hypertensive crisis"),
    Pair(one="atazanavir", two="ppi", why="atazanavir is not absorbed"),
    Pair(one="xanthine-oxidase-inhibitor", two="thiopurine", why="marrow failure"),
    Pair(one="irinotecan", two="cyp3a4-inhibitor", why="irinotecan toxicity"),
    Pair(one="tricyclic", two="maoi", why="serotonin syndrome"),
    Pair(one="serotonergic-opioid", two="maoi", why="serotonin syndrome"),
    Pair(one="ssri", two="maoi", why="serotonin syndrome"),
    Pair(one="triptan", two="maoi", why="serotonin syndrome"),
    Pair(one="qt", two="qt", why="torsade de pointes"),
    Pair(one="cyp3a4-inducer", two="protease-inhibitor", why="loss of effect"),
    Pair(one="cyp3a4-statin", two="protease-inhibitor", why="rhabdomyolysis"),
    Pair(one="cyp3a4-inhibitor", two="ergot", why="ischaemia of limbs"),
    Pair(one="tizanidine", two="cyp1a2-inhibitor", why="hypotension"),
    Pair(
        one="opioid",
        two="benzodiazepine",
        why="breathing may stop",
        citation=FDA_OPIOIDS,
    ),
    Pair(one="nitrate", two="pde5", why="hypotension", citation=FDA_NITRATES),
    Pair(one="anticoagulant", two="nsaid", why="bleeding", citation=FDA_NSAIDS),
    Pair(
        one="methotrexate",
        two="trimethoprim",
        why="marrow failure",
        citation=FDA_METHOTREXATE,
    ),
)

DUPLICATED = word_set(
    "anticoagulant nsaid benzodiazepine ssri beta-blocker ppi statin ace-inhibitor "
    "opioid"
)
"""Classes of which one medicine is meant to be taken at a time."""

ALLERGIES: Mapping[str, tuple[str, ...]] = {
    "penicillin": ("penicillin", "cephalosporin"),
    "cephalosporin": ("cephalosporin", "penicillin"),
    "sulfonamide": ("sulfonamide",),
    "nsaid": ("nsaid", "aspirin"),
    "aspirin": ("aspirin", "nsaid"),
}
"""Which classes an allergy to a class speaks against, its own class first."""

_ALLERGENS = {
    "penicillins": "penicillin",
    "sulfa": "sulfonamide",
    "sulfonamide": "sulfonamide",
    "sulfonamides": "sulfonamide",
    "nsaid": "nsaid",
    "nsaids": "nsaid",
    "cephalosporin": "cephalosporin",
    "cephalosporins": "cephalosporin",
}


def notices(readings: Readings) -> Iterable[str]:
    """Say what the installed list holds against the medicines together.

    With fewer than two medicines and without an allergy there is nothing to check.
    """
    taken = [found for each in readings.case.medications for found in [_drugs(each)]]
    allergies = readings.case.allergies
    if len(taken) < 2 and not (taken and allergies):  # noqa: PLR2004 (a pair)
        return
    drugs = {drug.ingredient: drug for found in taken for drug in found}
    said = [
        *_interactions(list(drugs.values())),
        *_twice(taken),
        *_same_class(list(drugs.values())),
        *_allergic(list(drugs.values()), allergies),
    ]
    yield from said
    if not said:
        yield f"medicines: none in the installed list v{LIST_VERSION}"


def _interactions(drugs: list[Drug]) -> Iterator[str]:
    for one, two in combinations(sorted(drugs, key=lambda d: d.ingredient), 2):
        for pair in PAIRS:
            if _are(one, two, pair) or _are(two, one, pair):
                names = f"{one.ingredient} with {two.ingredient}"
                yield f"medicines: {names}: {pair.why} ({pair.citation})"


def _are(one: Drug, two: Drug, pair: Pair) -> bool:
    return pair.one in one.classes and pair.two in two.classes


def _twice(taken: list[frozenset[Drug]]) -> Iterator[str]:
    names = [drug.ingredient for found in taken for drug in found]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"medicines: {name} is listed more than once"


def _same_class(drugs: list[Drug]) -> Iterator[str]:
    for name in sorted(DUPLICATED):
        same = sorted(d.ingredient for d in drugs if name in d.classes)
        if len(same) > 1:
            yield f"medicines: {' and '.join(same)} are both of the class {name}"


def _allergic(drugs: list[Drug], allergies: Iterable[Finding]) -> Iterator[str]:
    known = tuple(allergies)
    grave = {
        n for a in known if a.criticality is Criticality.HIGH for n in _allergens(a)
    }
    for allergen in sorted({name for each in known for name in _allergens(each)}):
        first, *others = ALLERGIES[allergen]
        to = f"{allergen}, marked as of high risk" if allergen in grave else allergen
        for drug in sorted(drugs, key=lambda d: d.ingredient):
            if first in drug.classes:
                yield f"medicines: {drug.ingredient}, and an allergy to {to}"
            elif drug.classes & {*others}:
                yield (
                    f"medicines: {drug.ingredient} may cross-react with an allergy to "
                    f"{to} ({CROSS})"
                )


def _allergens(allergy: Finding) -> Iterator[str]:
    for drug in _drugs(allergy):
        yield from (name for name in drug.classes if name in ALLERGIES)
    yield from (_ALLERGENS[word] for word in _words(allergy) if word in _ALLERGENS)


def _drugs(finding: Finding) -> frozenset[Drug]:
    """Return the ingredients that a finding names, by code or in its words."""
    keys = [("", word) for word in _words(finding)]
    for code in finding.codes:
        written = code.code.replace(".", "").upper()
        keys.append((code.system, written))
        if code.system == ATC:
            keys += [(ATC, written[:size]) for size in (5, 7)]
    return frozenset(drug for key in keys for drug in _index().get(key, ()))


def _words(finding: Finding) -> list[str]:
    texts = (finding.text, *(code.display for code in finding.codes))
    return [word for text in texts for said in sentences(text) for word in said]


@cache
def _index() -> Mapping[tuple[str, str], tuple[Drug, ...]]:
    found: dict[tuple[str, str], tuple[Drug, ...]] = {}
    for drug in DRUGS:
        keys = [("", name) for name in drug.names]
        keys += [(ATC, code) for code in drug.atc]
        keys += [(RXNORM, drug.rxnorm)] if drug.rxnorm else []
        for key in keys:
            found[key] = (*found.get(key, ()), drug)
    return found
