"""Who gets a token, and who does not; with real keys and a real file."""

import asyncio
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.access import (
    ForbiddenError,
    Interaction,
    KeysUnavailableError,
    UnknownCallerError,
)
from gateway.access.doorkeeper import Doorkeeper
from gateway.access.grant import OAuthError, TokenDesk
from gateway.access.registry import Registry
from gateway.access.replay import Assertions, LocalUses
from gateway.access.tokens import AccessTokens
from gateway.settings import Client, Issuer
from gateway.settings.scopes import scope
from gateway.store.cipher import Cipher
from tests.credentials import (
    AUDIENCE,
    ISSUER,
    TOKEN_URL,
    assertion,
    claims_of,
    confused,
    ec_key,
    form,
    jwks,
    loosely_signed,
    person_claims,
    rsa_key,
    signed,
    unsigned,
)

FEED = "ehr-backend"
CLIENT = Client(name=FEED, role="feed", jwks=jwks(ec_key(), rsa_key()))
EHR = Issuer(
    name="ehr",
    issuer=ISSUER,
    audience=AUDIENCE,
    jwks=jwks(rsa_key("ehr-1")),
    algorithms=("RS256", "ES384"),
    fhir_base="https://ehr.test/fhir",
)


class Gate:
    """Desk and doorkeeper on one file, as a gateway has them."""

    def __init__(self, folder, *clients, issuers=(EHR,)):
        self.time = datetime.now(UTC)
        tokens = AccessTokens(Cipher(b"k" * 32))
        registry = Registry(clients, issuers)
        self.used = Assertions(LocalUses(folder / "assertions.sqlite"), b"s" * 32)
        self.desk = TokenDesk(
            registry=registry,
            used=self.used,
            tokens=tokens,
            audience=TOKEN_URL,
            seconds=300,
            clock=lambda: self.time,
        )
        self.doorkeeper = Doorkeeper(
            registry=registry,
            tokens=tokens,
            pointed=lambda kind, _resource: kind == "Observation",
            clock=lambda: self.time,
            dev=False,
        )

    async def ask(self, proof, certificate="", **changed):
        sent = dict(parse_qsl(form(proof, **changed).decode()))
        return await self.desk.grant(sent, certificate)

    async def admit(self, token, certificate=""):
        return await self.doorkeeper.admit(f"Bearer {token}", certificate)

    def close(self):
        self.used.close()


@pytest.fixture
def gate(tmp_path):
    with closing(Gate(tmp_path, CLIENT)) as one:
        yield one


async def refused(gate, proof, code="invalid_client", **changed):
    with pytest.raises(OAuthError) as caught:
        await gate.ask(proof, **changed)
    assert caught.value.code == code
    assert not proof or proof not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("key", [ec_key(), rsa_key()], ids=["ES384", "RS384"])
async def test_a_registered_key_gets_a_token_for_what_is_asked(gate, key):
    given = await gate.ask(assertion(FEED, key), scope="system/Patient.rs")

    assert (given.scope, given.seconds) == ("system/Patient.rs", 300)
    caller = await gate.admit(given.token)
    assert caller.name == FEED
    assert caller.holds(Interaction.READ, "Patient")
    assert not caller.holds(Interaction.CREATE, "Patient")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"aud": "https://gateway.test/auth/token/"}, "aud"),
        ({"aud": "https://other.test/auth/token"}, "aud"),
        ({"aud": [TOKEN_URL, "https://other.test"]}, "aud"),
        ({"aud": None}, "aud"),
        ({"exp": None}, "exp"),
        ({"exp": 1}, "expired"),
        ({"exp": 99999999999}, "300 seconds"),
        ({"iat": 99999999999}, "future"),
        ({"nbf": 99999999999}, "future"),
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"jti": 7}, "jti"),
        ({"jti": "x" * 257}, "jti"),
        ({"jti": "\ud800"}, "jti"),
        ({"sub": "somebody-else"}, "iss and sub"),
        ({"sub": None}, "iss and sub"),
        ({"iss": "somebody-else", "sub": "somebody-else"}, "iss and sub"),
        ({"iss": [FEED]}, "iss and sub"),
    ],
)
async def test_an_assertion_that_is_not_exact_is_refused(gate, changed, why):
    assert why in await refused(gate, assertion(FEED, ec_key(), **changed))


async def test_one_audience_in_a_list_is_one_audience(gate):
    assert await gate.ask(assertion(FEED, ec_key(), aud=[TOKEN_URL]))


@pytest.mark.parametrize(
    ("forge", "why"),
    [
        (partial(unsigned, key=ec_key()), "RS384 or ES384"),
        (partial(lambda claims, key: confused(key, claims), key=rsa_key()), "RS384"),
        (partial(signed, key=rsa_key(), algorithm="RS256"), "RS384"),
        (partial(signed, key=ec_key("unknown")), "kid"),
        (partial(signed, key=rsa_key("unknown")), "kid"),
        (partial(signed, key=ec_key("other"), kid="ec-1"), "signature"),
        (partial(signed, key=ec_key(), kid="rsa-1"), "algorithm"),
        (partial(signed, key=ec_key(), jku="https://evil.test/jwks"), "jku"),
        (lambda claims: signed(claims, ec_key())[:-8] + "AAAAAAAA", "signature"),
        (lambda _claims: "x", "JWT"),
        (lambda _claims: "x.y.z", "JWT"),
    ],
)
async def test_an_assertion_by_another_key_or_algorithm_is_refused(gate, forge, why):
    assert why in await refused(gate, forge(claims_of(FEED)))


async def test_an_assertion_counts_once_also_after_a_restart(gate, tmp_path):
    proof = assertion(FEED, ec_key())
    await gate.ask(proof)

    assert "used before" in await refused(gate, proof)
    with closing(Gate(tmp_path, CLIENT)) as restarted:
        assert "used before" in await refused(restarted, proof)
        assert await restarted.ask(assertion(FEED, ec_key()))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": None}, "invalid_request"),
        ({"client_assertion_type": "x"}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": "patient/Patient.rs"}, "invalid_scope"),
        ({"scope": "system/Patient.sr"}, "invalid_scope"),
        ({"scope": "user/Task.ru"}, "invalid_scope"),
        ({"scope": "system/AuditEvent.rs"}, "invalid_scope"),
        ({"scope": " ".join(["system/*.r"] * 201)}, "invalid_scope"),
    ],
)
async def test_a_request_that_asks_wrongly_is_told_how(gate, changed, code):
    said = await refused(gate, assertion(FEED, ec_key()), code=code, **changed)

    assert said.endswith(".")


async def test_a_request_without_an_assertion_is_told_how(gate):
    assert "client_assertion" in await refused(gate, "", code="invalid_request")


async def test_a_client_that_asks_without_end_is_slowed_down(gate, monkeypatch):
    monkeypatch.setattr("gateway.access.replay._MOST", 1)
    await gate.ask(assertion(FEED, ec_key()))

    with pytest.raises(OAuthError) as caught:
        await gate.ask(assertion(FEED, ec_key()))
    assert (caught.value.code, caught.value.status) == ("slow_down", 429)


async def test_keys_that_cannot_be_got_let_nobody_in(tmp_path):
    away = Client(name=FEED, role="feed", jwks_url="https://127.0.0.1:1/jwks")
    with closing(Gate(tmp_path, away)) as gate, pytest.raises(OAuthError) as caught:
        await gate.ask(assertion(FEED, ec_key()))

    assert (caught.value.code, caught.value.status) == ("temporarily_unavailable", 503)


async def test_an_issuer_whose_keys_cannot_be_got_lets_nobody_in(tmp_path):
    away = EHR.model_copy(update={"jwks": None, "jwks_url": "https://127.0.0.1:1/"})
    gate = Gate(tmp_path, issuers=(away,))

    with closing(gate), pytest.raises(KeysUnavailableError):
        await gate.admit(by_ehr())


async def test_a_token_ends_after_five_minutes(gate):
    given = await gate.ask(assertion(FEED, ec_key()))
    gate.time += timedelta(seconds=300)

    with pytest.raises(UnknownCallerError):
        await gate.admit(given.token)


async def test_removing_a_client_or_a_scope_counts_at_once(gate, tmp_path):
    given = await gate.ask(assertion(FEED, ec_key()))
    narrowed = CLIENT.model_copy(update={"role": None, "scopes": ("system/Task.r",)})

    with closing(Gate(tmp_path)) as without, pytest.raises(UnknownCallerError):
        await without.admit(given.token)
    with closing(Gate(tmp_path, narrowed)) as less:
        caller = await less.admit(given.token)
    assert caller.scopes == (scope("system/Task.r"),)


async def test_a_token_counts_with_the_certificate_that_asked_for_it(tmp_path):
    bound = CLIENT.model_copy(update={"certificate_sha256": "a" * 64})
    with closing(Gate(tmp_path, bound)) as gate:
        for other in ("", "b" * 64):
            with pytest.raises(OAuthError, match="certificate"):
                await gate.ask(assertion(FEED, ec_key()), other)
        given = await gate.ask(assertion(FEED, ec_key()), "a" * 64)

        assert await gate.admit(given.token, "a" * 64)
        for other in ("", "b" * 64):
            with pytest.raises(UnknownCallerError):
                await gate.admit(given.token, other)


async def test_a_long_lived_token_may_be_bound_to_a_certificate_too(tmp_path):
    digest = "04f8996da763b7a969b1028ee3007569eaf3a635486ddab211d512c85b9df8fb"
    client = Client(
        name="u", role="feed", token_sha256=digest, certificate_sha256="a" * 64
    )
    with closing(Gate(tmp_path, client)) as gate:
        assert (await gate.admit("user", "a" * 64)).name == "u"
        with pytest.raises(UnknownCallerError, match="certificate"):
            await gate.admit("user")


async def test_a_client_with_a_token_cannot_ask_for_another(tmp_path):
    client = Client(name=FEED, role="feed", token_sha256="0" * 64)
    with closing(Gate(tmp_path, client)) as gate:
        said = await refused(gate, assertion(FEED, ec_key()))

    assert said.endswith(".")


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """A gate that many examples share."""
    with closing(Gate(tmp_path_factory.mktemp("gate"), CLIENT)) as one:
        yield one


@settings(deadline=None)
@given(header=st.none() | st.text() | st.text().map("Bearer {}".format))
def test_any_header_lets_nobody_in(standing, header):
    with pytest.raises(UnknownCallerError):
        asyncio.run(standing.doorkeeper.admit(header, ""))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(
    header=st.dictionaries(st.sampled_from(["typ", "crit", "b64", "jku", "x"]), JSON),
    claims=st.dictionaries(st.sampled_from(list(claims_of(FEED))), JSON, min_size=1),
)
def test_claims_of_any_other_kind_prove_nobody(standing, header, claims):
    """Also where the signature is by a registered key."""
    named = {"alg": "ES384", "kid": "ec-1", **header}
    sent = {**claims_of(FEED), **claims}
    proof = loosely_signed(named, sent, ec_key())

    try:
        asyncio.run(standing.ask(proof))
    except OAuthError as error:
        refused = error.code == "invalid_client"
    else:  # they may happen to be what they have to be, as an `iat` of 0 is
        refused = set(claims) <= {"iat", "jti"}
    assert refused


def by_ehr(algorithm="RS256", **changed):
    return signed(person_claims(**changed), rsa_key("ehr-1"), algorithm)


async def test_a_practitioner_works_on_tasks_and_reads_what_they_point_to(gate):
    nurse = await gate.admit(by_ehr())

    assert nurse.reviewer.reference == "Practitioner/jo"
    assert nurse.reviewer.display == "Jo Jones, RN"
    assert nurse.holds(Interaction.REVIEW, "Task")
    assert nurse.may_see("Observation", {})
    assert not nurse.may_see("Condition", {})
    assert not nurse.holds(Interaction.SEARCH, "Observation")
    assert not nurse.holds(Interaction.CREATE, "Observation")


async def test_a_log_line_does_not_name_the_practitioner(gate):
    one, same, other = [
        await gate.admit(by_ehr(practitioner=f"Practitioner/{who}", sub=who))
        for who in ("jo", "jo", "kim")
    ]

    assert one.name == same.name != other.name
    assert "jo" not in one.name
    assert one.name.startswith("ehr:")


@pytest.mark.parametrize(
    "user", ["Practitioner/jo", "https://ehr.test/fhir/Practitioner/jo"]
)
async def test_fhir_user_is_a_practitioner_of_the_ehr(gate, user):
    assert (await gate.admit(by_ehr(practitioner=user))).reviewer.reference == (
        "Practitioner/jo"
    )


@pytest.mark.parametrize(
    "user",
    [
        None,
        "",
        "jo",
        "Patient/1",
        "RelatedPerson/1",
        "Practitioner/",
        "Practitioner/jo/_history/1",
        "https://evil.test/fhir/Practitioner/jo",
        "https://ehr.test/fhir/https://ehr.test/fhir/Practitioner/jo",
        7,
    ],
)
async def test_whoever_is_no_practitioner_of_the_ehr_is_not_let_in(gate, user):
    with pytest.raises(ForbiddenError, match="Practitioner"):
        await gate.admit(by_ehr(practitioner=user))


@pytest.mark.parametrize("name", [None, "", " ", 7, "x\ny", "x" * 201])
async def test_without_a_usable_name_the_reference_is_shown(gate, name):
    assert (await gate.admit(by_ehr(name=name))).reviewer.display == "Practitioner/jo"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://ehr.test/oauth2/"},
        {"iss": "https://evil.test"},
        {"iss": None},
        {"aud": "https://other.test"},
        {"aud": None},
        {"aud": []},
        {"exp": 1},
        {"exp": None},
        {"nbf": 99999999999},
        {"iat": 99999999999},
    ],
)
async def test_a_person_s_token_that_is_not_exact_is_refused(gate, changed):
    token = by_ehr(**changed)

    with pytest.raises(UnknownCallerError) as caught:
        await gate.admit(token)
    assert token not in str(caught.value)


async def test_an_audience_among_others_is_meant(gate):
    assert await gate.admit(by_ehr(aud=["https://other.test", AUDIENCE]))


@pytest.mark.parametrize(
    "forge",
    [
        lambda claims: signed(claims, rsa_key("ehr-1"), "RS384"),
        lambda claims: signed(claims, rsa_key("ehr-2"), "RS256"),
        lambda claims: signed(claims, rsa_key("evil"), "RS256", kid="ehr-1"),
        lambda claims: unsigned(claims, rsa_key("ehr-1")),
        lambda claims: confused(rsa_key("ehr-1"), claims),
        lambda claims: signed(claims, rsa_key("ehr-1"), "RS256", typ="logout+jwt"),
        lambda _claims: "x.y.z",
    ],
)
async def test_a_person_s_token_by_another_key_or_algorithm_is_refused(gate, forge):
    with pytest.raises(UnknownCallerError):
        await gate.admit(forge(person_claims()))


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ("user/Task.rus", ["user/Task.rus"]),
        ("user/Task.r launch offline_access", ["user/Task.r"]),
        ("user/*.rs", ["user/Task.rs"]),
        ("system/*.cruds", []),
        ("patient/*.rs", []),
        ("", []),
    ],
)
async def test_a_person_holds_what_both_the_token_and_the_settings_grant(
    gate, asked, held
):
    nurse = await gate.admit(by_ehr(scope=asked))

    assert [str(each) for each in nurse.scopes] == held


async def test_a_token_without_scopes_allows_nothing(gate):
    claims = {k: v for k, v in person_claims().items() if k != "scope"}

    nurse = await gate.admit(signed(claims, rsa_key("ehr-1"), "RS256"))
    with pytest.raises(ForbiddenError):
        nurse.require(Interaction.READ, "Task")


async def test_a_token_that_no_header_could_hold_is_not_given(tmp_path):
    many = [
        f"system/Observation.rs?code=http://loinc.org|{'1' * 80}{n}" for n in range(60)
    ]
    client = Client(name=FEED, scopes=tuple(many), jwks=jwks(ec_key()))
    with closing(Gate(tmp_path, client)) as gate:
        few = await gate.ask(assertion(FEED, ec_key()), scope=" ".join(many[:20]))
        reason = await refused(
            gate, assertion(FEED, ec_key()), "invalid_scope", scope=" ".join(many)
        )

    assert len(few.token) < 7000
    assert "too long" in reason
