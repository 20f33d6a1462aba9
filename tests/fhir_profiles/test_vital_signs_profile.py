import pytest

from fhir_profiles.structure import check

BASE = "http://hl7.org/fhir/StructureDefinition/"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def concept(code, system="http://loinc.org"):
    return {"coding": [{"system": system, "code": code}]}


def quantity(value, unit):
    system = "http://unitsofmeasure.org"
    return {"value": value, "unit": unit, "system": system, "code": unit}


def pressure(code, unit="mm[Hg]"):
    return {"code": concept(code), "valueQuantity": quantity(120, unit)}


def observation(*profiles, code="8867-4", **more):
    content = {
        "resourceType": "Observation",
        "meta": {"profile": [f"{BASE}{name}" for name in profiles]},
        "status": "final",
        "category": [concept("vital-signs", CATEGORY)],
        "code": concept(code),
        "subject": {"reference": "Patient/1"},
        "effectiveDateTime": "2024-05-02T10:00:00Z",
        "valueQuantity": quantity(72, "/min"),
    } | more
    return {name: value for name, value in content.items() if value is not None}


def found_in(resource):
    return [issue.id for issue in check(resource)]


@pytest.mark.parametrize(
    ("profile", "code", "unit"),
    [
        ("heartrate", "8867-4", "/min"),
        ("resprate", "9279-1", "/min"),
        ("oxygensat", "2708-6", "%"),
        ("bodytemp", "8310-5", "[degF]"),
        ("bodyheight", "8302-2", "cm"),
        ("headcircum", "9843-4", "[in_i]"),
        ("bodyweight", "29463-7", "kg"),
        ("bmi", "39156-5", "kg/m2"),
        ("vitalsigns", "8867-4", "/min"),
        ("heartrate|4.0.1", "8867-4", "/min"),
    ],
)
def test_a_vital_sign_that_keeps_its_profile_is_accepted(profile, code, unit):
    value = quantity(72, unit)

    assert found_in(observation(profile, code=code, valueQuantity=value)) == []


def test_a_blood_pressure_of_two_components_is_accepted():
    parts = [pressure("8480-6"), pressure("8462-4")]

    assert (
        found_in(observation("bp", code="85354-9", valueQuantity=None, component=parts))
        == []
    )


@pytest.mark.parametrize(
    ("change", "issue"),
    [
        ({"category": [concept("laboratory", CATEGORY)]}, "profile.code"),
        ({"category": None}, "profile.code"),
        ({"code": concept("9279-1")}, "profile.code"),
        ({"subject": None}, "profile.required"),
        ({"effectiveDateTime": None}, "profile.required"),
        ({"effectiveDateTime": "2024-05"}, "profile.precision"),
        (
            {"effectiveDateTime": None, "effectiveInstant": "2024-05-02T10:00:00Z"},
            "profile.type",
        ),
        ({"valueQuantity": None}, "profile.value"),
        ({"valueQuantity": {"value": 72, "code": "/min"}}, "profile.required"),
        ({"valueQuantity": quantity(72, "bpm")}, "profile.unit"),
        ({"component": [{"code": concept("9279-1")}]}, "profile.value"),
    ],
)
def test_what_breaks_the_profile_that_is_claimed_is_named(change, issue):
    assert issue in found_in(observation("heartrate", **change))


@pytest.mark.parametrize(
    ("change", "issue"),
    [
        ({"component": [pressure("8480-6")]}, "profile.component"),
        ({"component": None, "dataAbsentReason": None}, "profile.component"),
        (
            {"component": [pressure("8480-6"), pressure("8462-4", "kPa")]},
            "profile.unit",
        ),
        ({"valueQuantity": quantity(120, "mm[Hg]")}, "profile.pressure-value"),
    ],
)
def test_a_blood_pressure_profile_needs_both_pressures(change, issue):
    both = {"component": [pressure("8480-6"), pressure("8462-4")]}
    claimed = {"code": concept("85354-9"), "valueQuantity": None} | both | change

    assert issue in found_in(observation("bp", **claimed))


@pytest.mark.parametrize("claimed", [(), ("unknown",)])
def test_a_vital_sign_that_claims_nothing_is_not_held_to_a_profile(claimed):
    bare = observation(*claimed, subject=None, category=None, valueQuantity=None)
    bare["meta"] = {"profile": [f"{BASE}x"]}

    assert found_in(bare) == []
