from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.floor.plausibility import plausible
from domain.particulars import Flaw
from domain.values import Quality, Reference, VitalName
from fhir_profiles import structure
from fhir_profiles.arrival import (
    is_transfer,
    last_known_well,
    priority,
    told_onset,
)
from fhir_profiles.compartment import encounter_of, subject_of
from fhir_profiles.complaint import as_reason, complaints, states_reason
from fhir_profiles.currency import is_current, stated_at
from fhir_profiles.elements import LOINC, SNOMED
from fhir_profiles.gestation import birth, gestation
from fhir_profiles.history import allergies, conditions, history
from fhir_profiles.medication import medications
from fhir_profiles.moments import span
from fhir_profiles.patient import age, sex, stated_age
from fhir_profiles.pregnancy import pregnancy
from fhir_profiles.task_review import UnreadableTaskError, task_change
from fhir_profiles.units import measured
from fhir_profiles.vital_codes import _LOINC
from fhir_profiles.vital_signs import vitals
from gateway.translate.case import canonical_case

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
    "MedicationAdministration",
    "MedicationDispense",
    "Procedure",
    "ServiceRequest",
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
    "valueRatio",
    "valueRange",
    "valueDateTime",
    "valueBoolean",
    "numerator",
    "denominator",
    "low",
    "high",
    "interpretation",
    "hasMember",
    "reasonReference",
    "diagnosis",
    "use",
    "hospitalization",
    "admitSource",
    "priority",
    "onsetAge",
    "onsetString",
    "onsetPeriod",
    "performer",
    "source",
    "criticality",
    "manifestation",
    "severity",
    "ingredient",
    "itemCodeableConcept",
    "performedDateTime",
    "extension",
    "valueDecimal",
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
    "11778-8",
    "93857-1",
    "8665-2",
    "30525-0",
    "11368-8",
    "85354-9",
    "9267-6",
    "9270-0",
    "9269-2",
    "2708-6",
    "http://snomed.info/sct",
    "722742002",
    "236973005",
    "#a",
    "last known well",
    "20w3d",
    "E3V4M6",
    "94 % RA",
    "120/80 mmHg",
    "38,5 C",
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
    complaints(resource, SOURCE, questions=QUESTIONS, forms=[resource])
    states_reason(resource, SOURCE, QUESTIONS)
    as_reason(resource, SOURCE)
    history(resource, SOURCE)
    stated_age(resource, NOW)
    stated_at(resource)
    gestation([resource], NOW)
    birth([resource], NOW)
    last_known_well([resource])
    told_onset([resource])
    is_transfer(resource)
    priority(resource)
    canonical_case(
        (Reference(type="Patient", id="1"), resource),
        [(SOURCE, resource)],
        encounter=None,
        at=NOW,
        window=timedelta(hours=24),
    )
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

    assert isinstance(found, Flaw) or (found.is_finite() and "E" not in str(found))


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


UNIT_CODES = st.sampled_from(
    ["/min", "%", "1", "mm[Hg]", "kPa", "Cel", "[degF]", "{score}", "mg/dL", "s", "x"]
)
QUANTITIES = st.fixed_dictionaries(
    {"value": st.decimals(-(10**6), 10**6, places=2)},
    optional={
        "system": st.just("http://unitsofmeasure.org"),
        "code": UNIT_CODES,
        "unit": UNIT_CODES,
        "comparator": st.sampled_from(["<", "<=", ">=", ">"]),
    },
)
CONCEPTS = st.sampled_from(
    [
        *({"coding": [{"system": LOINC, "code": code}]} for code in _LOINC),
        {"coding": [{"system": SNOMED, "code": "722742002"}]},
        {"coding": [{"system": LOINC, "code": "LA6560-2"}]},
        {"text": "7"},
    ]
)
MEASUREMENTS = st.one_of(
    st.fixed_dictionaries({"valueQuantity": QUANTITIES}),
    st.fixed_dictionaries({"valueInteger": st.integers(-100, 1000)}),
    st.fixed_dictionaries(
        {"valueString": st.from_regex(r"[<>]?\d{1,5}[.,/]?\d{0,3} ?[a-zA-Z%]{0,5}\Z")}
    ),
    st.fixed_dictionaries({"valueCodeableConcept": CONCEPTS}),
    st.fixed_dictionaries(
        {"valueRange": st.fixed_dictionaries({"low": QUANTITIES, "high": QUANTITIES})}
    ),
    st.fixed_dictionaries(
        {
            "valueRatio": st.fixed_dictionaries(
                {"numerator": QUANTITIES, "denominator": QUANTITIES}
            )
        }
    ),
    st.just({"dataAbsentReason": {"coding": [{"code": "error"}]}}),
    st.just({}),
)
PARTS = st.builds(lambda code, said: {"code": code, **said}, CONCEPTS, MEASUREMENTS)


@settings(max_examples=200, deadline=None)
@given(part=PARTS, components=st.lists(PARTS, max_size=3))
def test_no_observation_that_the_checker_lets_pass_ever_stops_its_reading(
    part, components
):
    content = {
        "resourceType": "Observation",
        "status": "final",
        **part,
        **({"component": components} if components else {}),
    }
    assume(not [e for e in structure.check(content) if e.severity == "error"])

    for vital in vitals(content, SOURCE):
        assert (
            (vital.flaw is None)
            or vital.quality is not Quality.GOOD
            or (vital.flaw is Flaw.INCOMPLETE)
        )
        assert vital.quality is not Quality.GOOD or plausible(
            vital.name, vital.value if vital.value is not None else Decimal(0)
        )
