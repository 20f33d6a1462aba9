from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.values import Quality, Reference, VitalName
from fhir_profiles.compartment import encounter_of, subject_of
from fhir_profiles.complaint import complaints
from fhir_profiles.currency import is_current
from fhir_profiles.history import allergies, conditions, medications
from fhir_profiles.moments import span
from fhir_profiles.patient import age, sex
from fhir_profiles.pregnancy import pregnancy
from fhir_profiles.task_review import UnreadableTaskError, task_change
from fhir_profiles.units import measured
from fhir_profiles.vital_signs import vitals

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE = Reference(type="Observation", id="1", version=1)
QUESTIONS = frozenset({"linkId:a", "urn:s|a"})

KINDS = [
    "Observation",
    "Patient",
    "Encounter",
    "Condition",
    "QuestionnaireResponse",
    "MedicationStatement",
    "MedicationRequest",
    "AllergyIntolerance",
    "Task",
    "Questionnaire",
    "Provenance",
]
NAMES = [
    "status",
    "code",
    "coding",
    "system",
    "display",
    "text",
    "component",
    "category",
    "valueQuantity",
    "valueString",
    "valueCodeableConcept",
    "valueInteger",
    "value",
    "unit",
    "comparator",
    "dataAbsentReason",
    "effectiveDateTime",
    "issued",
    "type",
    "effectivePeriod",
    "effectiveTiming",
    "event",
    "start",
    "end",
    "period",
    "item",
    "birthDate",
    "gender",
    "reasonCode",
    "answer",
    "linkId",
    "contained",
    "id",
    "medicationReference",
    "reference",
    "subject",
    "target",
    "encounter",
    "context",
    "output",
    "owner",
    "statusReason",
    "clinicalStatus",
    "onsetDateTime",
    "abatementDateTime",
    "authored",
    "reaction",
    "substance",
    "definition",
]
WORDS = [
    "final",
    "active",
    "completed",
    "accepted",
    "http://loinc.org",
    "8867-4",
    "67775-7",
    "82810-3",
    "11884-4",
    "8661-1",
    "http://unitsofmeasure.org",
    "/min",
    "[degF]",
    "2026-11-22",
    "2026-11-22T10:00:00Z",
    "0001-01-01",
    "9999-12-31",
    "a",
    "wk",
    "https://triage-gateway.example/fhir/CodeSystem/task",
    "acuity",
    "Patient/1",
]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.text(max_size=8)
    | st.sampled_from(WORDS)
)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=25,
)
RESOURCES = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=10).flatmap(
    lambda content: st.sampled_from(KINDS).map(
        lambda kind: {**content, "resourceType": kind}
    )
)


@settings(max_examples=200, deadline=None)
@given(resource=RESOURCES)
def test_no_reader_ever_crashes_on_any_json_object(resource):
    for vital in vitals(resource, SOURCE):
        assert (vital.quality is Quality.UNREADABLE) == (
            vital.value is None and vital.consciousness is None
        )
    complaints(resource, SOURCE, questions=QUESTIONS)
    conditions(resource, SOURCE)
    allergies(resource, SOURCE)
    medications(resource, SOURCE, at=NOW)
    age(resource, NOW)
    sex(resource)
    pregnancy([resource], NOW)
    is_current(resource, NOW, timedelta(hours=24))
    subject_of(resource)
    encounter_of(resource)
    with suppress(UnreadableTaskError):
        task_change(resource)


UNIT_PARTS = st.sampled_from(
    [
        "k",
        "g",
        "m",
        "[degF]",
        "Cel",
        "%",
        "/",
        ".",
        "1",
        "10*",
        "99",
        "^",
        "(",
        ")",
        "L",
        "mol",
        "min",
        "s",
        "{x}",
        "[lb_av]",
        "-",
        "+",
        "dB",
        "B[SPL]",
        "[pH]",
        "mm[Hg]",
        "0",
        "u",
        "[hnsf'U]",
        "é",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    unit=st.lists(UNIT_PARTS, max_size=6).map("".join) | st.text(max_size=12),
    value=st.decimals() | st.integers(),
    name=st.sampled_from(VitalName),
)
def test_no_unit_ever_crashes_a_conversion(unit, value, name):
    quantity = {
        "value": value,
        "system": "http://unitsofmeasure.org",
        "code": unit,
        "unit": unit,
    }

    found = measured(quantity, name)

    assert found is None or (found.is_finite() and "E" not in str(found))


@settings(max_examples=100, deadline=None)
@given(
    tenths=st.integers(min_value=-1000, max_value=2000),
    name=st.just(VitalName.TEMPERATURE),
)
def test_fahrenheit_and_celsius_of_one_temperature_are_one_value(tenths, name):
    celsius = Decimal(tenths) / 10
    fahrenheit = celsius * 9 / 5 + 32

    assert measured({"value": fahrenheit, "code": "[degF]"}, name) == celsius
    assert measured({"value": celsius, "code": "Cel"}, name) == celsius


@settings(max_examples=100, deadline=None)
@given(at=st.datetimes(min_value=datetime(2, 1, 2), max_value=datetime(9998, 12, 30)))  # noqa: DTZ001
def test_an_instant_is_read_as_it_was_written(at):
    found = span(at.isoformat() + "Z")

    assert found is not None
    assert found.start == found.end == at.replace(tzinfo=UTC)


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=30) | st.from_regex(r"[0-9TZ:+.-]{4,30}", fullmatch=True))
def test_no_text_ever_crashes_a_date(text):
    found = span(text)

    assert found is None or found.start <= found.end
