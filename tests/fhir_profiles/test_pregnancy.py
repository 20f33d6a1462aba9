from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from domain.values import Pregnancy
from fhir_profiles.pregnancy import pregnancy

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def ago(days):
    return (NOW - timedelta(days=days)).isoformat()


def concept(system, code):
    return {"coding": [{"system": system, "code": code}]}


def status(system, code, days, **more):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": concept("http://loinc.org", "82810-3"),
        "effectiveDateTime": ago(days),
        "valueCodeableConcept": concept(system, code),
    } | more


def gestation(value, unit, days):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": concept("http://loinc.org", "11884-4"),
        "effectiveDateTime": ago(days),
        "valueQuantity": {"value": Decimal(value), "code": unit},
    }


def condition(system, code, **more):
    return {"resourceType": "Condition", "code": concept(system, code)} | more


def clinical(code):
    return {"clinicalStatus": {"coding": [{"code": code}]}}


PREGNANT = (SNOMED, "77386006")
NOT_PREGNANT = ("http://loinc.org", "LA26683-5")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ([], Pregnancy.UNKNOWN),
        ([status(*PREGNANT, 30)], Pregnancy.PREGNANT),
        ([status(*PREGNANT, 280)], Pregnancy.PREGNANT),
        ([status(*PREGNANT, 300)], Pregnancy.POSTPARTUM),
        ([status(*PREGNANT, 323)], Pregnancy.UNKNOWN),
        ([status("http://loinc.org", "LA15173-0", 1)], Pregnancy.PREGNANT),
        ([status(*NOT_PREGNANT, 1)], Pregnancy.NOT_PREGNANT),
        ([status(*NOT_PREGNANT, 8)], Pregnancy.UNKNOWN),
        ([status(*NOT_PREGNANT, 1), status(*PREGNANT, 60)], Pregnancy.POSTPARTUM),
        ([status(*NOT_PREGNANT, 60), status(*PREGNANT, 1)], Pregnancy.PREGNANT),
        ([status(*PREGNANT, 1, status="entered-in-error")], Pregnancy.UNKNOWN),
        ([gestation("30", "wk", 35)], Pregnancy.PREGNANT),
        ([gestation("38", "wk", 35)], Pregnancy.POSTPARTUM),
        ([gestation("38", "wk", 120)], Pregnancy.UNKNOWN),
        ([gestation("210", "d", 7)], Pregnancy.PREGNANT),
        ([gestation("30", "furlong", 35)], Pregnancy.PREGNANT),
        ([condition(*PREGNANT)], Pregnancy.PREGNANT),
        ([condition(*PREGNANT, onsetDateTime=ago(100))], Pregnancy.PREGNANT),
        ([condition(*PREGNANT, onsetDateTime=ago(700))], Pregnancy.UNKNOWN),
        ([condition(ICD, "O26.9", recordedDate=ago(10))], Pregnancy.PREGNANT),
        ([condition(ICD, "Z34.00", recordedDate=ago(10))], Pregnancy.PREGNANT),
        ([condition(ICD, "Z39.0", recordedDate=ago(10))], Pregnancy.POSTPARTUM),
        ([condition(ICD, "Z39.0", recordedDate=ago(50))], Pregnancy.UNKNOWN),
        ([condition(ICD, "I10")], Pregnancy.UNKNOWN),
        ([condition(SNOMED, "O26")], Pregnancy.UNKNOWN),
        (
            [condition(*PREGNANT, onsetDateTime=ago(300), abatementDateTime=ago(20))],
            Pregnancy.POSTPARTUM,
        ),
        (
            [condition(*PREGNANT, onsetDateTime=ago(300), abatementDateTime=ago(60))],
            Pregnancy.UNKNOWN,
        ),
        (
            [condition(*PREGNANT, onsetDateTime=ago(200), **clinical("resolved"))],
            Pregnancy.POSTPARTUM,
        ),
        (
            [
                condition(
                    *PREGNANT,
                    verificationStatus={"coding": [{"code": "refuted"}]},
                )
            ],
            Pregnancy.UNKNOWN,
        ),
        ([{"resourceType": "Patient", "gender": "male"}], Pregnancy.UNKNOWN),
    ],
)
def test_what_a_record_says_of_pregnancy(record, expected):
    assert pregnancy(record, NOW) is expected


def test_a_status_in_words_counts_only_as_a_whole():
    said = status("", "", 1) | {"valueCodeableConcept": {"text": "Not pregnant"}}
    doubt = status("", "", 1) | {"valueCodeableConcept": {"text": "pregnant?"}}

    assert pregnancy([said], NOW) is Pregnancy.NOT_PREGNANT
    assert pregnancy([doubt], NOW) is Pregnancy.UNKNOWN
