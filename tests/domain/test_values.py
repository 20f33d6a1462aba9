from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.values import Acuity, Floor, Reference

IDS = st.from_regex(r"[A-Za-z0-9.-]{1,64}", fullmatch=True)


@pytest.mark.parametrize(
    ("acuity", "minutes"), [(1, 0), (2, 10), (3, 30), (4, 60), (5, 120)]
)
def test_the_longest_wait_follows_from_the_acuity(acuity, minutes):
    assert Acuity(acuity).time_limit == timedelta(minutes=minutes)


def test_the_more_urgent_of_two_levels_is_the_lesser():
    assert min(Acuity.NON_URGENT, Acuity.EMERGENT) is Acuity.EMERGENT


@given(IDS, st.integers(0, 10**9))
def test_a_reference_is_read_back_from_its_text(identity, version):
    reference = Reference(type="Patient", id=identity, version=version)

    assert Reference.parse(str(reference)) == reference
    assert str(reference.unversioned()) == f"Patient/{identity}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Patient",
        "Patient/",
        "/1",
        "Patient/1/2",
        "Patient/1/_history/",
        "Patient/1/_history/x",
        "Patient/1/history/2",
        "http://ehr.example/Patient/1",
        "urn:uuid:1",
    ],
)
def test_another_text_is_no_literal_reference(text):
    with pytest.raises(ValueError, match=r"form Type/id|invalid literal"):
        Reference.parse(text)


@pytest.mark.parametrize(("missing", "complete"), [((), True), (("pulse",), False)])
def test_a_floor_is_complete_only_if_nothing_was_missing(missing, complete):
    floor = Floor(acuity=Acuity.URGENT, rules="1", missing=missing)

    assert floor.complete is complete
