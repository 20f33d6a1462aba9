"""A whole gateway whose log is in PostgreSQL, and several of them."""

import asyncio
from collections import Counter

import pytest
from click.testing import CliRunner

from gateway.__main__ import main
from gateway.app import build
from gateway.audit.replay import replay
from gateway.parts import server_of
from gateway.settings import Settings, SettingsError, load
from gateway.store.ledger import Ledger
from gateway.store.postgres.database import PostgresLog
from gateway.store.server import URL, Server
from gateway.store.verification import verify
from gateway.workers import cases
from tests.callers import AUDITOR, CLIENTS, FEED, NURSE
from tests.erasure.command import erase
from tests.erasure.stories import Marked, live
from tests.gateway_inside import gateway_inside
from tests.knowledge import some_knowledge
from tests.model_server import NAME, model_server
from tests.patients import complaint, visit
from tests.postgres import running
from tests.worklist import acuity, assessed, completed, open_task, until


@pytest.fixture
def stored(postgres, tmp_path, monkeypatch):
    """Settings of gateways that share a log."""
    monkeypatch.setenv(URL, postgres.url)
    return {
        "database_url": postgres.url,
        "database_schema": postgres.fresh().schema,
        "key_file": tmp_path / "kek",
        "dev": True,
    }


async def test_the_loop_runs_and_is_replayed_from_the_server(tmp_path, stored):
    data = tmp_path / "data"
    async with gateway_inside(data, **stored) as caller:
        pushed = await caller.push(visit("1", "chest pain"))
        whom = pushed.locations[0].partition("/_history")[0]
        task = await open_task(caller, whom)
        done = await completed(caller, task, decision="accepted", acuity=acuity(task))

    kek = stored["key_file"]
    found = replay(data, kek_file=kek, progress=lambda *_: None)
    assert done["status"] == "completed"
    assert (found.findings, found.compared, found.floors) == ((), True, 1)
    assert verify(data, kek_file=kek).problems == ()
    assert not (data / "log.sqlite").exists()


async def test_what_one_gateway_took_the_other_shows_and_carries_on(tmp_path, stored):
    async with (
        gateway_inside(tmp_path / "one", **stored) as one,
        gateway_inside(tmp_path / "two", **stored) as two,
    ):
        pushed = await one.push(visit("1", "chest pain"))
        again = await two.push(visit("1", "chest pain"))
        whom = pushed.locations[0].partition("/_history")[0]

        (here,) = await assessed(one, whom)
        (there,) = await assessed(two, whom)
        taken = await completed(two, there, decision="accepted", acuity=acuity(there))

        async def reviewed():
            shown = await one.read(f"Task/{here['id']}")
            return shown["status"] == "completed"

        await until(reviewed)

    assert again.locations == pushed.locations
    assert here["id"] == there["id"]
    assert taken["status"] == "completed"


async def test_a_case_that_another_gateway_holds_is_taken_once_it_is_free(
    tmp_path, stored, monkeypatch
):
    monkeypatch.setattr(cases, "_OTHERS_S", 0.05)
    claim, refused = PostgresLog.claim, Counter()

    def seldom(self, names):
        kind = next(iter(names)).partition("/")[0]
        refused[kind] += 1
        return claim(self, names) if refused[kind] > 2 else ()

    monkeypatch.setattr(PostgresLog, "claim", seldom)
    async with (
        model_server() as (_, url),
        gateway_inside(
            tmp_path / "data",
            **stored,
            model_url=url,
            model_name=NAME,
            knowledge=some_knowledge(tmp_path),
        ) as caller,
    ):
        pushed = await caller.push(visit("1", "chest pain"))
        whom = pushed.locations[0].partition("/_history")[0]

        tasks = await assessed(caller, whom)

    assert len(tasks) == 1
    assert refused["floor"] > 2
    assert refused["model"] > 2


async def test_two_tenants_have_a_schema_each(tmp_path, postgres, monkeypatch):
    monkeypatch.setenv(URL, postgres.url)
    tenants = tuple(
        {"name": name, "database_schema": postgres.fresh().schema}
        for name in ("north", "south")
    )
    settings = {"database_url": postgres.url, "tenants": tenants, "dev": True}

    async with gateway_inside(tmp_path, **settings) as caller:
        north = await caller.request("POST", "/t/north/fhir", visit("1", "chest pain"))
        south = await caller.get("/t/south/fhir/Patient?_summary=count")

    assert (north.status, south.json["total"]) == (200, 0)
    for name in ("north", "south"):
        assert verify(tmp_path / "tenants" / name).problems == ()


async def test_a_server_that_is_started_anew_costs_a_503_and_nothing_else(
    tmp_path, monkeypatch
):
    with running(fsync=True) as own:
        monkeypatch.setenv(URL, own.url)
        stored = {"database_url": own.url, "dev": True}
        async with gateway_inside(tmp_path, **stored) as caller:
            kept = await caller.push(visit("1", "chest pain"))
            own.stop()
            refused = await caller.push_anything(visit("2", "chest pain"))

            async def unready():
                answer = await caller.get("/health/ready")
                return answer if answer.status == 503 else None

            told = await until(unready)
            own.start()

            async def taken():
                answer = await caller.push_anything(visit("2", "chest pain"))
                return answer.status == 200 and answer.locations

            again = await until(taken)
            for locations in (kept.locations, again):
                whom = locations[0].partition("/_history")[0]
                assert len(await assessed(caller, whom)) == 1

            async def ready():
                return (await caller.get("/health/ready")).status == 200

            await until(ready)

    assert (refused.status, refused.headers["Retry-After"]) == (503, "10")
    assert "The log's database does not answer." in told.json["reasons"]
    assert "correct" not in refused.said


async def test_a_restarted_gateway_rebuilds_its_read_models_from_the_server(
    tmp_path, stored
):
    data, kek = tmp_path / "data", stored["key_file"]
    async with gateway_inside(data, **stored) as caller:
        await caller.push(visit("1", "chest pain"))
    arguments = ["rebuild", "--data", str(data), "--key-file", str(kek)]

    done = await asyncio.to_thread(CliRunner().invoke, main, arguments)

    assert done.exit_code == 0, done.output
    assert "rebuilt up to position" in done.output
    assert replay(data, kek_file=kek, progress=lambda *_: None).findings == ()


def test_the_address_may_be_in_a_file_that_the_settings_name(tmp_path):
    file = tmp_path / "url"
    file.write_text("postgresql://h/d\n")
    settings = Settings(data=tmp_path, dev=True, database_url_file=file)

    assert server_of(settings) == Server("postgresql://h/d", "triage_gateway")
    assert server_of(Settings(data=tmp_path, dev=True)) is None


def test_a_file_and_an_address_are_one_too_many(tmp_path):
    file = tmp_path / "url"
    file.write_text("postgresql://h/d")

    with pytest.raises(SettingsError, match="once"):
        load(
            {
                "data": tmp_path,
                "dev": True,
                "database_url": "postgresql://:secret@h/d",
                "database_url_file": file,
            }
        )


def test_each_tenant_has_a_schema_of_its_own(tmp_path):
    tenants = [{"name": "north-1"}, {"name": "south", "database_schema": "s"}]
    known = {"data": tmp_path, "dev": True, "database_url": "postgresql://h/d"}
    settings = load({**known, "tenants": tenants})

    schemas = [settings.of(each).database_schema for each in settings.tenants]

    assert schemas == ["triage_gateway_north_1", "s"]
    for wrong in (
        {"tenants": [*tenants, {"name": "west", "database_schema": "s"}]},
        {"tenants": tenants, "database_schema": "s"},
    ):
        with pytest.raises(SettingsError, match="schema"):
            load({**known, **wrong})


def test_a_folder_whose_log_is_in_a_server_is_not_left_behind_by_tenants(
    tmp_path, postgres
):
    Ledger.open(tmp_path, registry={}, server=postgres.fresh()).close()

    with pytest.raises(SettingsError, match="without tenants"):
        build(Settings(data=tmp_path, dev=True, tenants=({"name": "north"},)))


async def test_a_patient_is_erased_while_another_gateway_goes_on(tmp_path, stored):
    here, there, kek = tmp_path / "here", tmp_path / "there", stored["key_file"]
    options = {**stored, "dev": False, "clients": CLIENTS}
    eve, adam = Marked("evevev", "eve-chosen-1"), Marked("adamam", "adam-chosen-2")
    async with gateway_inside(there, **options) as other:
        async with gateway_inside(here, **options) as one:
            task = await live(one, eve)
            await live(one, adam)
        feed, nurse = other.called(FEED), other.called(NURSE)
        known = {**complaint(eve.name, "still"), "id": "told-there"}
        assert (await feed.put(known)).status == 201  # so it remembers her key

        erased = await erase(here, eve.id, "--key-file", kek)

        assert erased.exit_code == 0, erased.output

        async def gone():
            return (await nurse.get(f"/fhir/{eve.name}")).status == 410

        await until(gone)
        for path in (f"{eve.name}/_history/1", "Observation/told-there", task):
            assert (await nurse.get(f"/fhir/{path}")).status == 410, path
        assert await feed.search(f"Patient?family={eve.family}") == []
        assert (await feed.push_anything(eve.bundle)).status == 410
        assert (await feed.put(known)).status == 201  # nothing of before is remembered
        again = await feed.push_anything(eve.bundle, Idempotency_Key="anew")
        assert again.status == 200
        assert (await nurse.read(eve.name))["meta"]["versionId"] == "2"
        assert (await nurse.get(f"/fhir/{adam.name}")).status == 200
        # Its AuditEvents follow at their own pace: who searches waits for them.
        await other.called(AUDITOR).search("AuditEvent?_summary=count")

    for folder in (here, there):
        assert verify(folder, kek_file=kek).problems == ()
        assert replay(folder, kek_file=kek, progress=lambda *_: None).findings == ()
