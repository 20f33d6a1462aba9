"""TLS and mutual TLS, spoken with a gateway in a process of its own."""

import asyncio
import ssl

import aiohttp
import pytest

from gateway.settings import Client, SettingsError, load
from tests.callers import FEED, Caller
from tests.credentials import FORM, Authority, assertion, ec_key, form, jwks
from tests.gateway_process import GatewayProcess

BOUND = "bound"


class SecureProcess(GatewayProcess):
    """A gateway that speaks TLS; readiness is asked for over it, too."""

    def __init__(self, folder, *, trust, clients="", **settings):
        super().__init__(folder, **settings)
        self._trust = trust
        self._file.write_text(self._file.read_text() + clients)

    @property
    def base(self):
        return f"https://127.0.0.1:{self._port}"

    def _ready(self):
        return "FHIR base: " in self.output


def trusting(authority, shown=None, version=None):
    context = ssl.create_default_context(cafile=authority.file)
    if shown is not None:
        context.load_cert_chain(*shown[:2])
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


async def get(base, path, context, name=FEED):
    connector = aiohttp.TCPConnector(ssl=context)
    async with aiohttp.ClientSession(connector=connector) as session:
        return await Caller(session, base, name).get(path)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, authority):
    certificate, key, _ = authority.issue("gateway")
    process = SecureProcess(
        tmp_path_factory.mktemp("tls"),
        trust=authority,
        tls_certificate=certificate,
        tls_key=key,
    )
    try:
        yield process.start()
    finally:
        process.stop()


async def test_the_gateway_speaks_tls_and_says_so(gateway, authority):
    answer = await get(gateway.base, "/fhir/Patient", trusting(authority))

    assert answer.status == 200
    assert answer.json["link"][0]["url"].startswith(gateway.base)
    assert "FHIR base: https://127.0.0.1:" in gateway.output


async def test_nothing_is_said_in_clear(gateway):
    host, port = gateway.base.removeprefix("https://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /fhir/metadata HTTP/1.1\r\nHost: localhost\r\n\r\n")
    async with asyncio.timeout(60):
        answer = await reader.read()
    writer.close()

    assert b"HTTP" not in answer


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
async def test_tls_before_1_2_is_not_spoken(gateway, authority):
    old = trusting(authority, version=ssl.TLSVersion.TLSv1_1)
    old.set_ciphers("DEFAULT@SECLEVEL=0")

    with pytest.raises(aiohttp.ClientConnectorError):
        await get(gateway.base, "/fhir/Patient", old)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("clients"), "Client CA")


@pytest.fixture(scope="module")
def shown(certificates):
    return certificates.issue("client")


@pytest.fixture(scope="module")
def mutual(tmp_path_factory, authority, certificates, shown):
    certificate, key, _ = authority.issue("mutual")
    bound = "\n".join(
        [
            "[[clients]]",
            f'name = "{BOUND}"',
            'role = "feed"',
            f'certificate_sha256 = "{shown[2]}"',
            "[[clients.jwks.keys]]",
            *(
                f'{name} = "{value}"'
                for name, value in ec_key().as_dict(private=False).items()
            ),
        ]
    )
    process = SecureProcess(
        tmp_path_factory.mktemp("mtls"),
        trust=authority,
        clients=bound + "\n",
        tls_certificate=certificate,
        tls_key=key,
        tls_client_ca=certificates.file,
    )
    try:
        yield process.start()
    finally:
        process.stop()


async def test_whoever_shows_no_certificate_is_not_heard(mutual, authority):
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await get(mutual.base, "/fhir/Patient", trusting(authority))


async def test_a_certificate_of_another_authority_is_none(mutual, authority):
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await get(
            mutual.base,
            "/fhir/Patient",
            trusting(authority, authority.issue("stranger")),
        )


async def test_with_a_certificate_the_token_still_decides(mutual, authority, shown):
    context = trusting(authority, shown)

    assert (await get(mutual.base, "/fhir/Patient", context)).status == 200
    assert (await get(mutual.base, "/fhir/Patient", context, None)).status == 401


async def test_an_access_token_counts_with_the_certificate_that_asked(
    mutual, authority, certificates, shown
):
    url = f"{mutual.base}/auth/token"
    own, other = (
        trusting(authority, shown),
        trusting(authority, certificates.issue("other")),
    )
    connector = aiohttp.TCPConnector(ssl=own)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.post(
            url,
            data=form(assertion(BOUND, ec_key(), aud=url)),
            headers={"Content-Type": FORM},
        ) as answer,
    ):
        assert answer.status == 200, await answer.text()
        bearer = f"Bearer {(await answer.json())['access_token']}"
    statuses = []
    for context in (own, other):
        connector = aiohttp.TCPConnector(ssl=context)
        async with aiohttp.ClientSession(
            connector=connector, headers={"Authorization": bearer}
        ) as session:
            answer = await Caller(session, mutual.base).get("/fhir/Patient")
            statuses.append(answer.status)
    assert statuses == [200, 401]


async def test_another_certificate_asks_in_vain(mutual, authority, certificates):
    url = f"{mutual.base}/auth/token"
    connector = aiohttp.TCPConnector(
        ssl=trusting(authority, certificates.issue("third"))
    )
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.post(
            url,
            data=form(assertion(BOUND, ec_key(), aud=url)),
            headers={"Content-Type": FORM},
        ) as answer,
    ):
        assert answer.status == 401


KNOWN = {
    "data": "x",
    "clients": [{"name": "a", "role": "feed", "token_sha256": "0" * 64}],
}


@pytest.fixture
def quiet(monkeypatch):
    for name in ("TRIAGE_GATEWAY_CONFIG", "TRIAGE_GATEWAY_DATA"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "gateway.test"])
def test_beyond_this_machine_nothing_is_said_in_clear(host):
    with pytest.raises(SettingsError, match="in clear"):
        load({**KNOWN, "host": host})

    assert load({**KNOWN, "host": host, "behind_proxy": True}).host == host


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"tls_certificate": __file__}, "tls_key"),
        ({"tls_key": __file__}, "tls_certificate"),
        ({"tls_client_ca": __file__}, "needs tls_certificate"),
        ({"tls_certificate": "absent.pem"}, "no such file"),
        (
            {
                "clients": [
                    {**KNOWN["clients"][0], "certificate_sha256": "a" * 64},
                ]
            },
            "tls_client_ca",
        ),
    ],
)
def test_half_of_tls_is_refused(given, why):
    with pytest.raises(SettingsError, match=why):
        load({**KNOWN, **given})


def test_an_authority_that_is_none_stops_the_start_with_a_sentence(tmp_path):
    (tmp_path / "x.pem").write_text("no certificate")
    gateway = GatewayProcess(tmp_path, jwks_ca=tmp_path / "x.pem")

    with pytest.raises(AssertionError, match="jwks_ca cannot be used"):
        gateway.start()


def test_files_that_are_no_certificate_stop_the_start_with_a_sentence(tmp_path):
    (tmp_path / "x.pem").write_text("no certificate")
    file = tmp_path / "x.pem"
    gateway = GatewayProcess(tmp_path, tls_certificate=file, tls_key=file)

    with pytest.raises(AssertionError, match="TLS files cannot be used"):
        gateway.start()


def test_a_client_s_own_keys_are_public_ones():
    with pytest.raises(ValueError, match="private"):
        Client(name="a", role="feed", jwks={"keys": [ec_key().as_dict(private=True)]})
    assert Client(name="a", role="feed", jwks=jwks(ec_key())).has_keys
