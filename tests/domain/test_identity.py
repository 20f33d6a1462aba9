import pytest

from domain.errors import AmbiguousIdentityError
from domain.events import IdentityClaimed, IdentityReleased
from domain.identity import NOBODY, claim, evolve, only_bearer, release
from domain.values import Reference

EVE = Reference(type="Patient", id="eve")
ADAM = Reference(type="Patient", id="adam")


def test_a_first_bearer_claims_the_identifier():
    assert claim(EVE, NOBODY) == [IdentityClaimed(reference=EVE)]


def test_a_bearer_does_not_claim_twice():
    assert claim(EVE, (EVE,)) == []


def test_a_bearer_gives_the_identifier_up():
    assert release(EVE, (EVE, ADAM)) == [IdentityReleased(reference=EVE)]
    assert evolve((EVE, ADAM), IdentityReleased(reference=EVE)) == (ADAM,)


def test_who_does_not_bear_it_has_nothing_to_give_up():
    assert release(ADAM, (EVE,)) == []


def test_the_bearers_are_remembered():
    assert evolve((EVE,), IdentityClaimed(reference=ADAM)) == (EVE, ADAM)


@pytest.mark.parametrize(("bearers", "expected"), [(NOBODY, None), ((EVE,), EVE)])
def test_a_condition_names_one_or_nobody(bearers, expected):
    assert only_bearer(bearers) == expected


def test_a_condition_that_names_two_is_refused():
    with pytest.raises(AmbiguousIdentityError, match="more specific"):
        only_bearer((EVE, ADAM))
