from copy import deepcopy
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_profiles.search_parameters import parameters
from gateway.projections.digests import Digests
from gateway.projections.filing import START, folded
from gateway.projections.indexing import index
from gateway.projections.parameters import numbers
from gateway.projections.ranges import of_date
from tests.patients import encounter, patient, statement, vital

DIGESTS = Digests(b"k" * 32)
WORD, CODED = DIGESTS.word, DIGESTS.coded
LOINC = "http://loinc.org"


def filed(resource, name):
    """What a resource is filed under for one parameter."""
    wanted = numbers(resource["resourceType"], name)
    return {
        digest for number, digest in index(resource, DIGESTS)[0] if number in wanted
    }


def moments(resource, name):
    wanted = numbers(resource["resourceType"], name)
    return {
        (low, high)
        for number, low, high in index(resource, DIGESTS)[1]
        if number in wanted
    }


def text(value):
    return DIGESTS.text(folded(value)[:START], value)


def test_a_coding_is_filed_by_its_code_and_by_its_system_and_code():
    found = filed(vital("Patient/1"), "code")

    assert found == {WORD("8867-4"), CODED(LOINC, "8867-4")}
    assert CODED(LOINC, "8867-4").startswith(DIGESTS.system(LOINC))


def test_an_identifier_is_filed_by_its_value_and_by_its_system_and_value():
    assert filed(patient("7"), "identifier") == {
        WORD("7"),
        CODED("urn:example:mrn", "7"),
    }


def test_an_identifier_without_system_is_told_from_one_of_any_system():
    bare = {**patient(), "identifier": [{"value": "7"}]}

    assert filed(bare, "identifier") == {WORD("7"), CODED("", "7")}


def test_a_code_element_is_filed_once():
    assert filed(vital("Patient/1"), "status") == {WORD("final")}


def test_a_reference_is_filed_by_its_address_and_by_its_version():
    versioned = vital("Patient/1/_history/3")

    assert filed(versioned, "patient") == {
        WORD("Patient/1"),
        WORD("Patient/1/_history/3"),
    }


def test_patient_and_subject_are_filed_once():
    assert numbers("Observation", "patient") == numbers("Observation", "subject")


def test_a_logical_reference_is_filed_by_its_identifier():
    logical = {**vital("x"), "subject": {"identifier": {"system": "s", "value": "7"}}}

    assert filed(logical, "patient") == {WORD("identifier s|7"), WORD("identifier 7")}


def test_a_contained_resource_is_nowhere_to_be_referred_to():
    assert filed(vital("#inside"), "subject") == set()


def test_a_text_alone_is_no_token():
    assert filed(statement("Patient/1", "aspirin"), "code") == set()


def test_names_are_filed_by_part():
    named = {**patient(), "name": [{"family": "Hansen", "given": ["Eve", "Ada"]}]}

    assert filed(named, "family") == {text("Hansen")}
    assert filed(named, "given") == {text("Eve"), text("Ada")}
    assert filed(named, "name") == {text("Hansen"), text("Eve"), text("Ada")}


@pytest.mark.parametrize("start", ["h", "Ha", "HANS", "hänsen", "  hansen"])
def test_a_name_begins_as_its_beginnings_do(start):
    assert text("Hansen").startswith(DIGESTS.trail(folded(start)))


def test_a_period_is_filed_from_its_start_to_its_end():
    visit = encounter("Patient/1", period={"start": "2026-01-01", "end": "2026-01-02"})

    ((low, high),) = moments(visit, "date")

    assert high - low == 2 * 86_400_000_000 - 1


def test_a_timing_is_filed_by_its_events_and_its_bounds():
    timed = {
        **vital("Patient/1"),
        "effectiveTiming": {
            "event": ["2026-01-01", "2026-01-03"],
            "repeat": {"boundsPeriod": {"start": "2026-01-01", "end": "2026-02-01"}},
        },
    }
    del timed["effectiveDateTime"]

    assert len(moments(timed, "date")) == 3


def test_the_dates_of_a_person_are_not_stored_in_clear():
    person = {
        **patient(),
        "birthDate": "1980-03-04",
        "deceasedDateTime": "2020-01-02T03:04:05Z",
    }

    assert index(person, DIGESTS)[1] == set()
    assert filed(person, "birthdate") == {DIGESTS.trail(of_date("1980-03-04"))}
    assert filed(person, "death-date") == {DIGESTS.trail(of_date("2020-01-02"))}
    assert filed(person, "deceased") == {WORD("true")}


def test_a_quantity_is_filed_by_its_number_and_its_unit():
    (found,) = filed(vital("Patient/1", "8867-4", 70), "value-quantity")

    assert found.startswith(DIGESTS.number(Decimal(70)))
    assert found.endswith((DIGESTS.tag("beats/minute"), DIGESTS.tag("/min")))


def test_only_repetitions_that_meet_a_condition_count():
    reached = {
        **patient(),
        "telecom": [
            {"system": "phone", "value": "1"},
            {"system": "email", "value": "a@b"},
            {"system": "phone"},
        ],
    }

    assert filed(reached, "phone") == {WORD("1")}
    assert filed(reached, "email") == {WORD("a@b")}
    assert filed(reached, "telecom") == {WORD("1"), WORD("a@b")}


def test_a_priority_is_sorted_by_urgency():
    task = {"resourceType": "Task", "priority": "stat"}

    assert moments(task, "priority") == {(1, 1)}
    assert moments({**task, "priority": "other"}, "priority") == set()


def test_every_type_is_filed_by_the_parameters_of_r4():
    flag = {
        "resourceType": "Flag",
        "identifier": [{"system": "s", "value": "1"}],
        "subject": {"reference": "Patient/1"},
    }

    assert filed(flag, "patient") == {WORD("Patient/1")}
    assert filed(flag, "identifier") == {WORD("1"), CODED("s", "1")}


PARTS = (
    *("reference", "identifier", "value", "system", "code", "coding", "event"),
    *("repeat", "boundsPeriod", "start", "end", "family", "line", "unit"),
)
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.decimals()
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(PARTS),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
NAMES = ("subject", "effectiveTiming", "effectivePeriod", "effectiveDateTime", "status")


@given(
    st.dictionaries(
        st.sampled_from((*NAMES, "valueQuantity", "code", "component", "meta")),
        ANYTHING,
    )
)
def test_a_resource_of_any_shape_can_be_filed(content):
    given = {**content, "resourceType": "Observation"}

    assert index(given, DIGESTS) == index(deepcopy(given), DIGESTS)


@given(
    st.dictionaries(
        st.sampled_from(
            ("name", "address", "telecom", "birthDate", "priority", "link")
        ),
        ANYTHING,
    ),
    st.sampled_from(("Patient", "Task")),
)
def test_a_person_or_task_of_any_shape_can_be_filed(content, kind):
    given = {**content, "resourceType": kind}

    assert index(given, DIGESTS) == index(deepcopy(given), DIGESTS)


def test_equal_secrets_give_equal_digests_and_others_do_not():
    same, other = Digests(b"k" * 32), Digests(b"x" * 32)

    for name, values in (("word", ("a",)), ("coded", ("s", "c")), ("text", ("a", "A"))):
        assert getattr(DIGESTS, name)(*values) == getattr(same, name)(*values)
        assert getattr(DIGESTS, name)(*values) != getattr(other, name)(*values)


def test_no_two_parameters_share_a_number():
    found = [
        each.number
        for kind in ("Patient", "Task")
        for each in parameters(kind).values()
    ]

    assert len(set(found)) == len(found)
