"""From resources to the case: its clock, its sources, and what changes nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.particulars import Flaw, Onset
from domain.values import Age, Pregnancy, Quality, Reference, VitalName
from gateway.translate.case import canonical_case

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
SNOMED = "http://snomed.info/sct"
PATIENT = Reference(type="Patient", id="p", version=3)
VISIT = Reference(type="Encounter", id="v")


def ref(kind, name, version=1):
    return Reference(type=kind, id=name, version=version)


def coded(code, system=LOINC):
    return {"coding": [{"system": system, "code": code}]}


def ago(**more):
    return (AT - timedelta(**more)).isoformat()


def sign(name, code, value, unit, *, when=None, **more):
    content = {
        "resourceType": "Observation",
        "status": "final",
        "code": coded(code),
        "effectiveDateTime": when or ago(minutes=5),
        "valueQuantity": {"value": Decimal(value), "system": UCUM, "code": unit},
        **more,
    }
    return ref("Observation", name), content


def visit(**more):
    content = {"resourceType": "Encounter", "status": "in-progress", **more}
    return ref("Encounter", "v", 2), content


def case(*resources, patient=None, at=AT, **more):
    of = PATIENT if patient is None else (PATIENT, patient)
    window = timedelta(hours=24)
    return canonical_case(of, resources, encounter=VISIT, at=at, window=window, **more)


def test_the_clock_of_a_case_is_the_newest_instant_of_its_data():
    pulse = sign("a", "8867-4", "80", "/min", when=ago(hours=3))
    breath = sign("b", "9279-1", "16", "/min", when=ago(hours=2))

    found = case(pulse, breath)

    assert found.now == found.clock == AT - timedelta(hours=2)


def test_the_wall_clock_changes_nothing_but_when_the_data_were_gathered():
    known = [
        sign("a", "8867-4", "80", "/min", when=ago(hours=3)),
        visit(reasonCode=[{"text": "cough"}], period={"start": ago(hours=4)}),
    ]
    patient = {"resourceType": "Patient", "birthDate": "1960-11-23"}

    soon, later = (
        case(*known, patient=patient, at=AT + timedelta(hours=hours))
        for hours in (0, 14)
    )

    assert replace(later, at=soon.at) == soon


@pytest.mark.parametrize(
    "resource",
    [
        sign("a", "8867-4", "80", "/min", when="2026-11-22"),
        sign("a", "8867-4", "80", "/min", when=(AT + timedelta(minutes=9)).isoformat()),
    ],
)
def test_a_day_and_the_future_are_no_clock(resource):
    found = case(resource)

    assert found.clock is None
    assert found.now == AT


def test_beside_an_instant_the_beginning_of_a_later_day_counts():
    came = visit(period={"start": ago(days=3)})

    found = case(came, sign("a", "8867-4", "80", "/min", when="2026-11-22"))

    assert found.clock == datetime(2026, 11, 22, tzinfo=UTC)
    assert found.vitals[0].effective == found.clock


def test_earlier_values_stay_with_their_times_as_the_trend():
    pulses = [
        sign(name, "8867-4", value, "/min", when=ago(hours=hours))
        for name, value, hours in (("a", "80", 3), ("b", "120", 1), ("c", "100", 2))
    ]

    found = case(*pulses)

    assert [each.value for each in found.vitals] == [120, 100, 80]
    assert [str(each.source) for each in found.vitals] == [
        f"Observation/{name}/_history/1" for name in "bca"
    ]


def test_a_value_of_unknown_time_comes_first_since_it_may_be_the_newest():
    source, content = sign("z", "8867-4", "90", "/min")
    timeless = {n: v for n, v in content.items() if n != "effectiveDateTime"}

    found = case(sign("a", "8867-4", "80", "/min"), (source, timeless))

    assert [each.value for each in found.vitals] == [90, 80]


def test_the_newest_version_of_a_resource_counts_alone():
    old = sign("a", "8867-4", "40", "/min")
    new = (ref("Observation", "a", 2), sign("a", "8867-4", "140", "/min")[1])

    (vital,) = case(new, old).vitals

    assert (vital.value, vital.source.version) == (140, 2)


SIGNS = [
    sign("a", "8867-4", "80", "/min"),
    sign("b", "8480-6", "118", "mm[Hg]", when=ago(hours=1)),
    sign("c", "8310-5", "38.5", "Cel", when="2026-11-22"),
    visit(reasonCode=[{"text": "cough"}, {"text": "fever"}]),
    (
        ref("Observation", "d"),
        {
            "resourceType": "Observation",
            "status": "final",
            "code": coded("85354-9"),
            "effectiveDateTime": ago(minutes=1),
            "component": [
                sign("", "8480-6", "118", "mm[Hg]")[1],
                sign("", "8462-4", "70", "mm[Hg]")[1],
            ],
        },
    ),
]


@settings(max_examples=40, deadline=None)
@given(order=st.permutations(SIGNS * 2), turned=st.booleans())
def test_order_and_duplicates_change_nothing(order, turned):
    panel = dict(SIGNS[4][1])
    if turned:
        panel["component"] = panel["component"][::-1]
    sent = [(each[0], panel) if each[0].id == "d" else each for each in order]

    assert case(*sent) == case(*SIGNS)


@pytest.mark.parametrize(
    ("code", "one", "other"),
    [
        ("8310-5", ("38.5", "Cel"), ("101.3", "[degF]")),
        ("8867-4", ("90", "/min"), ("1.5", "Hz")),
        ("2708-6", ("94", "%"), ("0.94", "1")),
        ("29463-7", ("70", "kg"), ("70000", "g")),
        ("15074-8", ("5", "mmol/L"), ("90.078", "mg/dL")),
        ("8480-6", ("120", "mm[Hg]"), ("12", "cm[Hg]")),
    ],
)
def test_the_unit_changes_nothing(code, one, other):
    assert case(sign("a", code, *one)) == case(sign("a", code, *other))


def part(name, code, value, **more):
    content = {
        "resourceType": "Observation",
        "status": "final",
        "code": coded(code),
        "effectiveDateTime": ago(minutes=5),
        "valueInteger": value,
        **more,
    }
    return ref("Observation", name), content


def test_parts_of_the_coma_scale_sent_apart_are_added_up_and_all_are_sources():
    found = case(part("e", "9267-6", 3), part("v", "9270-0", 4), part("m", "9268-4", 6))

    (vital,) = found.vitals
    assert (vital.name, vital.value) == (VitalName.GLASGOW_COMA_SCALE, 13)
    assert {vital.source, *vital.also} <= set(found.inputs)
    assert len(vital.also) == 2


def test_parts_of_another_moment_are_another_scale():
    found = case(
        part("e", "9267-6", 4),
        part("v", "9270-0", 5),
        part("m", "9268-4", 5, effectiveDateTime=ago(hours=1)),
        part("x", "9268-4", 1, status="entered-in-error"),
    )

    assert [(each.value, each.quality, each.flaw) for each in found.vitals] == [
        (None, Quality.UNREADABLE, Flaw.INCOMPLETE),
        (14, Quality.GOOD, Flaw.INCOMPLETE),
    ]


def test_where_the_sum_was_sent_its_parts_are_not_added_up_again():
    total = sign("t", "9269-2", "13", "{score}")

    found = case(total, part("e", "9267-6", 3))

    assert [each.value for each in found.vitals] == [13]


CONDITION = (
    ref("Condition", "c", 4),
    {
        "resourceType": "Condition",
        "code": {"text": "stroke"},
        "onsetDateTime": ago(hours=2),
        "recordedDate": "2019-01-01",
    },
)


def test_a_reason_that_is_referred_to_is_read_where_it_is():
    named = [{"reference": "Condition/c/_history/2", "display": "see there"}]

    found = case(visit(reasonReference=named), CONDITION)

    (complaint,) = found.complaints
    assert (complaint.text, complaint.source) == ("stroke", CONDITION[0])
    assert complaint.onset.earliest == AT - timedelta(hours=2)


def test_a_reason_that_is_not_to_be_had_is_told_by_its_display():
    named = [{"reference": "Condition/x", "display": "stroke"}, {"reference": "a/b"}]

    found = case(visit(reasonReference=named))

    assert [(c.text, c.source.type) for c in found.complaints] == [
        ("stroke", "Encounter")
    ]


def test_an_onset_that_was_told_apart_holds_for_complaints_that_tell_none():
    told = (
        ref("Observation", "o"),
        {
            "resourceType": "Observation",
            "status": "final",
            "code": coded("11368-8"),
            "valueDateTime": ago(hours=3),
        },
    )

    found = case(visit(reasonCode=[{"text": "weak arm"}]), told)

    then = AT - timedelta(hours=3)
    assert found.complaints[0].onset == Onset(earliest=then, latest=then)
    assert told[0] in found.inputs


def test_a_stored_questionnaire_tells_which_answer_is_the_complaint():
    form = {
        "resourceType": "Questionnaire",
        "url": "urn:form",
        "item": [{"linkId": "q", "code": [{"system": LOINC, "code": "8661-1"}]}],
    }
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "authored": ago(hours=1),
        "questionnaire": "urn:form",
        "item": [{"linkId": "q", "answer": [{"valueString": "chest pain"}]}],
    }

    found = case(
        (ref("QuestionnaireResponse", "r"), response),
        (ref("Questionnaire", "f", 7), form),
    )

    assert [each.text for each in found.complaints] == ["chest pain"]
    assert ref("Questionnaire", "f", 7) in found.inputs


def test_the_medication_behind_a_reference_is_an_input_in_its_version():
    statement = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationReference": {"reference": "Medication/m"},
    }
    medicine = {"resourceType": "Medication", "code": {"text": "apixaban"}}

    found = case(
        (ref("MedicationStatement", "s"), statement),
        (ref("Medication", "m", 5), medicine),
    )

    assert [each.text for each in found.medications] == ["apixaban"]
    assert ref("Medication", "m", 5) in found.inputs


def test_what_is_over_is_history_and_no_condition():
    over = {
        "resourceType": "Condition",
        "code": {"text": "pulmonary embolism"},
        "clinicalStatus": {"coding": [{"code": "resolved"}]},
    }
    done = {
        "resourceType": "Procedure",
        "status": "completed",
        "code": {"text": "splenectomy"},
    }

    found = case((ref("Condition", "c"), over), (ref("Procedure", "s"), done))

    assert found.conditions == ()
    assert [each.text for each in found.history] == [
        "pulmonary embolism",
        "splenectomy",
    ]


def test_a_pregnancy_is_known_by_its_days_and_by_what_states_them():
    week = sign("g", "11884-4", "30", "wk", when=ago(days=7))

    found = case(week)

    assert (found.pregnancy, found.gestation) == (Pregnancy.PREGNANT, 217)
    assert week[0] in found.inputs


def test_the_days_since_a_birth_are_known():
    birth = {
        "resourceType": "Procedure",
        "status": "completed",
        "code": coded("11466000", SNOMED),
        "performedDateTime": ago(days=10),
    }

    found = case((ref("Procedure", "b"), birth))

    assert (found.pregnancy, found.postpartum) == (Pregnancy.POSTPARTUM, 10)


def test_a_last_period_dates_a_pregnancy_and_states_none():
    period = (
        ref("Observation", "l"),
        {
            "resourceType": "Observation",
            "status": "final",
            "code": coded("8665-2"),
            "valueDateTime": ago(days=20),
        },
    )
    test = (
        ref("Observation", "t"),
        {
            "resourceType": "Observation",
            "status": "final",
            "code": coded("82810-3"),
            "effectiveDateTime": ago(hours=1),
            "valueCodeableConcept": coded("LA15173-0"),
        },
    )

    assert case(period).gestation is None
    assert case(period, test).gestation == 19


def test_an_age_that_an_observation_states_serves_where_no_birth_date_is():
    stated = sign("g", "30525-0", "3", "d")

    found = case(stated)

    assert found.age == Age(least=3, most=5)
    assert stated[0] in found.inputs
    assert case(stated, patient={"birthDate": "1960-01-01"}).age.least > 20_000


def test_how_the_patient_came_is_in_the_case():
    source = coded("hosp-trans", "http://terminology.hl7.org/CodeSystem/admit-source")
    urgency = coded("EM", "http://terminology.hl7.org/CodeSystem/v3-ActPriority")
    came = visit(hospitalization={"admitSource": source}, priority=urgency)
    well = (
        ref("Observation", "w"),
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "Last known well"},
            "valueDateTime": ago(hours=3),
        },
    )

    found = case(came, well, patient={"deceasedBoolean": True})

    assert (found.transferred, found.priority, found.deceased) == (True, "EM", True)
    assert found.last_known_well.latest == AT - timedelta(hours=3)
    assert {came[0], well[0]} <= set(found.inputs)


def test_a_long_story_reaches_the_rules_whole():
    story = "I feel fine. " * 300 + "My chest hurts."

    found = case(visit(reasonCode=[{"text": story}]))

    assert found.complaints[0].text.endswith("My chest hurts.")


def test_each_value_keeps_the_version_that_it_came_from():
    found = case(sign("a", "8867-4", "80", "/min"), visit(reasonCode=[{"text": "x"}]))

    used = [found.vitals[0].source, found.complaints[0].source]

    assert [str(each) for each in used] == [
        "Observation/a/_history/1",
        "Encounter/v/_history/2",
    ]
    assert set(used) | {PATIENT} == set(found.inputs)


def test_flags_and_missing_vaccines_are_conditions_and_relatives_are_not():
    flag = (
        ref("Flag", "f"),
        {
            "resourceType": "Flag",
            "status": "active",
            "code": {"text": "Sickle cell disease"},
        },
    )
    missed = (
        ref("Immunization", "i"),
        {
            "resourceType": "Immunization",
            "status": "not-done",
            "vaccineCode": {"text": "MMR"},
        },
    )
    mother = (
        ref("FamilyMemberHistory", "m"),
        {
            "resourceType": "FamilyMemberHistory",
            "status": "completed",
            "condition": [{"code": {"text": "Stroke"}}],
        },
    )

    found = case(flag, missed, mother)

    assert [each.source for each in found.conditions] == [flag[0], missed[0]]
    assert {flag[0], missed[0]} <= set(found.inputs)
    assert mother[0] not in found.inputs


def test_the_most_urgent_of_encounter_and_referral_is_the_priority():
    came = visit(
        priority=coded("R", "http://terminology.hl7.org/CodeSystem/v3-ActPriority")
    )
    referral = (
        ref("ServiceRequest", "s"),
        {
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "priority": "stat",
            "authoredOn": ago(hours=1),
            "category": [coded("3457005", SNOMED)],
        },
    )
    old = ref("ServiceRequest", "o"), referral[1] | {"authoredOn": ago(days=3)}

    assert case(came, referral).priority == "stat"
    assert referral[0] in case(came, referral).inputs
    assert case(came, old).priority == "R"


def test_who_she_is_beyond_age_and_sex_is_no_part_of_a_case():
    known = {"resourceType": "Patient", "gender": "female", "birthDate": "1980-01-01"}
    race = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
    told = known | {
        "name": [{"family": "Okafor"}],
        "address": [{"text": "of no fixed abode"}],
        "maritalStatus": {"text": "single"},
        "communication": [{"language": {"text": "Yoruba"}}],
        "extension": [
            {"url": race, "extension": [{"url": "text", "valueString": "x"}]}
        ],
    }
    pulse = sign("a", "8867-4", "80", "/min")

    assert case(pulse, patient=told) == case(pulse, patient=known)
