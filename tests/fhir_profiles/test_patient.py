from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from domain.values import Age, Sex
from fhir_profiles.patient import age, is_deceased, sex, stated_age

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("birth_date", "expected"),
    [
        ("2026-11-22", Age(least=0, most=0)),
        ("2026-10-25", Age(least=28, most=28)),
        ("2026-10", Age(least=22, most=52)),
        ("2026", Age(least=0, most=325)),
        ("2024-02", Age(least=997, most=1025)),
        ("2026-11", Age(least=0, most=21)),
        ("2026-11-23", Age(least=0, most=0)),
        ("2026-11-24", None),
        ("1880", None),
        ("2026-13", None),
        ("soon", None),
    ],
)
def test_an_age_is_an_interval_of_whole_days(birth_date, expected):
    assert age({"birthDate": birth_date}, NOON) == expected


def test_the_age_follows_the_utc_calendar():
    tokyo = timezone(timedelta(hours=9))

    assert age(
        {"birthDate": "2026-11-21"}, datetime(2026, 11, 23, 8, tzinfo=tokyo)
    ) == (Age(least=1, most=1))


def test_a_patient_without_a_birth_date_has_no_age_even_if_deceased():
    assert age({"deceasedBoolean": True}, NOON) is None


@pytest.mark.parametrize(
    ("gender", "expected"),
    [
        ("female", Sex.FEMALE),
        ("other", Sex.OTHER),
        ("banana", Sex.UNKNOWN),
        (None, Sex.UNKNOWN),
    ],
)
def test_sex_is_what_was_stated_or_unknown(gender, expected):
    assert sex({"gender": gender}) is expected


def stated(value, unit, **more):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "30525-0"}]},
        "effectiveDateTime": "2026-11-22T12:00:00Z",
        "valueQuantity": {"value": Decimal(value), "code": unit},
        **more,
    }


@pytest.mark.parametrize(
    ("observation", "expected"),
    [
        (stated("40", "a"), Age(least=14600, most=15007)),
        (stated("7", "wk"), Age(least=49, most=57)),
        (stated("5", "d"), Age(least=5, most=7)),
        (stated("2", "mo"), Age(least=60, most=92)),
        (
            stated("5", "d", effectiveDateTime="2026-11-12T12:00:00Z"),
            Age(least=15, most=17),
        ),
        (stated("5", "kg"), None),
        (stated("-5", "d"), None),
        (stated("400", "a"), None),
        (stated("5", "d", status="entered-in-error"), None),
        (stated("5", "d", code={"text": "age"}), None),
        (
            stated(
                "5", "d", valueQuantity={"value": 5, "code": "d", "comparator": "<"}
            ),
            None,
        ),
        ({}, None),
    ],
)
def test_an_age_that_an_observation_states_is_an_interval_and_grows(
    observation, expected
):
    assert stated_age(observation, NOON) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"deceasedBoolean": True}, True),
        ({"deceasedDateTime": "2026-11-20"}, True),
        ({"deceasedBoolean": False}, False),
        ({}, False),
    ],
)
def test_whether_the_record_calls_the_patient_dead(sent, expected):
    assert is_deceased(sent) is expected
