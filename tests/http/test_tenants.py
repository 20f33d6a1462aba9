"""Several organisations behind one gateway never meet."""

import asyncio
import hashlib
import re
from contextlib import asynccontextmanager

import pytest
from aiohttp.test_utils import TestServer

from domain.events import REGISTRY
from gateway.app import build
from gateway.audit.replay import replay
from gateway.settings import Client, Settings, SettingsError
from gateway.store.errors import StoreError
from gateway.store.ledger import Ledger
from gateway.store.verification import verify
from inference.canary import CANARIES
from tests.callers import Caller, caller_session, token
from tests.gateway_process import GatewayProcess
from tests.knowledge import some_knowledge
from tests.model_server import NAME, model_server
from tests.patients import MRN, complaint, fresh_record, patient, transaction, vital
from tests.worklist import assessed, until

NORTH, SOUTH = "north", "south"


def clients(tenant):
    return [
        {
            "name": "feed-1",
            "role": "feed",
            "token_sha256": hashlib.sha256(
                token(f"{tenant}-feed").encode()
            ).hexdigest(),
        },
        {
            "name": "nurse-1",
            "role": "nurse",
            "practitioner": "Practitioner/1",
            "token_sha256": hashlib.sha256(
                token(f"{tenant}-nurse").encode()
            ).hexdigest(),
        },
    ]


def tenant(name, **more):
    return {"name": name, "clients": clients(name), **more}


def settings(data, *tenants, **more):
    return Settings(
        data=data, model="none", read_models_apart=False, tenants=tenants, **more
    )


@asynccontextmanager
async def both(data, *tenants, **more):
    """Run a gateway of two tenants and give their feeds."""
    listed = tenants or (tenant(NORTH), tenant(SOUTH))
    async with (
        TestServer(build(settings(data, *listed, **more))) as server,
        caller_session() as session,
    ):
        root = str(server.make_url("")).rstrip("/")
        yield tuple(
            Caller(session, f"{root}/t/{each}", f"{each}-feed")
            for each in (NORTH, SOUTH)
        )


@pytest.fixture
async def tenants(tmp_path):
    async with both(tmp_path / "data") as feeds:
        yield feeds


def root_of(caller):
    return Caller(caller._session, re.sub(r"/t/[a-z]+$", "", caller._base))


async def test_the_same_id_in_two_tenants_is_two_resources(tenants):
    north, south = tenants
    await north.put({**patient("1"), "id": "eve", "gender": "female"})
    await south.put({**patient("1"), "id": "eve", "gender": "male"})

    assert (await north.read("Patient/eve"))["gender"] == "female"
    assert (await south.read("Patient/eve"))["gender"] == "male"
    assert [len(await each.search("Patient")) for each in tenants] == [1, 1]


async def test_the_same_identifier_in_two_tenants_is_two_claims(tenants):
    condition = f"identifier={MRN}|7"

    answers = [
        await each.create(patient("7"), If_None_Exist=condition) for each in tenants
    ]

    assert [each.status for each in answers] == [201, 201]


async def test_the_same_bundle_in_two_tenants_is_carried_out_in_each(tenants):
    bundle = transaction(
        patient(fresh_record()), identifier={"system": "urn:b", "value": "1"}
    )

    answers = [await each.push(bundle, Idempotency_Key="k") for each in tenants]

    assert answers[0].locations != answers[1].locations
    assert [len(await each.search("Patient")) for each in tenants] == [1, 1]


async def test_a_case_of_one_tenant_is_unknown_to_the_other(tenants):
    north, south = tenants
    await north.put({**patient("1"), "id": "eve"})
    await north.create(complaint("Patient/eve", "chest pain"))

    assert await assessed(north, "Patient/eve")

    assert await south.search("Task") == []


async def test_a_token_of_one_tenant_is_unknown_at_the_other(tenants):
    for own, other in (tenants, tenants[::-1]):
        stranger = Caller(own._session, other._base)
        stranger._bearer = own._bearer

        answers = [
            await stranger.get("/fhir/Patient"),
            await stranger.create(patient()),
            await stranger.push_anything(transaction(patient())),
            await stranger.get("/fhir/$quarantine"),
        ]

        assert [each.status for each in answers] == [401] * 4


async def test_links_and_locations_name_the_tenant_s_own_base(tenants):
    for each in tenants:
        created = await each.create(patient())
        found = (await each.get("/fhir/Patient?_count=1")).json
        known = (await each.get("/fhir/metadata")).json

        base = f"{each._base}/fhir"
        assert created.headers["Location"].startswith(f"{base}/Patient/")
        assert found["entry"][0]["fullUrl"].startswith(f"{base}/Patient/")
        assert found["link"][0]["url"].startswith(f"{base}/Patient")
        assert known["implementation"]["url"] == base


async def test_a_page_of_one_tenant_is_no_page_of_the_other(tenants):
    north, south = tenants
    for each in tenants:
        for _ in range(3):
            await each.create(patient(fresh_record()))
    page = (await north.get("/fhir/Patient?_count=1")).json
    following = next(each["url"] for each in page["link"] if each["relation"] == "next")
    path = following.removeprefix(north._base)

    assert (await north.get(path)).status == 200
    assert (await south.get(path)).status == 400


async def test_a_reference_to_the_other_tenant_s_base_is_not_resolved(tenants):
    north, south = tenants
    await north.put({**patient("1"), "id": "eve"})
    foreign = f"{north._base}/fhir/Patient/eve"

    urgent = await south.create(complaint(foreign, "chest pain"))
    kept = await south.create(vital(foreign, at="2001-01-01"))

    assert urgent.status == 422
    assert kept.json["subject"]["reference"] == foreign
    assert await south.search("Patient") == []


async def test_both_logs_verify_and_replay_by_themselves(tmp_path):
    data = tmp_path / "data"
    async with both(data) as feeds:
        for each in feeds:
            await each.put({**patient("1"), "id": "eve"})
            await each.create(complaint("Patient/eve", "chest pain"))
            assert await assessed(each, "Patient/eve")

    for name in (NORTH, SOUTH):
        folder = data / "tenants" / name
        assert verify(folder).problems == ()
        assert replay(folder, progress=lambda _done, _all: None).same


async def test_a_tenant_s_key_does_not_open_the_other_s_log(tmp_path):
    data = tmp_path / "data"
    async with both(data):
        pass
    north, south = (data / "tenants" / each for each in (NORTH, SOUTH))

    with pytest.raises(StoreError):
        Ledger.open(
            north, registry=REGISTRY, tenant=NORTH, kek_file=south / "keys" / "kek"
        )
    with pytest.raises(StoreError):
        Ledger.open(north, registry=REGISTRY, tenant=SOUTH)


async def test_a_tenant_says_where_its_data_and_its_key_are(tmp_path):
    listed = (
        tenant(NORTH, data=tmp_path / "n", key_file=tmp_path / "keys" / "north"),
        tenant(SOUTH, key_file=tmp_path / "keys" / "south"),
    )
    async with both(tmp_path / "data", *listed) as feeds:
        for each in feeds:
            assert (await each.create(patient())).status == 201

    assert (tmp_path / "n" / "log.sqlite").exists()
    assert (tmp_path / "data" / "tenants" / SOUTH / "log.sqlite").exists()
    assert {each.name for each in (tmp_path / "keys").iterdir()} == {"north", "south"}


async def test_each_tenant_has_its_own_rules(tmp_path):
    listed = (tenant(NORTH, rules={"binding": "tag"}), tenant(SOUTH))
    async with both(tmp_path / "data", *listed) as feeds:
        statuses = [(await each.create(patient(gender="x"))).status for each in feeds]

    assert statuses == [201, 422]


async def test_health_and_metrics_are_those_of_the_whole_gateway(tenants):
    north, south = tenants
    await north.create(patient())
    root = root_of(north)

    live, ready = await root.get("/health/live"), await root.get("/health/ready")
    said = (await root.get("/metrics")).body.decode()

    assert (live.status, ready.status) == (200, 200)
    accepted = r'resources_accepted_total\{tenant="(\w+)"\} (\S+)'
    assert dict(re.findall(accepted, said)) == {NORTH: "1.0", SOUTH: "0.0"}
    assert said.count("# TYPE triage_gateway_open_cases gauge") == 1
    assert (await south.get("/metrics")).status == 404
    assert (await south.get("/health/ready")).status == 404


@pytest.mark.parametrize(
    "path", ["/fhir/Patient", "/fhir/metadata", "/t/west/fhir/Patient", "/t", "/"]
)
async def test_what_is_at_no_tenant_s_address_is_not_found(tenants, path):
    answer = await root_of(tenants[0]).get(path)

    assert answer.status == 404
    assert answer.codes == ["not-found"]
    assert NORTH not in answer.said


async def test_a_method_that_an_address_does_not_take_is_refused(tenants):
    outside = await root_of(tenants[0]).request("DELETE", "/health/live")
    inside = await tenants[0].request("DELETE", "/fhir/metadata")

    assert (outside.status, inside.status) == (405, 405)
    assert outside.codes == inside.codes == ["not-supported"]


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ([tenant(NORTH), tenant(NORTH)], "same name"),
        ([tenant(NORTH, data="/d"), tenant(SOUTH, data="/d/../d")], "same data"),
        ([tenant(NORTH, key_file="/k"), tenant(SOUTH, key_file="/k")], "same key_file"),
        ([tenant(NORTH), tenant(SOUTH, clients=clients(NORTH))], "same client's token"),
        ([tenant(NORTH), {"name": SOUTH}], "no clients"),
        ([tenant(NORTH, rules={"structure": "tag"})], "shape"),
        ([{**tenant(NORTH), "name": "North Ward"}], "name"),
        ([{**tenant(NORTH), "port": 1}], "port"),
    ],
)
def test_tenants_that_would_share_something_are_refused(tmp_path, listed, said):
    with pytest.raises(ValueError, match=said):
        settings(tmp_path, *listed)


@pytest.mark.parametrize(
    "more", [{"clients": [Client(**clients(SOUTH)[0])]}, {"key_file": "/k"}]
)
def test_clients_and_keys_beside_tenants_are_refused(tmp_path, more):
    with pytest.raises(ValueError, match="belong to each"):
        settings(tmp_path, tenant(NORTH), **more)


def test_data_from_before_there_were_tenants_are_not_passed_over(tmp_path):
    Ledger.open(tmp_path, registry=REGISTRY).close()

    with pytest.raises(SettingsError, match="without tenants"):
        build(settings(tmp_path, tenant(NORTH)))

    build(settings(tmp_path, tenant(NORTH, data=tmp_path)))


async def test_a_large_bundle_for_later_is_carried_out_in_its_own_tenant(tenants):
    north, south = tenants
    answer = await north.push_anything(
        transaction(patient("1")), Prefer="respond-async"
    )
    place = answer.headers["Content-Location"]

    assert answer.status == 202
    assert place.startswith(f"{north._base}/fhir/")
    path = place.removeprefix(north._base)
    async with asyncio.timeout(60):
        while (done := await north.get(path)).status == 202:
            await asyncio.sleep(0.01)
    assert done.status == 200
    assert len(await north.search("Patient")) == 1
    assert await south.search("Patient") == []
    assert (await south.get(path)).status == 404


def test_a_served_gateway_says_the_base_of_each_tenant(tmp_path):
    gateway = GatewayProcess(tmp_path, dev=True)
    with (tmp_path / "settings.toml").open("a") as settings_file:
        settings_file.write(
            '[[tenants]]\nname = "north"\n[[tenants]]\nname = "south"\n'
        )

    try:
        gateway.start()
        bases = re.findall(r"FHIR base: (\S+)", gateway.output)
    finally:
        gateway.stop()

    assert bases == [f"{gateway.base}/t/{each}/fhir" for each in (NORTH, SOUTH)]


async def test_what_was_accepted_for_later_stays_in_its_tenant(tenants):
    north, south = tenants
    accepted = await north.push_anything(
        transaction(patient(fresh_record())), Prefer="respond-async"
    )
    _, prefix, path = accepted.headers["Content-Location"].partition("/t/north")

    async def done():
        answer = await north.get(path)
        return None if answer.status == 202 else answer

    answer = await until(done)

    assert prefix
    assert answer.status == 200
    assert (await south.get(path)).status == 404
    assert [len(await each.search("Patient")) for each in tenants] == [1, 0]


async def test_tenants_share_one_model_and_keep_answers_and_knowledge_apart(tmp_path):
    known = {"model_name": NAME, "knowledge": some_knowledge(tmp_path)}
    async with (
        model_server() as (model, url),
        both(tmp_path / "data", model_url=url, **known) as feeds,
    ):
        for each, reason in zip(feeds, ("chest pain", "ankle pain"), strict=True):
            await each.put({**patient("1"), "id": "eve"})
            await each.create(complaint("Patient/eve", reason))
        for each in feeds:
            assert await assessed(each, "Patient/eve")
        asked = len(model.prompts)

    # Each of them lets the model pass the fixed cases before it asks about its own.
    assert asked == 2 * (len(CANARIES) + 1)
    assert not (tmp_path / "data" / "knowledge.sqlite").exists()
    for name in (NORTH, SOUTH):
        assert (tmp_path / "data" / "tenants" / name / "knowledge.sqlite").exists()
