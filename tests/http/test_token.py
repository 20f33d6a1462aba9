"""SMART Backend Services, from the well-known document to a refused entry."""

import asyncio
import gzip
import json

import aiohttp
import pytest

from gateway.settings import Client, Issuer
from tests.callers import CLIENTS, FEED
from tests.credentials import (
    AUDIENCE,
    FORM,
    ISSUER,
    ORIGIN,
    TOKEN_URL,
    assertion,
    ec_key,
    form,
    jwks,
    person_claims,
    rsa_key,
    signed,
)
from tests.gateway_inside import gateway_inside
from tests.patients import (
    fresh_record,
    patient,
    posted,
    statement,
    transaction,
    urn,
    visit,
    vital,
)
from tests.worklist import open_task, step

BACKEND, LAB, TRAIL = "ehr-backend", "lab", "trail"
VITALS = "http://terminology.hl7.org/CodeSystem/observation-category|vital-signs"
MEASURED = [{"coding": [dict(zip(("system", "code"), VITALS.split("|"), strict=True))]}]
NARROWED = f"system/Observation.rs?category={VITALS}"
OTHERS = (
    Client(name=BACKEND, role="feed", jwks=jwks(ec_key(), rsa_key())),
    Client(
        name=LAB,
        scopes=("system/Patient.rs", "system/Observation.c", NARROWED),
        jwks=jwks(ec_key("lab-1")),
    ),
    Client(name=TRAIL, role="auditor", jwks=jwks(ec_key("trail-1"))),
)
EHR = Issuer(name="ehr", issuer=ISSUER, audience=AUDIENCE, jwks=jwks(rsa_key("ehr-1")))


@pytest.fixture
async def gateway(tmp_path):
    async with gateway_inside(
        tmp_path / "data",
        clients=(*CLIENTS, *OTHERS),
        issuers=(EHR,),
        public_url=ORIGIN,
    ) as one:
        yield one


async def ask(gateway, client, key, **changed):
    sent = form(assertion(client, key), **changed)
    return await gateway.request("POST", "/auth/token", sent, Content_Type=FORM)


class Bearer:
    """Somebody with an access token."""

    def __init__(self, gateway, token):
        self._gateway = gateway
        self._token = token

    async def request(self, method, path, body=None, **headers):
        return await self._gateway.request(
            method, path, body, Authorization=f"Bearer {self._token}", **headers
        )

    async def get(self, path):
        return await self.request("GET", f"/fhir/{path}")

    async def create(self, resource):
        return await self.request("POST", f"/fhir/{resource['resourceType']}", resource)


async def bearer(gateway, client, key, **changed):
    answer = await ask(gateway, client, key, **changed)
    assert answer.status == 200, answer.body
    return Bearer(gateway, answer.json["access_token"])


@pytest.fixture
async def backend(gateway):
    return await bearer(gateway, BACKEND, ec_key())


@pytest.fixture
async def lab(gateway):
    wanted = f"system/Patient.rs system/Observation.c {NARROWED}"
    return await bearer(gateway, LAB, ec_key("lab-1"), scope=wanted)


def nurse(gateway, **changed):
    return Bearer(gateway, signed(person_claims(**changed), rsa_key("ehr-1"), "RS256"))


@pytest.mark.parametrize("base", ["/fhir", ""])
async def test_strangers_learn_where_and_how_to_ask(gateway, base):
    answer = await gateway.get(f"{base}/.well-known/smart-configuration")

    assert answer.status == 200
    assert answer.json["token_endpoint"] == TOKEN_URL
    assert answer.json["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert answer.json["token_endpoint_auth_signing_alg_values_supported"] == [
        "RS384",
        "ES384",
    ]
    assert "system/*.cruds" in answer.json["scopes_supported"]
    assert BACKEND not in answer.body.decode()


@pytest.mark.parametrize("key", [ec_key(), rsa_key()], ids=["ES384", "RS384"])
async def test_a_backend_proves_itself_and_writes(gateway, key):
    answer = await ask(gateway, BACKEND, key, scope="system/Patient.crs")

    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["token_type"] == "bearer"
    assert answer.json["expires_in"] == 300
    assert answer.json["scope"] == "system/Patient.crs"
    made = await Bearer(gateway, answer.json["access_token"]).create(patient("1"))
    assert made.status == 201


async def test_refusals_are_oauth_s(gateway):
    proof = form(assertion(BACKEND, ec_key("unknown")))

    answer = await gateway.request("POST", "/auth/token", proof, Content_Type=FORM)

    assert answer.status == 401
    assert answer.json["error"] == "invalid_client"
    assert answer.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", "application/json"),
        (b"grant_type=client_credentials&grant_type=x", FORM),
        (b"grant_type=" + b"x" * 70_000, FORM),
        (b"grant_type=\xff", f"{FORM}; charset=nonsense"),
        (b"", FORM),
    ],
)
async def test_a_form_that_is_none_is_refused(gateway, body, kind):
    answer = await gateway.request("POST", "/auth/token", body, Content_Type=kind)

    assert answer.status == 400
    assert answer.json["error"] in {"invalid_request", "unsupported_grant_type"}


@pytest.mark.parametrize("sent", [b"grant_type=\xff", b"&".join([b"a=b"] * 30)])
async def test_a_form_has_few_fields_and_is_text(gateway, sent):
    answer = await gateway.request("POST", "/auth/token", sent, Content_Type=FORM)

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


async def test_a_packed_form_is_not_unpacked(gateway):
    packed = gzip.compress(form(assertion(BACKEND, ec_key())))

    answer = await gateway.request(
        "POST", "/auth/token", packed, Content_Type=FORM, Content_Encoding="gzip"
    )

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


async def test_a_form_that_does_not_arrive_is_given_up(tmp_path):
    async def slow():
        yield b"grant_type="
        await asyncio.sleep(3600)

    async with (
        gateway_inside(tmp_path, dev=True, body_timeout_seconds=0.05) as gateway,
        aiohttp.ClientSession() as session,
        asyncio.timeout(60),
        session.post(
            f"{gateway._base}/auth/token", data=slow(), headers={"Content-Type": FORM}
        ) as answer,
    ):
        assert (answer.status, (await answer.json())["error"]) == (
            408,
            "invalid_request",
        )


async def test_no_token_is_given_by_get(gateway):
    assert (await gateway.get("/auth/token")).status == 405


async def test_an_assertion_counts_once_also_after_a_restart(tmp_path):
    settled = {"clients": OTHERS, "public_url": ORIGIN}
    proof = form(assertion(BACKEND, ec_key()))
    async with gateway_inside(tmp_path / "data", **settled) as first:
        one = await first.request("POST", "/auth/token", proof, Content_Type=FORM)

    async with gateway_inside(tmp_path / "data", **settled) as again:
        two = await again.request("POST", "/auth/token", proof, Content_Type=FORM)
        held = Bearer(again, one.json["access_token"])

        assert (one.status, two.status) == (200, 401)
        assert (await held.get("Patient")).status == 200


async def test_a_client_that_was_removed_is_out_at_once(tmp_path):
    async with gateway_inside(
        tmp_path / "data", clients=OTHERS, public_url=ORIGIN
    ) as first:
        held = (await ask(first, BACKEND, ec_key())).json["access_token"]

    async with gateway_inside(
        tmp_path / "data", clients=OTHERS[1:], public_url=ORIGIN
    ) as again:
        assert (await Bearer(again, held).get("Patient")).status == 401


async def test_what_a_scope_does_not_name_is_forbidden(lab):
    answers = [
        await lab.get("Condition"),
        await lab.get("Observation/x/_history"),
        await lab.create(patient("1")),
        await lab.request("PUT", "/fhir/Patient/x", {**patient("1"), "id": "x"}),
        await lab.request("DELETE", "/fhir/Patient/x"),
        await lab.get("AuditEvent"),
    ]

    assert [each.status for each in answers] == [403, 404, 403, 403, 403, 403]


async def test_a_batch_is_judged_entry_by_entry(backend, lab):
    await backend.request("PUT", "/fhir/Patient/eve", {**patient("1"), "id": "eve"})
    entries = [
        posted(vital("Patient/eve"), urn(0)),
        posted(patient("2"), urn(1)),
        {"request": {"method": "GET", "url": "Patient/eve"}},
        {"request": {"method": "GET", "url": "Condition/x"}},
        {"request": {"method": "DELETE", "url": "Patient/eve"}},
    ]
    batch = {"resourceType": "Bundle", "type": "batch", "entry": entries}

    answer = await lab.request("POST", "/fhir", batch)

    statuses = [each["response"]["status"][:3] for each in answer.json["entry"]]
    assert statuses == ["201", "403", "200", "403", "403"]
    assert (await lab.get("Patient/eve")).status == 200


async def test_a_transaction_with_one_forbidden_entry_does_nothing(backend, lab):
    await backend.request("PUT", "/fhir/Patient/eve", {**patient("1"), "id": "eve"})
    bundle = transaction(vital("Patient/eve"), patient("2"))

    answer = await lab.request("POST", "/fhir", bundle)

    assert answer.status == 403
    assert answer.places == ["Bundle.entry[1]"]
    found = (await backend.get("Observation?patient=Patient/eve")).json
    assert found["total"] == 0


async def test_a_narrowed_scope_narrows_searches_and_reads(backend, lab):
    await backend.request("PUT", "/fhir/Patient/eve", {**patient("1"), "id": "eve"})
    shown = (await backend.create(vital("Patient/eve", category=MEASURED))).json
    hidden = (await backend.create(vital("Patient/eve"))).json

    found = (await lab.get("Observation?patient=Patient/eve")).json
    assert [each["resource"]["id"] for each in found["entry"]] == [shown["id"]]
    assert found["total"] == 1
    assert (await lab.get(f"Observation/{shown['id']}")).status == 200
    for path in ("", "/_history", "/_history/1"):
        assert (await lab.get(f"Observation/{hidden['id']}{path}")).status == 404


async def test_a_writer_that_may_not_read_is_shown_no_body(gateway, backend):
    await backend.request("PUT", "/fhir/Patient/eve", {**patient("1"), "id": "eve"})
    writer = await bearer(gateway, BACKEND, ec_key(), scope="system/Observation.c")

    answer = await writer.create(vital("Patient/eve"))

    assert (answer.status, answer.body) == (201, b"")
    assert answer.headers["Location"]


async def seen_by_nurse(gateway):
    feed = gateway.called(FEED)
    answer = await feed.push(visit(fresh_record(), "cough"))
    whom = answer.locations[0].partition("/_history")[0]
    return whom, answer.locations, await open_task(feed, whom)


async def test_a_nurse_reads_what_the_task_points_to_and_nothing_else(gateway):
    whom, locations, task = await seen_by_nurse(gateway)
    feed = gateway.called(FEED)
    await feed.put({**patient(fresh_record()), "id": "stranger"})
    one = nurse(gateway)

    pointed = [
        f"Task/{task['id']}",
        task["focus"]["reference"],
        whom,
        *(each.partition("/_history")[0] for each in locations),
    ]
    pointed += [
        f"Provenance/{each['id']}"
        for each in await feed.search(f"Provenance?target=Task/{task['id']}")
    ]
    for path in pointed:
        assert (await one.get(path)).status == 200, path
    assert (await one.get("Task?status=requested")).status == 200
    assert (await one.get("Patient/stranger")).status == 404
    assert (await one.get("Patient")).status == 403
    assert (await one.get("AuditEvent/x")).status in {403, 404}
    assert (await one.create(patient("9"))).status == 403


async def test_provenance_belongs_to_whom_its_targets_belong_to(gateway):
    whom, _, _ = await seen_by_nurse(gateway)
    feed, one = gateway.called(FEED), nurse(gateway)
    await feed.put({**patient(fresh_record()), "id": "stranger"})
    statuses = {}
    for name, about in (("own", whom), ("foreign", "Patient/stranger")):
        said = (await feed.create(statement(about, "aspirin"))).json["id"]
        targets = [
            {"display": "no reference"},
            {"reference": "https://elsewhere.test/Observation/1"},
            {"reference": f"MedicationStatement/{said}"},
        ]
        made = await feed.create(
            {
                "resourceType": "Provenance",
                "target": targets,
                "recorded": "2026-11-20T08:00:00Z",
                "agent": [{"who": {"display": "a lab"}}],
            }
        )
        answer = await one.get(f"Provenance/{made.json['id']}")
        statuses[name] = answer.status

    assert statuses == {"own": 200, "foreign": 404}


async def test_who_is_nobody_s_data_is_shown_to_nurses(gateway):
    feed, one = gateway.called(FEED), nurse(gateway)
    await feed.put({**patient(fresh_record()), "id": "stranger"})
    place = {"resourceType": "Location", "id": "place", "name": "Bay 4"}
    worn = {
        "resourceType": "Device",
        "id": "worn",
        "patient": {"reference": "Patient/stranger"},
    }
    for each in (place, worn):
        assert (await feed.put(each)).status == 201

    assert (await one.get("Location/place")).status == 200
    assert (await one.get("Device/worn")).status == 404


async def test_who_completed_a_task_is_the_fhir_user(gateway):
    whom, _, task = await seen_by_nurse(gateway)
    token = signed(person_claims(), rsa_key("ehr-1"), "RS256")

    class Nurse:
        async def put(self, resource, **headers):
            return await gateway.request(
                "PUT",
                f"/fhir/Task/{resource['id']}",
                resource,
                Authorization=f"Bearer {token}",
                **headers,
            )

    for status in ("accepted", "in-progress"):
        task = (await step(Nurse(), task, status)).json
    done = await step(Nurse(), task, "completed", decision="accepted", acuity=3)
    assert done.status == 200, done.body

    (impression,) = await gateway.called(FEED).search(
        f"ClinicalImpression?patient={whom}"
    )
    assert impression["assessor"]["reference"] == "Practitioner/jo"
    assert impression["assessor"]["display"] == "Jo Jones, RN"


async def test_without_the_issuer_s_keys_nurses_are_told_to_come_back(tmp_path):
    host = "127.0.0.1:1"
    away = EHR.model_copy(update={"jwks": None, "jwks_url": f"https://{host}/jwks"})
    async with gateway_inside(
        tmp_path / "data", issuers=(away,), jwks_hosts=(host,)
    ) as gateway:
        answer = await nurse(gateway).get("Task")

    assert answer.status == 503
    assert answer.headers["Retry-After"] == "10"


async def test_nothing_of_a_token_is_in_a_refusal(gateway):
    token = signed(person_claims(exp=1), rsa_key("ehr-1"), "RS256")

    answer = await Bearer(gateway, token).get("Patient")

    assert answer.status == 401
    for part in token.split("."):
        assert part not in json.dumps(answer.json)


async def test_no_token_is_ever_printed(gateway, capfd):
    proofs = [assertion(BACKEND, ec_key(name)) for name in ("ec-1", "unknown")]
    answers = [
        await gateway.request("POST", "/auth/token", form(proof), Content_Type=FORM)
        for proof in proofs
    ]
    person = signed(person_claims(exp=1), rsa_key("ehr-1"), "RS256")
    held = answers[0].json["access_token"]
    for each in (held, held[:-2], person, "tg_nonsense", "a.b.c"):
        await Bearer(gateway, each).get("Patient")

    printed = "".join(capfd.readouterr())
    assert "token.granted" in printed
    assert "token.refused" in printed
    for text in (*proofs, person, held, "nonsense"):
        assert not [part for part in text.split(".") if part in printed]


async def test_only_auditors_read_the_trail(gateway, backend):
    reader = await bearer(gateway, TRAIL, ec_key("trail-1"), scope="system/*.rs")
    auditor = await bearer(
        gateway, TRAIL, ec_key("trail-1"), scope="system/AuditEvent.rs"
    )

    assert (await reader.get("AuditEvent")).status == 403
    assert (await backend.get("AuditEvent")).status == 403
    assert (await gateway.called(FEED).get("/fhir/AuditEvent")).status == 403
    assert (await auditor.get("AuditEvent")).status == 200


async def test_a_record_that_was_merged_is_pointed_to_with_the_other(gateway):
    whom, _, _ = await seen_by_nurse(gateway)
    feed, one = gateway.called(FEED), nurse(gateway)
    link = [{"type": "replaces", "other": {"reference": "Patient/old"}}]
    await feed.put({**patient(fresh_record()), "id": "old"})
    said = (await feed.create(statement("Patient/old", "aspirin"))).json["id"]
    path = f"MedicationStatement/{said}"
    before = (await one.get(path)).status
    current = await feed.read(whom)

    await feed.put({**current, "link": link})

    assert (before, (await one.get(path)).status) == (404, 200)
