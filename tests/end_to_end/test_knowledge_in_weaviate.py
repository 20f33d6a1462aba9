"""A gateway whose knowledge is in Weaviate (its wire), from the case to the prompt."""

import json
import sqlite3
import subprocess
import sys
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

from gateway import knowledge_server, logs
from gateway.settings import Settings
from gateway.store.errors import LogUnavailableError
from inference.retrieve.weaviate.generations import PASSAGES, STANDING
from tests.gateway_inside import gateway_inside
from tests.inference.retriever_contract import WordEmbedder
from tests.knowledge import some_knowledge
from tests.model_server import NAME, model_server
from tests.patients import fresh_record, visit
from tests.weaviate_wire import KEY, weaviate_wire
from tests.worklist import assessed

ROOT = Path(__file__).resolve().parents[2]
NOTHING = "No passage is available"


@asynccontextmanager
async def site(folder, **changes):
    """Give a caller of a gateway, its model, and the stand-in for Weaviate."""
    async with AsyncExitStack() as held:
        wire = await held.enter_async_context(weaviate_wire())
        model, url = await held.enter_async_context(model_server())
        settings = {
            "model_url": url,
            "model_name": NAME,
            "model_shadow": False,
            "knowledge": some_knowledge(folder),
            "weaviate_url": wire.url,
            "weaviate_grpc_port": wire.grpc_port,
            "weaviate_api_key": KEY,
            "weaviate_timeout_seconds": 5,
            **changes,
        }
        gateway = gateway_inside(folder / "d", dev=True, **settings)
        yield await held.enter_async_context(gateway), model, wire


async def judged(caller, model):
    """Send a case; return what the model was told once it has answered."""
    answer = await caller.push(visit(fresh_record(), "chest pain"))
    await assessed(caller, answer.locations[0].partition("/_history")[0])
    return json.dumps(model.prompts[-1])


def searched(wire):
    return [each for each in wire.searches if each.HasField("hybrid_search")]


def index_of(folder):
    with closing(sqlite3.connect(folder / "d" / "knowledge.sqlite")) as index:
        return index.execute("SELECT version FROM about").fetchone()[0]


async def test_a_case_is_judged_by_passages_that_weaviate_found(tmp_path):
    async with site(tmp_path) as (caller, model, wire):
        prompt = await judged(caller, model)

        version = index_of(tmp_path)
        assert NOTHING not in prompt
        assert {each.tenant for each in searched(wire)} == {"default"}
        assert all(version in str(each.filters) for each in searched(wire))
        kept = wire.objects[PASSAGES, "default"].values()
        assert {properties["generation"] for properties, _ in kept} == {version}


async def test_a_case_is_judged_without_evidence_while_weaviate_is_away(tmp_path):
    async with site(tmp_path, weaviate_timeout_seconds=0.3) as (caller, model, wire):
        await wire.stop()
        prompt = await judged(caller, model)
        await wire.start()

        assert "chest pain" in prompt
        assert NOTHING in prompt


async def test_knowledge_of_another_gateway_is_not_quoted_and_stays(tmp_path):
    async with site(tmp_path) as (caller, model, wire):
        await judged(caller, model)
        before = dict(wire.objects[STANDING, "default"])
        other = tmp_path / "other"
        other.mkdir()
        settings = {
            "weaviate_url": wire.url,
            "weaviate_grpc_port": wire.grpc_port,
            "knowledge": one_document(other),
        }
        async with site(other, **settings) as (their_caller, theirs, _):
            prompt = await judged(their_caller, theirs)

        assert "chest pain" in prompt
        assert NOTHING in prompt
        assert wire.objects[STANDING, "default"] == before


def one_document(folder):
    few = folder / "few"
    few.mkdir()
    text = (some_knowledge(folder) / "chest-pain.md").read_text("utf-8")
    (few / "own.md").write_text(text, "utf-8")
    return few


async def test_a_log_that_cannot_be_read_is_told_and_a_key_in_clear_too(
    tmp_path, capsys
):
    class Unreadable:
        def stream(self, _name):
            raise LogUnavailableError("The disk fails.")

    logs.configure("json")
    settings = Settings(
        data=tmp_path,
        dev=True,
        weaviate_url="http://weaviate.invalid:8080",
        weaviate_api_key=KEY,
    )
    async with AsyncExitStack() as held:
        await knowledge_server.opened(
            settings,
            tmp_path / "knowledge.sqlite",
            WordEmbedder(),
            held,
            ledger=Unreadable(),
        )

    told = capsys.readouterr().err
    assert "The log cannot be read." in told
    assert "knowledge.plain" in told
    assert KEY not in told


def test_a_gateway_without_weaviate_does_not_import_its_client():
    program = (
        "import sys, gateway.app, gateway.knowledge_base, gateway.knowledge_server;"
        "print([m for m in ('weaviate', 'grpc', 'httpx') if m in sys.modules])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert loaded.strip() == "[]"
