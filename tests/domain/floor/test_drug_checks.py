from dataclasses import replace

import pytest

from domain.floor.drug_checks import ALLERGIES, DUPLICATED, PAIRS
from domain.floor.drugs import DRUGS, LIST_VERSION
from domain.particulars import Criticality
from domain.values import Finding
from tests.domain.floor.cases import adult, code, floor, ref

ATC = "http://www.whocc.no/atc"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NONE = f"medicines: none in the installed list v{LIST_VERSION}"


def statement(text, *codes):
    source = ref(f"m-{text}", "MedicationStatement")
    return Finding(text=text, codes=codes, source=source)


def told(*medicines, allergies=()):
    """Return what is said of medicines, given as words or as findings."""
    taken = [m if isinstance(m, Finding) else statement(m) for m in medicines]
    given = replace(
        adult(),
        medications=tuple(taken),
        allergies=tuple(
            Finding(text=a, source=ref(f"a-{a}", "AllergyIntolerance"))
            for a in allergies
        ),
    )
    return [said for said in floor(given).doubts if said.startswith("medicines:")]


@pytest.mark.parametrize(
    ("one", "two", "why"),
    [
        ("sertraline 50 mg", "phenelzine", "serotonin"),
        ("Ultram", "linezolid", "serotonin"),
        ("sumatriptan", "tranylcypromine", "serotonin"),
        ("amitriptyline", "selegiline", "serotonin"),
        ("Adderall", "Nardil", "hypertensive crisis"),
        ("simvastatin", "ritonavir", "rhabdomyolysis"),
        ("azathioprine", "allopurinol", "marrow"),
        ("tizanidine", "ciprofloxacin", "hypotension"),
        ("sildenafil", "nitroglycerin SL", "hypotension"),
        ("oxycodone", "lorazepam", "breathing"),
        ("warfarin", "ibuprofen", "bleeding"),
        ("methotrexate", "Bactrim", "marrow"),
        ("amiodarone", "haloperidol", "torsade"),
        ("atazanavir", "omeprazole", "not absorbed"),
        ("ergotamine", "clarithromycin", "ischaemia"),
        ("irinotecan", "ketoconazole", "toxicity"),
        ("rifampin", "atazanavir", "loss of effect"),
    ],
)
def test_a_listed_pair_is_told_with_its_reason_and_source(one, two, why):
    for pair in ((one, two), (two, one)):
        assert any(why in said and "(" in said for said in told(*pair))


def test_what_is_not_in_the_list_is_said_to_be_none_of_that_list():
    assert told("metformin", "vitamin D") == [NONE]
    assert told("metformin", allergies=("peanuts",)) == [NONE]


def test_one_medicine_or_none_is_not_checked():
    assert told() == []
    assert told("warfarin") == []


def test_the_same_ingredient_or_class_twice_is_told():
    assert told("Eliquis", "apixaban 5 mg") == [
        "medicines: apixaban is listed more than once"
    ]
    assert told("ibuprofen", "naproxen") == [
        "medicines: ibuprofen and naproxen are both of the class nsaid"
    ]


@pytest.mark.parametrize(
    ("allergy", "drug", "said"),
    [
        ("penicillin", "amoxicillin 500 mg", "an allergy to penicillin"),
        ("Penicillins", "Augmentin", "an allergy to penicillin"),
        ("amoxicillin rash", "cephalexin", "may cross-react"),
        ("sulfa drugs", "Septra DS", "an allergy to sulfonamide"),
        ("aspirin", "ketorolac", "may cross-react"),
        ("NSAIDs", "ibuprofen", "an allergy to nsaid"),
        ("ibuprofen", "aspirin 81 mg", "may cross-react"),
    ],
)
def test_a_medicine_against_a_recorded_allergy_is_told(allergy, drug, said):
    assert any(said in each for each in told(drug, allergies=(allergy,)))


def test_codes_are_as_good_as_names():
    warfarin = statement("", code(RXNORM, "11289"))
    ibuprofen = statement("x", code(ATC, "M01AE01"))
    ampicillin = statement("y", code(ATC, "J01CE02"))

    assert "bleeding" in told(warfarin, ibuprofen)[0]
    assert "penicillin" in told(ampicillin, allergies=("penicillin",))[0]


def test_checks_inform_and_change_no_level():
    risky = replace(
        adult(), medications=(statement("oxycodone"), statement("lorazepam"))
    )

    assert floor(risky).acuity == floor(adult()).acuity == 5


def test_the_order_of_medicines_is_nothing():
    names = ["warfarin", "ibuprofen", "lorazepam", "oxycodone", "naproxen"]

    assert told(*names) == told(*reversed(names))


def test_the_list_speaks_only_of_classes_that_it_has():
    classes = {name for drug in DRUGS for name in drug.classes}
    pairs = {name for pair in PAIRS for name in (pair.one, pair.two)}
    allergies = {name for row in ALLERGIES.values() for name in row}

    assert pairs | DUPLICATED | allergies | {*ALLERGIES} <= classes
    assert all(pair.citation and pair.why for pair in PAIRS)


def test_every_ingredient_is_listed_once_with_a_code():
    names = [drug.ingredient for drug in DRUGS]

    assert len(set(names)) == len(names)
    assert all(drug.rxnorm or drug.atc for drug in DRUGS)


@pytest.mark.parametrize(
    ("risk", "marked"),
    [(Criticality.HIGH, True), (Criticality.LOW, False), (Criticality.UNKNOWN, False)],
)
def test_an_allergy_of_high_criticality_says_so(risk, marked):
    allergy = Finding(
        text="penicillin", source=ref("a", "AllergyIntolerance"), criticality=risk
    )
    given = replace(
        adult(), medications=(statement("cephalexin"),), allergies=(allergy,)
    )

    (said,) = [each for each in floor(given).doubts if "cross-react" in each]
    assert ("marked as of high risk" in said) is marked
