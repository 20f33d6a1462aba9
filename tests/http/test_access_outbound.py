"""No address that a request holds is ever called."""

import asyncio
import ssl
from contextlib import asynccontextmanager

from gateway.settings import Client
from tests.callers import FEED
from tests.credentials import (
    FORM,
    ORIGIN,
    Authority,
    claims_of,
    ec_key,
    form,
    jwks,
    person_claims,
    rsa_key,
    signed,
)
from tests.gateway_inside import gateway_inside
from tests.patients import patient, posted, urn, vital

BACKEND = "ehr-backend"


@asynccontextmanager
async def listener(folder):
    """Something that notes every connection to it, TLS or not."""
    met = []

    async def note(_reader, writer):
        met.append(writer.get_extra_info("peername"))
        writer.close()

    certificate, private, _ = Authority(folder).issue("listener")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    plain = await asyncio.start_server(note, "127.0.0.1", 0)
    secure = await asyncio.start_server(note, "127.0.0.1", 0, ssl=context)
    ports = [each.sockets[0].getsockname()[1] for each in (plain, secure)]
    try:
        yield [f"http://127.0.0.1:{ports[0]}", f"https://127.0.0.1:{ports[1]}"], met
    finally:
        plain.close()
        secure.close()


def resource_of_urls(url):
    return patient(
        "1",
        meta={"profile": [f"{url}/StructureDefinition/p"], "source": f"{url}/source"},
        implicitRules=f"{url}/rules",
        text={
            "status": "generated",
            "div": '<div xmlns="http://www.w3.org/1999/xhtml">'
            f'<img src="{url}/i.png" alt="x"/><a href="{url}/a">x</a></div>',
        },
        photo=[{"contentType": "image/png", "url": f"{url}/photo.png"}],
        extension=[{"url": f"{url}/extension", "valueUrl": f"{url}/value"}],
        generalPractitioner=[{"reference": f"{url}/Practitioner/1"}],
        managingOrganization={"reference": f"{url}/Organization?identifier=1"},
    )


async def send_everything(gateway, url):
    """Put the address wherever a request has room for one."""
    named = {
        "Origin": url,
        "Referer": url,
        "X_Forwarded_Host": url.partition("//")[2],
        "If_None_Exist": f"identifier={url}|1",
        "Link": f"<{url}>; rel=profile",
    }
    found = patient("2", managingOrganization={"reference": f"{url}/Organization/1"})
    entries = [
        posted(resource_of_urls(url), f"{url}/Patient/1"),
        posted(vital(f"{url}/Patient/1"), urn(2)),
        {"request": {"method": "GET", "url": f"{url}/Patient/1"}},
    ]
    for kind in ("batch", "transaction"):
        bundle = {"resourceType": "Bundle", "type": kind, "entry": entries}
        yield await gateway.push_anything(bundle, **named)
    for one in (resource_of_urls(url), found):
        yield await gateway.request("POST", "/fhir/Patient", one, **named)
        yield await gateway.request("POST", "/fhir/Patient/$validate", one, **named)
    yield await gateway.get(f"/fhir/Patient?general-practitioner={url}/x")
    yield await gateway.get(f"/fhir/Patient?_profile={url}&identifier={url}|1")


async def send_tokens(gateway, url):
    """Name the address as where keys, issuers and callbacks are."""
    key = ec_key()
    public = {"jwk": key.as_dict(private=False), "jku": url, "x5u": url}
    for header in ({"jku": url}, {"x5u": url}, public):
        for claims in (claims_of(BACKEND), claims_of(url), claims_of(BACKEND, aud=url)):
            proof = signed(claims, key, **header)
            yield await gateway.request(
                "POST",
                "/auth/token",
                form(proof, client_id=url, redirect_uri=url),
                Content_Type=FORM,
            )
        token = signed(
            person_claims(iss=url, practitioner=f"{url}/Practitioner/1"),
            rsa_key(),
            "RS256",
            **{name: value for name, value in header.items() if name != "jwk"},
        )
        yield await gateway.get("/fhir/Patient", Authorization=f"Bearer {token}")


async def test_no_address_in_a_request_is_ever_called(tmp_path):
    client = Client(name=BACKEND, role="feed", jwks=jwks(ec_key()))
    (tmp_path / "ca").mkdir()
    async with listener(tmp_path / "ca") as (urls, met):
        statuses = []
        async with gateway_inside(tmp_path / "known") as known:
            feed = known.called(FEED)
            for url in urls:
                statuses += [each.status async for each in send_everything(feed, url)]
        async with gateway_inside(
            tmp_path / "data", clients=(client,), public_url=ORIGIN, jwks_hosts=()
        ) as gateway:
            for url in urls:
                statuses += [each.status async for each in send_tokens(gateway, url)]

    assert met == []
    assert {201, 401} < set(statuses)
    assert max(statuses) < 500
