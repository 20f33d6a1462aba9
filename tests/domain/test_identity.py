import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.claimed import IdentityClaimed, IdentityReleased
from domain.errors import AmbiguousIdentityError
from domain.identity import NOBODY, Bearers, claim, evolve, only_bearer, release
from domain.values import Reference

EVE = Reference(type="Patient", id="eve")
ADAM = Reference(type="Patient", id="adam")
BOTH = Bearers.of([EVE, ADAM])


def test_a_first_bearer_claims_the_identifier():
    assert claim(EVE, NOBODY) == [IdentityClaimed(reference=EVE)]


def test_a_bearer_does_not_claim_twice():
    assert claim(EVE, Bearers.of([EVE])) == []


def test_a_bearer_gives_the_identifier_up():
    assert release(EVE, BOTH) == [IdentityReleased(reference=EVE)]
    assert evolve(BOTH, IdentityReleased(reference=EVE)) == Bearers.of([ADAM])


def test_who_does_not_bear_it_has_nothing_to_give_up():
    assert release(ADAM, Bearers.of([EVE])) == []
    assert evolve(NOBODY, IdentityReleased(reference=ADAM)) == NOBODY


def test_the_bearers_are_remembered():
    assert set(evolve(Bearers.of([EVE]), IdentityClaimed(reference=ADAM))) == set(BOTH)


def test_a_claim_that_comes_twice_counts_once():
    assert evolve(BOTH, IdentityClaimed(reference=EVE)) == BOTH


@pytest.mark.parametrize(
    ("bearers", "expected"), [(NOBODY, None), (Bearers.of([EVE]), EVE)]
)
def test_a_condition_names_one_or_nobody(bearers, expected):
    assert only_bearer(bearers) == expected


def test_a_condition_that_names_two_is_refused():
    with pytest.raises(AmbiguousIdentityError, match="more specific"):
        only_bearer(BOTH)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 400)), max_size=900))
def test_however_many_come_and_go_exactly_the_bearers_are_known(history):
    bearers, expected = NOBODY, set()
    for comes, number in history:
        one = Reference(type="Patient", id=str(number))
        event = IdentityClaimed if comes else IdentityReleased
        bearers = evolve(bearers, event(reference=one))
        (expected.add if comes else expected.discard)(one)

    assert set(bearers) == expected
    assert bearers.count == len(expected)
    assert all(one in bearers for one in expected)


def test_one_of_thousands_is_added_without_touching_the_others():
    many = [Reference(type="Patient", id=str(number)) for number in range(3000)]
    before = Bearers.of(many)

    after = before.and_(EVE)

    kept = [shelf for shelf in after.shelves if any(shelf is o for o in before.shelves)]
    assert len(kept) == len(after.shelves) - 1
    assert max(map(len, after.shelves)) < 200
