"""Every form in which a vital sign arrives: one file a form, and what is read of it."""

from decimal import Decimal
from pathlib import Path

import pytest

from domain.particulars import Flaw
from domain.values import Consciousness, Quality, Reference, VitalName
from fhir_profiles import lexical, structure
from fhir_profiles.vital_signs import is_vital_sign, vitals

FOLDER = Path(__file__).resolve().parents[1] / "assets" / "vital-signs"
SOURCE = Reference(type="Observation", id="1", version=1)
V, F = VitalName, Flaw

GOOD = {
    "blood-pressure-panel-in-kilopascals": {
        V.SYSTOLIC: "120.009852",
        V.DIASTOLIC: "75.006158",
    },
    "blood-pressure-as-text": {V.SYSTOLIC: "118", V.DIASTOLIC: "76"},
    "panel-with-contained-members": {V.HEART_RATE: "128"},
    "saturation-under-both-codes-on-oxygen": {
        V.OXYGEN_SATURATION: "93",
        V.OXYGEN_FLOW: "4",
        V.INHALED_OXYGEN: "36",
    },
    "saturation-text-on-room-air": {
        V.OXYGEN_SATURATION: "94",
        V.SUPPLEMENTAL_OXYGEN: "0",
    },
    "flow-answered-with-room-air": {V.SUPPLEMENTAL_OXYGEN: "0"},
    "breathing-room-air-as-code": {V.SUPPLEMENTAL_OXYGEN: "0"},
    "on-oxygen-denied": {V.SUPPLEMENTAL_OXYGEN: "0"},
    "patient-on-oxygen-of-unknown-amount": {V.SUPPLEMENTAL_OXYGEN: "1"},
    "temperature-text-with-decimal-comma": {V.TEMPERATURE: "38.5"},
    "temperature-text-with-unit": {V.TEMPERATURE: "38.5"},
    "temperature-in-fahrenheit": {V.TEMPERATURE: "38.5"},
    "heart-rate-text-with-unit": {V.HEART_RATE: "105"},
    "heart-rate-range-without-high-end": {V.HEART_RATE: "150"},
    "heart-rate-preliminary-and-critical": {V.HEART_RATE: "170"},
    "breaths-counted-for-fifteen-seconds": {V.RESPIRATORY_RATE: "28"},
    "glucose-as-a-ratio": {V.GLUCOSE: "5"},
    "glucose-in-milligrams-under-a-molar-code": {V.GLUCOSE: "3"},
    "glucose-shown-as-high": {V.GLUCOSE: "33.404469"},
    "ketones-in-blood": {V.KETONES: "4.2"},
    "pain-as-seven-of-ten": {V.PAIN: "7"},
    "pain-as-a-ratio": {V.PAIN: "7"},
    "pain-on-a-line-in-millimetres": {V.PAIN: "6.8"},
    "pain-as-a-coded-score": {V.PAIN: "8"},
    "flacc-of-six": {V.PAIN: "6"},
    "coma-scale-of-parts": {V.GLASGOW_COMA_SCALE: "13"},
    "coma-scale-written-out": {V.GLASGOW_COMA_SCALE: "13"},
    "weight-in-stone-as-text": {V.WEIGHT: "69.853225"},
    "weight-in-pounds": {V.WEIGHT: "68.038856"},
    "saturation-of-a-hundred": {V.OXYGEN_SATURATION: "91"},
    "capillary-refill-below-two": {V.CAPILLARY_REFILL: "2"},
    "pulse-by-its-snomed-code": {V.HEART_RATE: "88"},
    "heart-rate-not-performed": {},
    "heart-rate-cancelled": {},
    "early-warning-total": {},
}
FLAWED = {
    "blood-pressure-as-text-without-unit": (V.SYSTOLIC, F.NO_NUMBER),
    "temperature-text-with-words": (V.TEMPERATURE, F.FOREIGN_UNIT),
    "temperature-without-unit": (V.TEMPERATURE, F.NO_UNIT),
    "heart-rate-text-with-thousands-comma": (V.HEART_RATE, F.NO_NUMBER),
    "heart-rate-curve": (V.HEART_RATE, F.SERIES),
    "heart-rate-above-sixty": (V.HEART_RATE, F.OPEN_ENDED),
    "heart-rate-in-an-unknown-unit": (V.HEART_RATE, F.FOREIGN_UNIT),
    "heart-rate-that-failed": (V.HEART_RATE, F.NOT_OBTAINED),
    "pain-as-seven-of-fifteen": (V.PAIN, F.NO_NUMBER),
    "pain-in-words": (V.PAIN, F.NO_NUMBER),
    "coma-scale-of-an-intubated-patient": (V.GLASGOW_COMA_SCALE, F.INCOMPLETE),
    "alertness-that-could-not-be-assessed": (V.CONSCIOUSNESS, F.NOT_OBTAINED),
    "saturation-as-a-fraction-in-percent": (V.OXYGEN_SATURATION, F.OUT_OF_RANGE),
}
OF_THEIR_OWN = (
    "heart-rate-range",
    "coma-scale-at-best-fourteen",
    "alertness-by-the-acvpu-code",
)


def sent(name):
    return lexical.parse((FOLDER / f"{name}.json").read_bytes())


def read(name):
    return vitals(sent(name), SOURCE)


def test_every_file_has_an_expectation():
    assert {each.stem for each in FOLDER.iterdir()} == {*GOOD, *FLAWED, *OF_THEIR_OWN}


@pytest.mark.parametrize("name", GOOD)
def test_what_has_one_meaning_is_read(name):
    found = read(name)

    assert {each.name: each.value for each in found} == {
        vital: Decimal(value) for vital, value in GOOD[name].items()
    }
    assert len(found) == len(GOOD[name])
    assert {each.quality for each in found} <= {Quality.GOOD}


@pytest.mark.parametrize("name", FLAWED)
def test_what_cannot_be_judged_is_there_and_never_a_normal_value(name):
    first, *_ = read(name)

    assert (first.name, first.flaw) == FLAWED[name]
    assert first.quality is not Quality.GOOD


def test_a_range_gives_both_its_ends_since_either_may_be_the_urgent_one():
    assert {each.value for each in read("heart-rate-range")} == {90, 145}


def test_parts_of_a_coma_scale_that_cannot_add_up_to_fifteen_are_not_alert():
    (vital,) = read("coma-scale-at-best-fourteen")

    assert (vital.value, vital.quality, vital.flaw) == (14, Quality.GOOD, F.INCOMPLETE)


def test_new_confusion_is_read_under_the_code_of_the_acvpu_scale():
    (vital,) = read("alertness-by-the-acvpu-code")

    assert vital.consciousness is Consciousness.CONFUSED


def test_a_value_that_nobody_confirmed_says_so_and_so_does_a_critical_one():
    (vital,) = read("heart-rate-preliminary-and-critical")

    assert (vital.preliminary, vital.critical) == (True, True)
    assert not read("heart-rate-text-with-unit")[0].preliminary


@pytest.mark.parametrize(
    ("answer", "runs"),
    [("room air", 0), ("On O2.", 1), ("Supplemental oxygen", 1), ("sometimes", None)],
)
def test_air_and_oxygen_may_be_told_in_words_under_a_code_of_oxygen(answer, runs):
    content = sent("flow-answered-with-room-air")
    concept = {"valueCodeableConcept": {"text": answer}}

    (vital,) = vitals(content | concept, SOURCE)

    told = vital.name is V.SUPPLEMENTAL_OXYGEN
    assert (vital.value if told else None) == runs
    assert told or vital.flaw is F.NO_NUMBER


def test_nothing_is_divided_by_nothing():
    content = sent("breaths-counted-for-fifteen-seconds")
    content["valueRatio"]["denominator"]["value"] = 0

    (vital,) = vitals(content, SOURCE)

    assert (vital.value, vital.flaw) == (None, F.NO_NUMBER)


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_a_corrected_value_is_a_confirmed_one(status):
    (vital,) = vitals(sent("ketones-in-blood") | {"status": status}, SOURCE)

    assert not vital.preliminary


@pytest.mark.parametrize("name", [*GOOD, *FLAWED, *OF_THEIR_OWN])
def test_each_file_is_valid_r4_so_that_it_does_arrive(name):
    content = sent(name) | {"subject": {"reference": "Patient/1"}}

    errors = [each for each in structure.check(content) if each.severity == "error"]

    assert errors == []


@pytest.mark.parametrize(
    ("name", "tells"),
    [
        ("heart-rate-curve", True),
        ("weight-in-pounds", False),
        ("heart-rate-cancelled", False),
        ("early-warning-total", False),
        ("coma-scale-of-parts", True),
        ("breathing-room-air-as-code", True),
    ],
)
def test_a_weight_alone_does_not_say_how_the_patient_is(name, tells):
    assert is_vital_sign(sent(name)) is tells


def test_a_part_of_the_coma_scale_says_how_the_patient_is():
    part = sent("coma-scale-of-parts")["component"][0]
    alone = {"resourceType": "Observation", "status": "final", **part}

    assert is_vital_sign(alone)
    assert not is_vital_sign(alone | {"status": "entered-in-error"})


def test_a_day_is_from_its_first_instant_to_its_last():
    content = sent("ketones-in-blood") | {"effectiveDateTime": "2026-11-22"}

    (vital,) = vitals(content, SOURCE)

    assert (vital.until - vital.effective).days == 1


def test_an_instant_has_no_other_end():
    assert read("ketones-in-blood")[0].until is None
