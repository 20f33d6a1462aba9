from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from domain.kinship import (
    UNRELATED,
    PatientsLinked,
    PatientsUnlinked,
    evolve,
    others,
    state_links,
)
from domain.values import Reference

OLD, NEW, THIRD = (Reference(type="Patient", id=each) for each in ("old", "new", "x"))


def told(*events):
    return reduce(evolve, events, UNRELATED)


def test_a_link_is_known_from_both_sides():
    links = told(PatientsLinked(patient=OLD, other=NEW))

    assert others(OLD, links) == [NEW]
    assert others(NEW, links) == [OLD]


def test_a_link_that_is_stated_again_says_nothing_new():
    links = told(PatientsLinked(patient=OLD, other=NEW))

    assert state_links(OLD, [NEW], links) == []


def test_a_link_that_is_stated_no_more_is_gone():
    links = told(PatientsLinked(patient=OLD, other=NEW))

    assert state_links(OLD, [THIRD], links) == [
        PatientsLinked(patient=OLD, other=THIRD),
        PatientsUnlinked(patient=OLD, other=NEW),
    ]


def test_what_the_other_record_says_still_holds():
    both = told(
        PatientsLinked(patient=OLD, other=NEW), PatientsLinked(patient=NEW, other=OLD)
    )

    left = evolve(both, *state_links(OLD, [], both))

    assert others(OLD, left) == [NEW]


def test_nobody_is_linked_with_herself():
    assert state_links(OLD, [OLD], UNRELATED) == []


PATIENTS = st.sampled_from([OLD, NEW, THIRD])


@given(st.lists(st.tuples(PATIENTS, st.frozensets(PATIENTS))))
def test_after_any_history_the_last_statement_of_each_record_holds(statements):
    links, last = UNRELATED, {}
    for patient, stated in statements:
        links = reduce(evolve, state_links(patient, stated, links), links)
        last[patient] = stated - {patient}

    expected = {(says, each) for says, stated in last.items() for each in stated}
    assert {link for about in links.values() for link in about} == expected
    for patient in last:
        related = {each for link in expected if patient in link for each in link}
        assert set(others(patient, links)) == related - {patient}
