"""How far a pregnancy is, and when it ended."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from domain.values import Pregnancy
from fhir_profiles.gestation import birth, gestation
from fhir_profiles.pregnancy import pregnancy

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"


def day(ago):
    return (NOW - timedelta(days=ago)).isoformat()


def told(code, ago=0, **value):
    when = {} if ago is None else {"effectiveDateTime": day(ago)}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        **when,
        **value,
    }


def weeks(value, ago=0):
    return told("11884-4", ago, valueQuantity={"value": Decimal(value), "code": "wk"})


def due(ahead, ago=0):
    return told("11778-8", ago, valueDateTime=day(-ahead))


def delivery(ago, **more):
    return {
        "resourceType": "Procedure",
        "status": "completed",
        "code": {"coding": [{"system": SNOMED, "code": "11466000"}]},
        "performedDateTime": day(ago),
        **more,
    }


def delivered(ago):
    system = "http://hl7.org/fhir/sid/icd-10-cm"
    return {
        "resourceType": "Condition",
        "code": {"coding": [{"system": system, "code": "O80"}]},
        "onsetDateTime": day(ago),
    }


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ([], None),
        ([weeks("20")], 140),
        ([weeks("20", ago=14)], 154),
        ([weeks("20", ago=14), weeks("21")], 147),
        ([told("18185-9", valueString="20 weeks 3 days")], 143),
        ([told("11885-1", valueString="20+3")], 143),
        ([told("11884-4", valueString="20w")], 140),
        ([told("11884-4", valueString="far")], None),
        ([told("11884-4", valueString="60w")], None),
        ([due(70)], 210),
        ([due(70, ago=7)], 210),
        ([due(70, ago=None)], 210),
        ([due(500)], None),
        ([told("11778-8", valueString="unknown")], None),
        ([told("8665-2", valueDateTime=day(100))], 100),
        ([told("8665-2", valueDateTime=day(100)), weeks("20")], 140),
        ([told("8665-2", valueDateTime=day(400))], None),
        ([weeks("20") | {"status": "entered-in-error"}], None),
    ],
)
def test_the_days_of_a_pregnancy_at_the_time_of_the_case(record, expected):
    assert gestation(record, NOW) == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ([due(70)], Pregnancy.PREGNANT),
        ([due(-5, ago=20)], Pregnancy.PREGNANT),
        ([due(-30, ago=60)], Pregnancy.POSTPARTUM),
        ([due(-400, ago=None)], Pregnancy.UNKNOWN),
        ([told("8665-2", valueDateTime=day(100))], Pregnancy.UNKNOWN),
        ([told("93857-1", valueDateTime=day(3))], Pregnancy.POSTPARTUM),
        ([told("93857-1", valueDateTime=day(60))], Pregnancy.UNKNOWN),
        ([delivery(10)], Pregnancy.POSTPARTUM),
        ([delivery(10, status="not-done")], Pregnancy.UNKNOWN),
        ([delivery(10, code={"text": "x"})], Pregnancy.UNKNOWN),
        ([delivery(10), weeks("38", ago=12)], Pregnancy.POSTPARTUM),
        ([delivery(60), weeks("38", ago=62)], Pregnancy.UNKNOWN),
        ([delivery(100), weeks("8", ago=2)], Pregnancy.PREGNANT),
        ([delivered(4)], Pregnancy.POSTPARTUM),
        ([delivery(-5), weeks("38")], Pregnancy.PREGNANT),
    ],
)
def test_a_birth_ends_the_pregnancy_that_was_stated_before_it(record, expected):
    assert pregnancy(record, NOW) is expected


def test_the_latest_birth_counts():
    found = birth([delivery(400), delivery(10)], NOW)

    assert found.start == NOW - timedelta(days=10)
