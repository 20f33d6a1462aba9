import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwk

from gateway.access.jose import BadTokenError, peek, read_keys, verified
from tests.credentials import confused, ec_key, jwks, rsa_key, signed

BOTH = ("RS384", "ES384")
CLAIMS = {"iss": "a"}


def part(content):
    encoded = base64.urlsafe_b64encode(json.dumps(content).encode())
    return encoded.decode().rstrip("=")


@pytest.mark.parametrize("key", [ec_key(), rsa_key()], ids=["ES384", "RS384"])
def test_a_token_is_trusted_by_the_key_that_signed_it(key):
    (public,) = read_keys(jwks(key)).values()

    assert verified(signed(CLAIMS, key), public, BOTH) == CLAIMS


def test_another_key_of_the_same_name_does_not_verify():
    other = jwk.ECKey.generate_key("P-384", {"kid": "ec-1"})
    (public,) = read_keys(jwks(ec_key())).values()

    with pytest.raises(BadTokenError, match="signature"):
        verified(signed(CLAIMS, other), public, BOTH)


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "HS384", "RS256", ""])
def test_an_algorithm_that_is_not_on_the_list_is_refused_before_any_key(algorithm):
    token = f"{part({'alg': algorithm, 'kid': 'x'})}.{part(CLAIMS)}."
    (public,) = read_keys(jwks(rsa_key())).values()

    with pytest.raises(BadTokenError, match="sign it with RS384 or ES384"):
        peek(token).key_name(BOTH)
    with pytest.raises(BadTokenError, match="algorithm"):
        verified(token, public, BOTH)


def test_a_public_key_does_not_serve_as_a_shared_secret():
    """The confusion of HS256 with RS256: the PEM is known to everybody."""
    token = confused(rsa_key())
    (public,) = read_keys(jwks(rsa_key())).values()

    with pytest.raises(BadTokenError):
        verified(token, public, BOTH)
    with pytest.raises(BadTokenError):
        verified(token, public, ("HS256",))


def test_a_key_counts_for_the_algorithm_of_its_kind_only():
    (public,) = read_keys(jwks(rsa_key())).values()

    with pytest.raises(BadTokenError, match="algorithm"):
        verified(signed(CLAIMS, ec_key()), public, BOTH)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "ES384"},
        {"alg": "ES384", "kid": ""},
        {"alg": "ES384", "kid": 7},
        {"alg": "ES384", "kid": "x", "crit": ["b64"]},
        {"alg": "ES384", "kid": "x", "typ": "logout+jwt"},
        {"alg": ["ES384"], "kid": "x"},
    ],
)
def test_a_header_that_asks_for_more_or_says_less_is_refused(header):
    with pytest.raises(BadTokenError):
        peek(f"{part(header)}.{part(CLAIMS)}.x").key_name(list(BOTH))


@given(st.text(max_size=80) | st.lists(st.text(), max_size=4).map(".".join))
def test_any_text_is_a_token_or_refused(text):
    try:
        said = peek(text)
    except BadTokenError:
        return

    assert isinstance(said.named("iss"), str)


@pytest.mark.parametrize("content", ["[]", "7", '"x"', "[" * 100_000, "{", "\xff"])
def test_a_part_that_is_no_object_is_refused(content):
    encoded = base64.urlsafe_b64encode(content.encode("latin-1")).decode().rstrip("=")

    with pytest.raises(BadTokenError):
        peek(f"{part({'alg': 'ES384'})}.{encoded[:9000]}.x")


def test_a_token_of_great_length_is_not_read():
    with pytest.raises(BadTokenError):
        peek(f"{part({'a': 'x' * 20_000})}.{part({})}.x")


@pytest.mark.filterwarnings("ignore:Key size:Warning")
@pytest.mark.parametrize(
    "key",
    [
        {"kty": "oct", "kid": "x", "k": "c2VjcmV0"},
        {"kty": "OKP", "kid": "x", "crv": "Ed25519", "x": "AAAA"},
        {"kty": "RSA", "kid": "x"},
        {"kty": "RSA", "kid": "x", "n": "zz", "e": "AQAB"},
        {"kty": "RSA", "kid": "x", "n": 7, "e": "AQAB"},
        {"kty": "EC", "kid": "x", "crv": "P-384", "x": "AAAA", "y": "AAAA"},
        {"kty": "EC", "crv": "P-384"},
        {**ec_key().as_dict(private=False), "use": "enc"},
        {**ec_key().as_dict(private=False), "kid": 7},
        ec_key().as_dict(private=True),
        jwk.ECKey.generate_key("P-521", {"kid": "x"}).as_dict(private=False),
        "x",
        None,
    ],
)
def test_a_key_that_nothing_should_be_trusted_by_is_passed_over(key):
    assert read_keys({"keys": [key]}) == {}


@pytest.mark.filterwarnings("ignore:Key size")
def test_a_short_rsa_key_is_passed_over():
    numbers = {"kty": "RSA", "kid": "x", "n": part("n" * 90), "e": "AQAB"}

    assert read_keys({"keys": [numbers]}) == {}


@pytest.mark.parametrize("content", [{}, {"keys": None}, {"keys": "x"}])
def test_a_key_set_without_keys_has_none(content):
    assert read_keys(content) == {}
