import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.floor.compose import assess
from domain.values import Quality, Reference, VitalName
from fhir_profiles import lexical, structure
from fhir_profiles.bundle import read_bundle
from fhir_profiles.linking import rewrite
from gateway.demo.bundles import VISITS, bundles
from gateway.demo.resources import QUESTION
from gateway.demo.visit import Visit
from gateway.translate.case import canonical_case

NOW = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
CASES = {case.key: case for case in bundles(NOW)}
WINDOW = timedelta(hours=24)

# What each case must come to, and the rules without which it would be wrong.
EXPECTED = {
    "chest-pain": (2, {"red-flag.chest-pain"}),
    "stroke": (2, {"red-flag.stroke"}),
    "sepsis": (2, {"news2.high", "sepsis.respiratory-rate"}),
    "anaphylaxis": (1, {"red-flag.allergic-reaction"}),
    "asthma-child": (1, {"extreme.respiratory-failure"}),
    "infant-fever": (2, {"extreme.feverish-infant"}),
    "pregnant-headache": (2, {"maternal.headache", "maternal.severe-systolic"}),
    "warfarin-head-injury": (2, {"medication.anticoagulant-head-injury"}),
    "low-glucose": (1, {"extreme.neuroglycopenia"}),
    "ketoacidosis": (2, {"extreme.ketoacidosis-pattern"}),
    "ankle": (4, set()),
    "cold": (5, set()),
    "prescription": (5, set()),
    "earache-child": (5, set()),
    "heartburn": (5, set()),
    "missing-vitals": (3, {"red-flag.abdominal-pain-adult"}),
    "no-vitals": (3, {"baseline.no-vitals"}),
    "contradictory-vitals": (3, {"esi.danger-zone.heart-rate"}),
}


def parsed(case):
    return lexical.parse(json.dumps(case.bundle).encode())


def contents(key):
    """The resources of a case as the gateway will read them, the patient first."""
    entries = parsed(CASES[key])["entry"]
    links = {
        each["fullUrl"]: f"{each['resource']['resourceType']}/{number}"
        for number, each in enumerate(entries)
    }
    return [
        (
            Reference(type=each["resource"]["resourceType"], id=str(number), version=1),
            rewrite(each["resource"], links),
        )
        for number, each in enumerate(entries)
    ]


def case_of(key):
    patient, *others = contents(key)
    return canonical_case(
        patient,
        others,
        encounter=Reference(type="Encounter", id="1"),
        at=NOW,
        window=WINDOW,
        questions=frozenset({f"linkId:{QUESTION}"}),
    )


def of_type(kind):
    return [
        entry["resource"]
        for case in CASES.values()
        for entry in case.bundle["entry"]
        if entry["resource"]["resourceType"] == kind
    ]


@pytest.mark.parametrize("key", CASES)
def test_a_demo_bundle_is_valid_r4_without_a_single_warning(key):
    bundle = parsed(CASES[key])

    issues = structure.check(bundle)

    assert issues == []
    assert read_bundle(bundle, issues).type == "transaction"


@pytest.mark.parametrize("key", EXPECTED)
def test_the_floor_of_a_demo_case_makes_clinical_sense(key):
    acuity, rules = EXPECTED[key]

    floor = assess(case_of(key))

    assert floor.acuity == acuity
    assert rules <= {each.rule for each in floor.fired}


def test_every_case_that_opens_one_has_an_expectation():
    assert {key for key, case in CASES.items() if case.opens_case} == set(EXPECTED)


@pytest.mark.parametrize("key", ["cold", "heartburn"])
def test_what_a_patient_denies_is_no_red_flag(key):
    fired = [each.rule for each in assess(case_of(key)).fired]

    assert not [rule for rule in fired if rule.startswith("red-flag")]


def test_head_injury_denied_loss_of_consciousness_is_no_syncope():
    fired = {each.rule for each in assess(case_of("warfarin-head-injury")).fired}

    assert "red-flag.head-injury-and-syncope" not in fired


def test_fahrenheit_is_read_as_fahrenheit():
    (temperature,) = [
        each
        for each in case_of("infant-fever").vitals
        if each.name is VitalName.TEMPERATURE
    ]

    assert temperature.value.quantize(Decimal("0.1")) == Decimal("38.6")


def test_contradictory_vitals_are_doubted_and_not_averaged():
    doubts = assess(case_of("contradictory-vitals")).doubts

    assert any("heart-rate: readings" in doubt for doubt in doubts)
    assert any("not above the diastolic" in doubt for doubt in doubts)


@pytest.mark.parametrize("key", ["missing-vitals", "no-vitals"])
def test_missing_vitals_are_named(key):
    floor = assess(case_of(key))

    assert "systolic" in floor.missing
    assert not floor.complete


@pytest.mark.parametrize("key", EXPECTED)
def test_every_measurement_of_the_demo_can_be_read(key):
    assert all(each.quality is Quality.GOOD for each in case_of(key).vitals)


def test_the_patients_are_as_different_as_the_demo_promises():
    people = [visit.person for visit in VISITS]

    assert len({(each.given, each.family) for each in people}) == len(VISITS) >= 14
    assert any(each.years == 0 and each.days < 90 for each in people)
    assert any(1 <= each.years < 12 for each in people)
    assert any(each.years > 80 for each in people)


def test_most_patients_take_something_and_some_are_allergic():
    taking = [visit for visit in VISITS if visit.takes]

    assert len(taking) > len(VISITS) / 2
    assert len(of_type("MedicationStatement")) > len(taking)
    assert len(of_type("AllergyIntolerance")) >= 3
    assert of_type("QuestionnaireResponse")


def test_both_temperature_units_and_both_saturation_codes_are_sent():
    units = {
        each["valueQuantity"]["code"]
        for each in of_type("Observation")
        if "valueQuantity" in each
    }
    saturations = [
        {coding["code"] for coding in each["code"]["coding"]}
        for each in of_type("Observation")
        if any(coding["code"] == "2708-6" for coding in each["code"]["coding"])
    ]

    assert {"Cel", "[degF]"} <= units
    assert all({"2708-6", "59408-5"} == codes for codes in saturations)


def test_the_nurse_accepts_some_overrides_one_corrects_one_and_leaves_two():
    decided = [visit.decision for visit in VISITS if visit.ended is None]
    said = [each.decision for each in decided if each]

    assert said.count("overridden") == 1
    assert said.count("corrected") == 1
    assert said.count("accepted") >= 5
    assert decided.count(None) >= 2


@settings(max_examples=15, deadline=None)
@given(st.datetimes(min_value=datetime(2020, 1, 2), timezones=st.just(UTC)))  # noqa: DTZ001 (hypothesis adds the zone)
def test_at_any_time_the_bundles_are_valid_and_of_the_past(now):
    for case in bundles(now):
        text = json.dumps(case.bundle)
        written = re.findall(r"\d{4}-\d\d-\d\dT[\d:]+\+00:00", text)

        assert structure.check(lexical.parse(text.encode())) == []
        assert all(datetime.fromisoformat(each) <= now for each in written)


def test_a_time_without_an_offset_is_refused():
    with pytest.raises(ValueError, match="offset"):
        bundles(datetime(2026, 3, 1))  # noqa: DTZ001 (the point of the test)


def test_a_visit_is_plain_data_that_can_be_compared():
    assert isinstance(VISITS[0], Visit)
    assert bundles(NOW) == bundles(NOW)
