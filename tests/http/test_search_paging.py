import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http import paging
from gateway.projections.asking import SearchError

SECRET = b"s" * 32
PLACES = st.lists(
    st.integers(-(2**62), 2**62) | st.text() | st.booleans() | st.none(), max_size=6
)
PAIRS = st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=3)


@given(PLACES, st.text(max_size=9), PAIRS)
def test_a_token_gives_back_the_place_that_it_was_made_for(place, caller, parameters):
    bound = {"caller": caller, "route": "Patient", "parameters": parameters}

    token = paging.seal(SECRET, place, **bound)

    assert paging.open(SECRET, token, **bound) == place
    assert token.isascii()
    assert not set(token) & set("=&?/+%")


@given(st.text(max_size=60) | st.text("abcXYZ019-_=", max_size=60))
def test_anything_else_is_no_token(text):
    with pytest.raises(SearchError):
        paging.open(SECRET, text, caller="a", route="Patient")


@pytest.mark.parametrize(
    "other",
    [
        {"caller": "b"},
        {"route": "Task"},
        {"parameters": [("status", "final")]},
        {"secret": b"x" * 32},
    ],
)
def test_a_token_is_bound_to_caller_route_and_parameters(other):
    token = paging.seal(SECRET, [1], caller="a", route="Patient")
    asked = {"secret": SECRET, "caller": "a", "route": "Patient", **other}

    with pytest.raises(SearchError):
        paging.open(asked.pop("secret"), token, **asked)


def test_a_token_shows_nothing_and_is_never_the_same():
    tokens = {
        paging.seal(SECRET, [[["name", "Eve"]]], caller="a", route="Patient")
        for _ in range(3)
    }

    assert len(tokens) == 3
    assert not any("Eve" in each for each in tokens)


def test_a_place_that_is_too_long_for_a_link_is_refused():
    with pytest.raises(SearchError, match="too long"):
        paging.seal(SECRET, ["x" * paging.LONGEST], caller="a", route="Patient")
