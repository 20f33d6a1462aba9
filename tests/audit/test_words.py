from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from domain.values import Acuity, Age, Consciousness, Quality, Reference, Vital
from domain.values import VitalName as Name
from gateway.audit import words

WHERE = Reference(type="Observation", id="o1", version=2)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 ms"),
        (0.0654, "65 ms"),
        (8.44, "8.4 seconds"),
        (61, "1 minute 1 second"),
        (7322, "2 hours 2 minutes"),
        (86400, "1 day"),
        (200000, "2 days 7 hours"),
        (-2, "minus 2.0 seconds (the clock was set back)"),
    ],
)
def test_a_duration_is_said_in_the_units_that_matter(seconds, said):
    assert words.span(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        (3, 3, "3 days"),
        (20, 50, "20 to 50 days"),
        (16802, 16802, "46 years"),
        (16437, 17166, "45 to 46 years"),
    ],
)
def test_an_age_is_said_in_years_and_a_small_childs_in_days(least, most, said):
    assert words.age(Age(least=least, most=most)) == said


def test_what_is_not_known_is_said_so():
    assert words.age(None) == words.UNKNOWN
    assert words.level(None) == words.UNKNOWN
    assert words.instant(None) == "time erased"
    assert words.reference(None) == "none"
    assert words.vital(Vital(name=Name.PAIN, source=WHERE)) == words.UNKNOWN


def test_what_is_known_is_said_in_full():
    at = datetime(2026, 11, 22, 14, 5, 0, 9999, tzinfo=UTC)
    assert words.instant(at) == "2026-11-22 14:05:00.009 UTC"
    assert words.level(Acuity.LESS_URGENT) == "4 of 5 (less-urgent)"
    assert words.reference(WHERE) == "Observation/o1, version 2"
    odd = Vital(
        name=Name.HEART_RATE,
        source=WHERE,
        value=Decimal(720),
        quality=Quality.IMPLAUSIBLE,
    )
    assert words.vital(odd) == "720 (implausible)"
    awake = Vital(
        name=Name.CONSCIOUSNESS, source=WHERE, consciousness=Consciousness.ALERT
    )
    assert words.vital(awake) == "alert"
