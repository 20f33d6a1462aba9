"""Who can be registered, and which registrations stop the start with a sentence."""

import pytest

from gateway.settings import SettingsError, load
from tests.credentials import ec_key, jwks

TOKEN = {"name": "a", "role": "feed", "token_sha256": "0" * 64}
KEYS = {"name": "b", "role": "feed", "jwks": jwks(ec_key())}
EHR = {
    "name": "ehr",
    "issuer": "https://ehr.test",
    "audience": "gateway",
    "jwks": jwks(ec_key()),
}


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    for name in ("CONFIG", "DATA"):
        monkeypatch.delenv(f"TRIAGE_GATEWAY_{name}", raising=False)


def settings(*clients, **more):
    return load({"data": "x", "clients": clients or (TOKEN,), **more})


@pytest.mark.parametrize(
    "client",
    [
        TOKEN,
        KEYS,
        {"name": "c", "scopes": ("system/Patient.rs",), "token_sha256": "1" * 64},
        {"name": "c", "scopes": ("system/Patient.rs",), "jwks": jwks(ec_key())},
        {"name": "c", "role": "nurse", "token_sha256": "1" * 64},
        {"name": "c", "role": "auditor", "jwks": jwks(ec_key())},
    ],
)
def test_a_client_has_a_token_or_keys_and_a_role_or_scopes(client):
    assert settings(client).clients[0].granted


@pytest.mark.parametrize(
    ("client", "why"),
    [
        ({**TOKEN, "scopes": ("system/*.r",)}, "once: by its role, or by its scopes"),
        ({**TOKEN, "role": None}, "once: by its role, or by its scopes"),
        ({**TOKEN, "jwks": jwks(ec_key())}, "not both"),
        ({"name": "a", "role": "feed"}, "once: as jwks, or as jwks_url"),
        (
            {**KEYS, "jwks_url": "https://keys.test/"},
            "once: as jwks, or as jwks_url",
        ),
        ({**KEYS, "role": "nurse"}, r"system/ scopes.*\[\[issuers\]\]"),
        ({**KEYS, "role": None, "scopes": ("system/x.r",)}, "write a scope as"),
        ({**KEYS, "role": None, "scopes": ("user/Task.d",)}, "people write nothing"),
        ({**KEYS, "jwks": {"keys": []}}, "one key or more"),
        ({**KEYS, "jwks": {"keys": [{"kty": "EC"}]}}, "kid"),
        ({**KEYS, "jwks": {"keys": [{"kid": "x", "d": "y"}]}}, "private"),
        ({**KEYS, "jwks": {"keys": [{"kid": "x", "k": "y"}]}}, "private"),
        ({**KEYS, "jwks": jwks(ec_key(), ec_key())}, "same kid"),
        (
            {"name": "a", "role": "feed", "jwks_url": "http://keys.test/"},
            "jwks_url",
        ),
        (
            {"name": "a", "role": "feed", "jwks_url": "https://u:p@keys.test/"},
            "jwks_url",
        ),
    ],
)
def test_a_client_that_is_registered_wrongly_stops_the_start(client, why):
    with pytest.raises(SettingsError, match=why):
        settings(client)


@pytest.mark.parametrize(
    ("listed", "url"),
    [
        ("keys.test", "https://keys.test/jwks"),
        ("keys.test:8443", "https://keys.test:8443/jwks"),
    ],
)
def test_keys_are_fetched_from_listed_hosts(listed, url):
    away = {"name": "a", "role": "feed", "jwks_url": url}

    assert settings(away, jwks_hosts=[listed]).clients


@pytest.mark.parametrize(
    "url",
    [
        "https://keys.test:8443/jwks",
        "https://sub.keys.test/jwks",
        "https://keys.test.evil.test/jwks",
        "https://evil.test/keys.test",
    ],
)
def test_a_host_is_listed_exactly_or_not_at_all(url):
    away = {"name": "a", "role": "feed", "jwks_url": url}

    with pytest.raises(SettingsError, match="jwks_hosts"):
        settings(away, jwks_hosts=["keys.test"])


def test_two_clients_are_told_apart():
    with pytest.raises(SettingsError, match="same name"):
        settings(KEYS, {**TOKEN, "name": "b"})
    with pytest.raises(SettingsError, match="same token"):
        settings(TOKEN, {**TOKEN, "name": "c"})
    assert settings(KEYS, {**KEYS, "name": "c"}).clients


def test_an_issuer_gives_people_their_scopes():
    (ehr,) = settings(issuers=[EHR]).issuers

    assert [str(each) for each in ehr.granted] == ["user/Task.rus"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"scopes": ("system/*.rs",)}, "user/ scopes"),
        ({"scopes": ("user/*.c",)}, "people write nothing"),
        ({"algorithms": ("HS256",)}, "algorithms"),
        ({"algorithms": ("none",)}, "algorithms"),
        ({"issuer": "http://ehr.test"}, "issuer"),
        ({"audience": ""}, "audience"),
        ({"jwks": None}, "jwks"),
        ({"jwks": None, "jwks_url": "https://ehr.test/jwks"}, "jwks_hosts"),
    ],
)
def test_an_issuer_that_is_registered_wrongly_stops_the_start(changed, why):
    with pytest.raises(SettingsError, match=why):
        settings(issuers=[{**EHR, **changed}])


@pytest.mark.parametrize("other", [{"name": "x"}, {"issuer": "https://other.test"}])
def test_two_issuers_are_told_apart(other):
    with pytest.raises(SettingsError, match="two issuers"):
        settings(issuers=[EHR, {**EHR, **other}])


def test_beyond_this_machine_assertions_have_to_name_the_gateway():
    with pytest.raises(SettingsError, match="public_url"):
        settings(KEYS, host="0.0.0.0", behind_proxy=True)

    known = settings(
        KEYS, host="0.0.0.0", behind_proxy=True, public_url="https://fhir.test/"
    )
    assert known.origin == "https://fhir.test"


def test_so_have_those_of_a_tenant():
    tenant = {"name": "north", "clients": [KEYS]}

    with pytest.raises(SettingsError, match="public_url"):
        load({"data": "x", "tenants": [tenant], "host": "::", "behind_proxy": True})


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ({}, "http://127.0.0.1:8080"),
        ({"host": "::1", "port": 9}, "http://[::1]:9"),
        ({"tls_certificate": __file__, "tls_key": __file__}, "https://127.0.0.1:8080"),
    ],
)
def test_the_origin_is_where_the_gateway_listens(given, origin):
    assert settings(**given).origin == origin
