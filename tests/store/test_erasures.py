"""The proof of an erasure, and the check that every destroyed key has one."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.cipher import random_key
from gateway.store.erasures import Erasure, Proof, keep, kept
from gateway.store.errors import LogFormatError
from gateway.store.notes import SigningKey
from gateway.store.seal import Signer

KEY = SigningKey("triage-gateway/test", random_key())
SIGNER = Signer(KEY.name, (KEY,))
OTHER = SigningKey(KEY.name, random_key())
ERASURE = Erasure(
    erasure_id="e1",
    position=9,
    leaf=bytes(32),
    keys=(b"a" * 16, b"b" * 16),
    positions=((1, 3), (7, 7)),
    reason="request",
    by="dpo",
    at=datetime(2026, 11, 22, tzinfo=UTC),
)
PROOF = Proof.of(ERASURE, SIGNER)


def test_a_proof_is_kept_found_again_and_known_by_its_key(tmp_path):
    path = keep(tmp_path, PROOF)

    assert kept(tmp_path) == [PROOF]
    assert path.stat().st_mode & 0o777 == 0o600
    assert PROOF.is_signed(KEY.name, [(0, KEY.public)])
    assert not PROOF.is_signed(KEY.name, [(0, OTHER.public)])
    assert ERASURE.events == 4
    assert "events 4 within 1-7" in PROOF.note


@pytest.mark.parametrize(
    ("keys", "holds"),
    [
        ([(0, KEY.public), (10, OTHER.public)], True),
        ([(0, OTHER.public), (10, KEY.public)], True),
        ([(0, OTHER.public), (8, KEY.public)], True),
        ([(0, KEY.public), (8, OTHER.public)], False),
        ([], False),
    ],
)
def test_a_proof_is_of_the_key_of_then_or_of_a_later_one(keys, holds):
    assert ERASURE.position == 9
    assert PROOF.is_signed(KEY.name, keys) == holds


def test_the_same_erasure_gives_the_same_proof(tmp_path):
    keep(tmp_path, PROOF)
    keep(tmp_path, Proof.of(ERASURE, SIGNER))

    assert kept(tmp_path) == [PROOF]


def test_an_erasure_of_nothing_is_a_proof_too():
    empty = Proof.of(replace(ERASURE, keys=(), positions=()), SIGNER)

    assert Proof.parse(str(empty)) == empty


@pytest.mark.parametrize(
    "change", [{"keys": ["00"]}, {"position": 8}, {"by": "me"}, {"positions": []}]
)
def test_a_list_that_the_note_does_not_sign_is_refused(change):
    told = {**json.loads(str(PROOF)), **change}

    with pytest.raises(LogFormatError, match="was changed"):
        Proof.parse(json.dumps(told))


@given(st.text() | st.dictionaries(st.text(), st.integers()).map(json.dumps))
def test_what_is_no_proof_is_refused(written):
    with pytest.raises(LogFormatError):
        Proof.parse(written)


def test_keys_and_positions_are_lists():
    for name in ("keys", "positions"):
        with pytest.raises(LogFormatError):
            Proof.parse(json.dumps({**json.loads(str(PROOF)), name: "x"}))
