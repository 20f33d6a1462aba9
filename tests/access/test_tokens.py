from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access import UnknownCallerError
from gateway.access.tokens import AccessTokens, Note
from gateway.store.cipher import Cipher

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOTE = Note(client="a", scope="system/*.rs", expires=NOW.timestamp() + 300)
TOKENS = AccessTokens(Cipher(b"k" * 32))


def test_a_token_is_what_was_sealed_and_shows_nothing_of_it():
    token = TOKENS.seal(NOTE)

    assert TOKENS.open(token, NOW) == NOTE
    assert token != TOKENS.seal(NOTE)
    assert "system" not in token


def test_a_token_outlives_a_restart_but_not_its_end():
    token = TOKENS.seal(NOTE)
    restarted = AccessTokens(Cipher(b"k" * 32))

    assert restarted.open(token, NOW) == NOTE
    with pytest.raises(UnknownCallerError):
        restarted.open(token, NOW + timedelta(seconds=300))


def test_a_token_of_another_gateway_or_tenant_is_none():
    with pytest.raises(UnknownCallerError):
        AccessTokens(Cipher(b"o" * 32)).open(TOKENS.seal(NOTE), NOW)


@given(st.text(max_size=100))
def test_any_other_text_is_no_token(text):
    with pytest.raises(UnknownCallerError):
        TOKENS.open(f"tg_{text}", NOW)


@given(st.integers(0, 10_000))
def test_no_character_of_a_token_can_be_changed(place):
    token = TOKENS.seal(NOTE)
    index = 3 + place % (len(token) - 4)
    other = "A" if token[index] != "A" else "B"

    with pytest.raises(UnknownCallerError):
        TOKENS.open(token[:index] + other + token[index + 1 :], NOW)
