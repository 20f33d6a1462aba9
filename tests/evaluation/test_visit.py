"""A Bundle becomes the case that the service would judge."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from domain.floor.compose import assess
from domain.values import Age, Quality, VitalName
from gateway.demo.bundles import bundles
from gateway.demo.resources import QUESTION
from gateway.evaluation.cases import CasesError, Input
from gateway.evaluation.visit import case_of
from tests.evaluation.given import AT, GRAVE, bundle
from tests.gateway_inside import gateway_inside
from tests.worklist import assessed
from tests.worklist import case_of as case_id_of
from tests.worklist import floor as floor_of

DAY = timedelta(hours=24)
QUESTIONS = frozenset({f"linkId:{QUESTION}"})
PATIENT = {"reference": "urn:uuid:00000000-0000-4000-8000-000000000001"}


def case(body, **more):
    source = Input(bundle=body, **{"at": AT, **more})
    return case_of(source, window=DAY, questions=frozenset())


async def test_every_demonstration_case_is_judged_as_the_service_judges_it(tmp_path):
    now = datetime.now(UTC)
    cases = [each for each in bundles(now) if each.opens_case]
    served = {}

    async with gateway_inside(
        tmp_path, dev=True, complaint_questions=tuple(QUESTIONS)
    ) as caller:
        for each in cases:
            answer = await caller.push(each.bundle)
            whom = answer.locations[0].partition("/_history")[0]
            (task,) = await assessed(caller, whom)
            impression = await caller.read(f"ClinicalImpression/{case_id_of(task)}")
            served[each.key] = floor_of(task), json.dumps(impression["finding"])

    assert len(served) > 10
    for each in cases:
        body = json.dumps(each.bundle).encode()
        source = Input(bundle=body, at=now)
        floor = assess(case_of(source, window=DAY, questions=QUESTIONS))
        level, findings = served[each.key]
        assert int(floor.acuity) == level, each.key
        assert all(fired.sentence in findings for fired in floor.fired), each.key


def test_values_come_with_the_units_that_were_sent():
    found = case(bundle("fever", ("8310-5", "101.3", "[degF]")))

    (vital,) = found.vitals
    assert vital.name is VitalName.TEMPERATURE
    assert vital.value == pytest.approx(38.5)
    assert vital.effective == AT


@pytest.mark.parametrize("said", ["unable", "NaN"])
def test_a_value_that_is_no_number_stays_unreadable(said):
    found = case(bundle("pain", ("72514-3", said, "{score}")))

    assert [vital.quality for vital in found.vitals] == [Quality.UNREADABLE]


def test_an_age_that_a_data_set_promises_counts_only_where_no_birth_date_is():
    born = case(bundle(born="2020-03-01"), youngest_years=18)
    unborn = case(bundle(born=""), youngest_years=18)

    assert born.age.most < 7 * 366
    assert unborn.age == Age(least=6574, most=130 * 366)
    assert case(bundle(born="")).age is None


def test_the_time_of_triage_is_the_newest_that_the_bundle_tells():
    assert case(bundle("fever", GRAVE), at=None).at == AT


def without_times(body):
    content = json.loads(body)
    for entry in content["entry"]:
        entry["resource"].pop("period", None)
        entry["resource"].pop("effectiveDateTime", None)
    return json.dumps(content).encode()


def test_a_bundle_without_any_time_asks_for_one():
    with pytest.raises(CasesError, match="says when triage was"):
        case(without_times(bundle()), at=None)


def condition(text, recorded):
    return {
        "resourceType": "Condition",
        "clinicalStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                    "code": "active",
                }
            ]
        },
        "code": {"text": text},
        "subject": PATIENT,
        "recordedDate": recorded,
    }


def test_a_diagnosis_that_was_made_after_triage_is_not_seen():
    before = condition("asthma", "2020-01-01")
    after = condition("pulmonary embolism", "2026-03-03")

    found = case(bundle("dyspnoea", more=[before, after]))

    assert [each.text for each in found.conditions] == ["asthma"]


def medication(reference):
    return {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationReference": {"reference": reference},
        "subject": PATIENT,
    }


def test_a_medicine_is_read_from_the_medication_that_it_refers_to():
    known = {"resourceType": "Medication", "id": "m", "code": {"text": "warfarin"}}

    found = case(
        bundle(more=[known, medication("Medication/m"), medication("Medication/x")])
    )

    assert [each.text for each in found.medications] == ["warfarin"]


def collection(*resources):
    content = {"resourceType": "Bundle", "type": "collection"}
    content["entry"] = [{"resource": each} for each in resources]
    return json.dumps(content).encode()


def test_a_case_of_the_domain_needs_no_reading():
    known = case(bundle("fever", GRAVE))

    again = case_of(Input(case=known), window=DAY, questions=frozenset())

    assert again is known


def test_a_read_among_the_entries_is_nothing():
    content = json.loads(bundle("fever", GRAVE))
    content["entry"].append({"request": {"method": "GET", "url": "Patient?name=x"}})

    assert len(case(json.dumps(content).encode()).vitals) == 1


def test_a_collection_is_read_too():
    patient = {"resourceType": "Patient", "id": "p", "gender": "male"}
    said = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8661-1"}]},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": AT.isoformat(),
        "valueString": "cough",
    }

    found = case(collection(patient, said))

    assert [each.text for each in found.complaints] == ["cough"]


def test_resources_of_nobody_are_refused_not_passed_over():
    content = json.loads(bundle("fever", GRAVE))
    content["entry"][-1]["resource"]["subject"] = {"reference": "Patient/other"}

    with pytest.raises(CasesError, match="does not refer to the Patient"):
        case(json.dumps(content).encode())


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"{", "would refuse it"),
        (b'{"resourceType": "Patient"}', "no Bundle"),
        (b'{"resourceType": "Bundle", "type": "collection"}', "0 Patients"),
        (
            collection(
                {"resourceType": "Patient", "id": "p", "gender": "male"},
                {"resourceType": "Patient", "id": "q", "gender": "male"},
            ),
            "2 Patients",
        ),
        (
            collection({"resourceType": "Patient", "gender": "whatever"}),
            "would refuse it",
        ),
        (
            b'{"resourceType": "Bundle", "type": "transaction", "entry": [{}, {}]}',
            r"would refuse it.*\(\d+ more\)",
        ),
    ],
)
def test_what_the_gateway_would_refuse_is_refused(body, sentence):
    with pytest.raises(CasesError, match=sentence):
        case(body)
