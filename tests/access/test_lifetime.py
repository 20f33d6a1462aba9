from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.jose import BadTokenError
from gateway.access.lifetime import require_current

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
AT = NOW.timestamp()
FIVE_MINUTES = timedelta(minutes=5)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": AT + 1},
        {"exp": AT + 300, "iat": AT, "nbf": AT},
        {"exp": AT + 305.5, "iat": AT + 5},
    ],
)
def test_a_token_counts_until_it_ends(claims):
    ends = require_current(claims, NOW, longest=FIVE_MINUTES)

    assert ends.timestamp() == pytest.approx(claims["exp"])


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({}, "expired"),
        ({"exp": AT}, "expired"),
        ({"exp": AT - 1}, "expired"),
        ({"exp": AT + 60, "nbf": AT + 11}, "nbf is in the future"),
        ({"exp": AT + 60, "iat": AT + 11}, "iat is in the future"),
        ({"exp": AT + 311}, "more than 300 seconds"),
        ({"exp": "soon"}, "no number"),
        ({"exp": True}, "no number"),
        ({"exp": float("inf")}, "no number"),
        ({"exp": float("nan")}, "no number"),
        ({"exp": 10**400}, "no number"),
        ({"exp": AT + 60, "iat": []}, "no number"),
    ],
)
def test_a_token_that_does_not_count_now_is_refused(claims, why):
    with pytest.raises(BadTokenError, match=why):
        require_current(claims, NOW, longest=FIVE_MINUTES)


def test_where_there_is_no_longest_time_a_token_may_last():
    assert require_current({"exp": 2.0**53}, NOW) > NOW


SOME = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@given(st.fixed_dictionaries({}, optional={"exp": SOME, "iat": SOME, "nbf": SOME}))
def test_any_claims_are_current_or_refused(claims):
    try:
        ends = require_current(claims, NOW, longest=FIVE_MINUTES)
    except BadTokenError:
        return

    assert NOW < ends <= NOW + FIVE_MINUTES + timedelta(seconds=10)
