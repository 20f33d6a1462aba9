from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.values import Age, Sex
from fhir_profiles.patient import age, sex

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
