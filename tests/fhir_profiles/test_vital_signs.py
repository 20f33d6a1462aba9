from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domain.particulars import Flaw
from domain.values import Consciousness, Quality, Reference, VitalName
from fhir_profiles.vital_signs import vitals

SOURCE = Reference(type="Observation", id="1", version=1)
UCUM = "http://unitsofmeasure.org"


def loinc(*codes):
    return {"coding": [{"system": "http://loinc.org", "code": code} for code in codes]}


def quantity(value, code=None, **more):
    content = {"value": Decimal(value)} if isinstance(value, str) else {"value": value}
    if code is not None:
        content |= {"system": UCUM, "code": code}
    return content | more


def bound(comparator, value, unit):
    return quantity(value, unit, comparator=comparator)


def observation(*codes, **more):
    content = {"resourceType": "Observation", "status": "final", "code": loinc(*codes)}
    return content | more


def only(content):
    (vital,) = vitals(content, SOURCE)
    return vital


def measured(code, value):
    return only(observation(code, valueQuantity=value))


@pytest.mark.parametrize(
    ("code", "name", "value", "unit"),
    [
        ("9279-1", VitalName.RESPIRATORY_RATE, "18", "/min"),
        ("8867-4", VitalName.HEART_RATE, "80", "/min"),
        ("8889-8", VitalName.HEART_RATE, "80", "{beats}/min"),
        ("2708-6", VitalName.OXYGEN_SATURATION, "97", "%"),
        ("59408-5", VitalName.OXYGEN_SATURATION, "97", "%"),
        ("8480-6", VitalName.SYSTOLIC, "120", "mm[Hg]"),
        ("8462-4", VitalName.DIASTOLIC, "80", "mm[Hg]"),
        ("8310-5", VitalName.TEMPERATURE, "36.80", "Cel"),
        ("8331-1", VitalName.TEMPERATURE, "36.8", "Cel"),
        ("3151-8", VitalName.OXYGEN_FLOW, "4", "L/min"),
        ("3150-6", VitalName.INHALED_OXYGEN, "40", "%"),
        ("72514-3", VitalName.PAIN, "7", "{score}"),
        ("9269-2", VitalName.GLASGOW_COMA_SCALE, "15", "{score}"),
        ("15074-8", VitalName.GLUCOSE, "5.5", "mmol/L"),
        ("2524-7", VitalName.LACTATE, "1.2", "mmol/L"),
        ("44963-7", VitalName.CAPILLARY_REFILL, "2", "s"),
        ("29463-7", VitalName.WEIGHT, "70.5", "kg"),
    ],
)
def test_a_value_in_its_canonical_unit_comes_back_as_it_was_written(
    code, name, value, unit
):
    vital = measured(code, quantity(value, unit))

    assert vital.name is name
    assert str(vital.value) == value
    assert vital.quality is Quality.GOOD
    assert vital.source == SOURCE


@pytest.mark.parametrize(
    ("code", "value", "unit", "canonical"),
    [
        ("8310-5", "98.6", "[degF]", "37.0"),
        ("8310-5", "104", "[degF]", "40"),
        ("8310-5", "310.15", "K", "37"),
        ("8867-4", "1.5", "/s", "90"),
        ("9279-1", "20", "1/min", "20"),
        ("9279-1", "20", "{breaths}/min", "20"),
        ("2708-6", "0.97", "1", "97"),
        ("29463-7", "3400", "g", "3.4"),
        ("29463-7", "150", "[lb_av]", "68.038856"),
        ("8310-5", "37.00", "Cel", "37.00"),
        ("29463-7", "7E+1", "kg", "70"),
        ("29463-7", "70.00000001", "kg", "70"),
        ("15074-8", "90.078", "mg/dL", "5"),
        ("2339-0", "0.90078", "g/L", "5"),
        ("2339-0", "0", "mg/dL", "0"),
        ("2524-7", "18.016", "mg/dL", "2"),
        ("3151-8", "500", "mL/min", "0.5"),
        ("44963-7", "2500", "ms", "2.5"),
        ("8462-4", "0", "kPa", "0"),
    ],
)
def test_other_units_are_converted_exactly(code, value, unit, canonical):
    vital = measured(code, quantity(value, unit))

    assert vital.value == Decimal(canonical)
    assert vital.quality is Quality.GOOD


def test_kilopascals_become_millimetres_of_mercury():
    vital = measured("8480-6", quantity("16", "kPa"))

    assert vital.value == Decimal("120.009852")


@pytest.mark.parametrize(
    ("code", "value", "unit", "canonical"),
    [
        ("8310-5", "98.6", "°F", "37"),
        ("8310-5", "98.6", "F", "37"),
        ("8310-5", "98.6", "deg F", "37"),
        ("8310-5", "37", "C", "37"),
        ("8867-4", "80", "bpm", "80"),
        ("9279-1", "16", "breaths/minute", "16"),
        ("8480-6", "120", "mmHg", "120"),
        ("8480-6", "120", "mm Hg", "120"),
        ("2708-6", "97", "%", "97"),
        ("29463-7", "100", "lbs", "45.359237"),
        ("8867-4", "80", "/min", "80"),
        ("8310-5", "37", "Cel", "37"),
    ],
)
def test_a_printed_unit_counts_where_there_is_no_code(code, value, unit, canonical):
    printed = measured(code, {"value": Decimal(value), "unit": unit})
    as_code = measured(code, quantity(value, unit))

    assert printed.value == as_code.value == Decimal(canonical)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("8310-5", {"value": Decimal("98.6")}),
        ("8310-5", quantity("98.6", "")),
        ("8310-5", quantity("98.6", "kg", unit="°F")),
        ("8310-5", quantity("98.6", "{temperature}")),
        ("8867-4", quantity("80", "%")),
        ("8867-4", quantity("80", "1")),
        ("2708-6", quantity("97", "mm[Hg]")),
        ("72514-3", quantity("7", "%")),
        ("15074-8", quantity("90", "mg")),
        ("15074-8", quantity("90", "[nonsense")),
        ("29463-7", quantity("70", "10*9999999999.kg")),
        ("29463-7", quantity("70", "kg" * 40)),
        ("29463-7", quantity("70", "\ud800")),
        ("29463-7", quantity("1E+999999", "kg")),
        ("29463-7", quantity("NaN", "kg")),
        ("29463-7", quantity(10**5000, "kg")),
        ("29463-7", {"value": True, "system": UCUM, "code": "kg"}),
        ("29463-7", {"value": "70", "system": UCUM, "code": "kg"}),
        ("29463-7", {"system": UCUM, "code": "kg"}),
        ("29463-7", {"value": 70, "system": "http://snomed.info/sct", "code": "kg"}),
    ],
)
def test_what_has_no_number_or_no_fitting_unit_is_unreadable_and_never_guessed(
    code, value
):
    vital = measured(code, value)

    assert vital.value is None
    assert vital.quality is Quality.UNREADABLE


@pytest.mark.parametrize(
    "value",
    [
        {"valueString": "105"},
        {"valueString": "about 105 bpm"},
        {"valueInteger": 105},
        {"valueCodeableConcept": {"text": "fast"}},
        {"valueCodeableConcept": {"text": "105 bpm"}},
        {"valueRange": {}},
        {"valueSampledData": {"data": "80 81 82"}},
        {"valueBoolean": True},
        {"valueQuantity": []},
        {"valueQuantity": quantity("80", "/min"), "dataAbsentReason": {"text": "?"}},
    ],
)
def test_a_heart_rate_that_is_no_quantity_is_unreadable(value):
    vital = only(observation("8867-4", **value))

    assert vital.value is None
    assert vital.quality is Quality.UNREADABLE


@pytest.mark.parametrize(
    ("code", "value", "unit", "quality"),
    [
        ("8310-5", "26", "Cel", Quality.GOOD),
        ("8310-5", "25.9", "Cel", Quality.IMPLAUSIBLE),
        ("8310-5", "45", "Cel", Quality.GOOD),
        ("8310-5", "98.6", "Cel", Quality.IMPLAUSIBLE),
        ("8867-4", "0", "/min", Quality.GOOD),
        ("8867-4", "350", "/min", Quality.GOOD),
        ("8867-4", "351", "/min", Quality.IMPLAUSIBLE),
        ("9279-1", "301", "/min", Quality.IMPLAUSIBLE),
        ("8480-6", "376", "mm[Hg]", Quality.IMPLAUSIBLE),
        ("2708-6", "0.97", "%", Quality.IMPLAUSIBLE),
        ("2708-6", "1.0", "%", Quality.IMPLAUSIBLE),
        ("2708-6", "0", "%", Quality.IMPLAUSIBLE),
        ("2708-6", "101", "%", Quality.IMPLAUSIBLE),
        ("2708-6", "50", "%", Quality.GOOD),
        ("3150-6", "0.4", "%", Quality.IMPLAUSIBLE),
        ("72514-3", "11", "{score}", Quality.IMPLAUSIBLE),
        ("72514-3", "-1", "{score}", Quality.IMPLAUSIBLE),
        ("9269-2", "2", "{score}", Quality.IMPLAUSIBLE),
        ("29463-7", "701", "kg", Quality.IMPLAUSIBLE),
    ],
)
def test_an_implausible_value_is_kept_and_marked(code, value, unit, quality):
    vital = measured(code, quantity(value, unit))

    assert vital.value == Decimal(value)
    assert vital.quality is quality


@pytest.mark.parametrize(
    ("code", "sent", "expected"),
    [
        ("15074-8", bound("<", "1.1", "mmol/L"), ("1.0", Quality.GOOD)),
        ("15074-8", bound(">", "33.3", "mmol/L"), ("33.4", Quality.GOOD)),
        ("15074-8", bound("<", "8", "mmol/L"), ("8", Quality.IMPLAUSIBLE)),
        ("44963-7", bound("<", "2", "s"), ("2", Quality.GOOD)),
        ("44963-7", bound(">", "3", "s"), ("3.1", Quality.GOOD)),
        ("2708-6", bound("<=", "70", "%"), ("70", Quality.GOOD)),
        ("2708-6", bound("<", "92", "%"), ("91", Quality.GOOD)),
        ("2708-6", bound("<", "97", "%"), ("97", Quality.IMPLAUSIBLE)),
        ("2708-6", bound(">", "90", "%"), ("91", Quality.GOOD)),
        ("2708-6", bound(">", "100", "%"), ("100", Quality.GOOD)),
        ("8867-4", bound("<", "40", "/min"), ("39", Quality.GOOD)),
        ("8867-4", bound(">=", "150", "/min"), ("150", Quality.GOOD)),
        ("8867-4", bound(">", "60", "/min"), ("60", Quality.IMPLAUSIBLE)),
        ("8480-6", bound("<", "60", "mm[Hg]"), ("59", Quality.GOOD)),
        ("8310-5", bound("<", "35", "Cel"), ("34.9", Quality.GOOD)),
        ("8310-5", bound("<", "95", "[degF]"), ("34.9", Quality.GOOD)),
        ("72514-3", bound(">", "6", "{score}"), ("10", Quality.GOOD)),
        ("72514-3", bound("<", "4", "{score}"), ("4", Quality.GOOD)),
        ("9269-2", bound("<", "9", "{score}"), ("8", Quality.GOOD)),
        ("2524-7", bound("<", "0.5", "mmol/L"), ("0.5", Quality.GOOD)),
        ("15074-8", bound("~", "5", "mmol/L"), ("5", Quality.IMPLAUSIBLE)),
        ("15074-8", bound([], "5", "mmol/L"), ("5", Quality.IMPLAUSIBLE)),
    ],
)
def test_a_bound_is_judged_by_its_urgent_end_or_not_at_all(code, sent, expected):
    vital = measured(code, sent)

    assert (vital.value, vital.quality) == (Decimal(expected[0]), expected[1])
    assert (vital.flaw is Flaw.OPEN_ENDED) is (vital.quality is Quality.IMPLAUSIBLE)


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_an_observation_that_was_withdrawn_says_nothing(status):
    content = observation("8867-4", valueQuantity=quantity("80", "/min"))

    assert vitals(content | {"status": status}, SOURCE) == []


def test_an_absent_value_is_missing_rather_than_unreadable():
    content = observation("8867-4", dataAbsentReason={"text": "not performed"})

    assert vitals(content, SOURCE) == []


def test_a_blood_pressure_panel_gives_both_pressures():
    systolic = {"code": loinc("8480-6"), "valueQuantity": quantity("85", "mm[Hg]")}
    diastolic = {"code": loinc("8462-4"), "valueQuantity": quantity("50", "mm[Hg]")}
    mean = {"code": loinc("8478-0"), "valueQuantity": quantity("62", "mm[Hg]")}

    found = vitals(
        observation("85354-9", component=[systolic, diastolic, mean]), SOURCE
    )

    assert [(vital.name, vital.value) for vital in found] == [
        (VitalName.SYSTOLIC, 85),
        (VitalName.DIASTOLIC, 50),
    ]


def test_pulse_oximetry_with_oxygen_gives_saturation_flow_and_concentration():
    flow = {"code": loinc("3151-8"), "valueQuantity": quantity("6", "L/min")}
    oxygen = {"code": loinc("3150-6"), "dataAbsentReason": {"text": "unknown"}}
    content = observation(
        "59408-5", "2708-6", valueQuantity=quantity("94", "%"), component=[flow, oxygen]
    )

    assert [vital.name for vital in vitals(content, SOURCE)] == [
        VitalName.OXYGEN_SATURATION,
        VitalName.OXYGEN_FLOW,
    ]


def test_a_pain_score_may_be_an_integer():
    vital = only(observation("72514-3", valueInteger=8))

    assert (vital.value, vital.quality) == (8, Quality.GOOD)


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ({"valueString": "A"}, Consciousness.ALERT),
        ({"valueString": "Responds to pain."}, Consciousness.PAIN),
        ({"valueCodeableConcept": {"text": "New confusion"}}, Consciousness.CONFUSED),
        (
            {
                "valueCodeableConcept": {
                    "coding": [
                        {"system": "http://snomed.info/sct", "code": "300202002"}
                    ]
                }
            },
            Consciousness.VOICE,
        ),
        ({"valueCodeableConcept": loinc("LA9343-0")}, Consciousness.UNRESPONSIVE),
        (
            {"valueCodeableConcept": loinc("LA9340-6") | {"text": "Unresponsive"}},
            Consciousness.UNRESPONSIVE,
        ),
    ],
)
def test_consciousness_is_read_from_codes_and_whole_words(value, level):
    vital = only(observation("67775-7", **value))

    assert vital.consciousness is level
    assert vital.quality is Quality.GOOD


def test_a_code_of_no_level_leaves_the_decision_to_the_words():
    value = {"valueCodeableConcept": loinc("LA1-1") | {"text": "Voice"}}

    assert only(observation("67775-7", **value)).consciousness is Consciousness.VOICE


@pytest.mark.parametrize("words", ["not alert", "alert?", "V/P", ""])
def test_a_doubtful_level_of_consciousness_is_unreadable_and_never_alert(words):
    vital = only(observation("80288-4", valueString=words))

    assert vital.consciousness is None
    assert vital.quality is Quality.UNREADABLE


def test_a_code_of_another_system_is_no_vital_sign():
    code = {"coding": [{"system": "http://example.org", "code": "8867-4"}]}
    content = observation() | {"code": code, "valueQuantity": quantity("80", "/min")}

    assert vitals(content, SOURCE) == []


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (
            {"effectiveDateTime": "2026-11-22T14:00:00.1234567+02:00"},
            datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC),
        ),
        (
            {"effectiveDateTime": "2026-11-22T14:00:60Z"},
            datetime(2026, 11, 22, 14, 0, 59, tzinfo=UTC),
        ),
        ({"effectiveDateTime": "2026-11-22"}, datetime(2026, 11, 22, tzinfo=UTC)),
        ({"effectiveDateTime": "2026-11"}, datetime(2026, 11, 1, tzinfo=UTC)),
        (
            {"effectivePeriod": {"start": "2026-11-22T08:00:00Z", "end": "2026-11-23"}},
            datetime(2026, 11, 22, 8, tzinfo=UTC),
        ),
        (
            {"effectivePeriod": {"end": "2026-11-22T09:00:00Z"}},
            datetime(2026, 11, 22, 9, tzinfo=UTC),
        ),
        (
            {"effectiveInstant": "2026-11-22T08:00:00Z"},
            datetime(2026, 11, 22, 8, tzinfo=UTC),
        ),
        (
            {"effectiveTiming": {"event": ["2026-11-22T08:00:00Z", "2026-11-21", 7]}},
            datetime(2026, 11, 21, tzinfo=UTC),
        ),
        (
            {"effectiveDateTime": "yesterday", "issued": "2026-11-22T10:00:00Z"},
            datetime(2026, 11, 22, 10, tzinfo=UTC),
        ),
        ({"effectiveDateTime": "2026-02-30"}, None),
        ({"effectiveDateTime": "9999-12-31T23:59:59-12:00"}, None),
        ({}, None),
    ],
)
def test_a_measurement_is_rather_held_too_old_than_too_young(times, expected):
    vital = only(observation("8867-4", valueQuantity=quantity("80", "/min"), **times))

    assert vital.effective == expected
