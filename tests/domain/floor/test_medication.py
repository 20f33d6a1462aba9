import pytest

from domain.floor.medication import CATALOGUE, MODIFIERS
from domain.values import Finding
from tests.domain.floor.cases import (
    adult,
    awake,
    case,
    code,
    complaint,
    floor,
    healthy,
    levels,
    ref,
    rules,
    vitals,
    years,
)

ATC = "http://www.whocc.no/atc"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@pytest.mark.parametrize("drug", ["warfarin 5 mg", "Eliquis", "rivaroxiban 20 mg"])
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("hit his head", "medication.anticoagulant-head-injury"),
        ("nosebleed", "medication.anticoagulant-bleeding"),
        ("bleeding gums", "medication.anticoagulant-bleeding"),
        ("coughing up blood", "medication.anticoagulant-bleeding"),
    ],
)
def test_injury_or_bleeding_on_an_anticoagulant_is_emergent(drug, text, rule):
    assert levels(case(text, medications=(drug,)))[rule] == 2
    assert rule not in rules(case(text, medications=("paracetamol",)))
    assert rule not in rules(case(f"denies {text}", medications=(drug,)))


@pytest.mark.parametrize(
    "coded", [code(ATC, "B01AF02"), code(ATC, "B01AA03"), code(RXNORM, "11289")]
)
def test_a_coded_anticoagulant_needs_no_name(coded):
    taken = Finding(text="", codes=(coded,), source=ref("m", "MedicationStatement"))
    given = case("epistaxis")
    given = type(given)(
        patient=given.patient,
        at=given.at,
        age=given.age,
        complaints=given.complaints,
        medications=(taken,),
    )
    fired = floor(given).fired

    assert fired[0].rule == "medication.anticoagulant-bleeding"
    assert ref("m", "MedicationStatement") in fired[0].sources


def test_a_medicine_told_with_the_complaint_counts_and_a_denied_one_does_not():
    rule = "medication.anticoagulant-head-injury"

    assert rule in rules(case("banged head, takes warfarin"))
    assert rule not in rules(case("banged head. Not on warfarin"))


def test_insulin_with_an_altered_state_is_emergent():
    rule = "medication.glucose-lowering-altered-state"

    assert levels(case("confused", medications=("insulin glargine",)))[rule] == 2
    assert levels(case("low blood sugar", medications=("gliclazide",)))[rule] == 2
    assert rule not in rules(case("sore toe", medications=("gliclazide",)))


def test_fever_on_chemotherapy_is_emergent():
    rule = "medication.immunosuppressant-fever"
    hot = case("unwell", measured=healthy(t="38.0"), medications=("methotrexate",))

    assert levels(hot)[rule] == 2
    assert levels(case("fever", medications=("capecitabine",)))[rule] == 2
    assert rule not in rules(case("sore toe", medications=("methotrexate",)))


def test_a_beta_blocker_is_a_doubt_about_the_heart_rate_and_no_level():
    plain = adult()
    given = case("sore toe", measured=healthy(), medications=("metoprolol",))

    assert any("beta blocker" in doubt for doubt in floor(given).doubts)
    assert floor(plain).doubts == ()
    assert (floor(plain).acuity, floor(given).acuity) == (5, 4)


def test_a_beta_blocker_without_a_heart_rate_misleads_nobody():
    given = case(
        complaint("sore toe"), measured=(awake(),), medications=("bisoprolol",)
    )

    assert floor(given).doubts == ()


def test_a_steroid_is_a_doubt_about_the_temperature():
    given = case("sore toe", measured=healthy(), medications=("prednisone 20 mg",))
    cold = case("sore toe", measured=(awake(),), medications=("prednisone",))

    assert any("hides a fever" in doubt for doubt in floor(given).doubts)
    assert floor(cold).doubts == ()


def test_a_fall_of_the_old_on_an_anticoagulant_is_emergent():
    rule = "medication.anticoagulant-fall"

    assert levels(case("fell", age=years(80), medications=("Eliquis",)))[rule] == 2
    assert rule not in rules(case("fell", age=years(40), medications=("Eliquis",)))


def test_an_antiplatelet_raises_head_injury_of_the_old_and_bleeding():
    hurt = case("hit head", age=years(80), medications=("clopidogrel",))
    bled = case("nosebleed", medications=("Plavix",))

    assert levels(hurt)["medication.antiplatelet-head-injury"] == 2
    assert levels(bled)["medication.antiplatelet-bleeding"] == 3
    assert not rules(case("nosebleed", medications=("aspirin 81 mg",))) & {
        "medication.antiplatelet-bleeding"
    }


def test_ketoacidosis_on_an_sglt2_inhibitor_needs_no_high_glucose():
    rule = "medication.sglt2-inhibitor-unwell"
    given = case("vomiting", measured=vitals(glucose=8), medications=("Jardiance",))

    assert levels(given)[rule] == 2
    assert rule not in rules(case("sore toe", medications=("Jardiance",)))


def test_vomiting_or_fainting_on_a_steroid_may_be_an_adrenal_crisis():
    rule = "medication.steroid-collapse"

    assert levels(case("vomiting", medications=("hydrocortisone",)))[rule] == 3
    assert rule not in rules(case("vomiting", medications=("hydrocortisone cream",)))


def test_the_catalogue_of_medicines_says_levels_and_reasons():
    assert [entry.rule for entry in CATALOGUE] == [m.rule for m in MODIFIERS]
    assert all(entry.why and entry.says and entry.citation for entry in CATALOGUE)
