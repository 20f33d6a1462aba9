"""Whatever came between, a start uses the index that the log names, or says why not."""

import asyncio
from contextlib import AsyncExitStack, closing
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from domain.events import REGISTRY
from gateway import knowledge_base
from gateway.intake.bookshelf import KnowledgeUnit, loading, told
from gateway.knowledge_base import FIRST
from gateway.settings import Settings
from gateway.store.backup import BackupRequest, back_up
from gateway.store.keyfile import default_key_file
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.store.restore import copy_log, prove
from inference.embed import MiniLmEmbedder
from inference.knowledge import markdown_document
from inference.retrieve.absent import AbsentRetriever
from inference.retrieve.index import no_progress
from inference.schema import Query, RetrievalUnavailableError
from inference.shelf import INDEX, alone, keep, prepare, put_in_place, version_of

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEXT = """---
title: Sore knee
kind: clinic-guideline
source: A. Author, Knees, 2020
date: 2020
population: adult
licence: CC0-1.0
---

## When

A sore knee after a fall is seen today.
"""
HIP = markdown_document(TEXT.replace("knee", "hip"), name="hip.md")
EMBEDDER = MiniLmEmbedder.packaged()


@pytest.fixture
def site(tmp_path):
    """A gateway's log and settings, which name one document for the first start."""
    folder, data = tmp_path / "first", tmp_path / "data"
    folder.mkdir()
    (folder / "knee.md").write_text(TEXT)
    settings = Settings(data=data, dev=True, knowledge=folder)
    with closing(Ledger.open(data, registry=REGISTRY, tenant="site")) as ledger:
        yield SimpleNamespace(settings=settings, ledger=ledger, clock=lambda: AT)


async def asked(site, text="sore knee"):
    """Open the knowledge base as a start does; return what it finds."""
    query = Query(texts=(text,), population=("adult",), today=date(2026, 11, 23))
    async with AsyncExitStack() as held:
        retriever = await knowledge_base.opened(site, held)
        return await retriever.retrieve(query)


def record(site, documents, *, embedder=EMBEDDER.identity, content=None):
    """Let the log say that documents were loaded; return the command."""
    command = loading(
        documents,
        content=content or keep(site.settings.data, documents),
        embedder=embedder,
        instead_of=told(site.ledger.stream).index,
        by="Jo",
        at=AT,
    )
    context = Context(at=AT, actor="test", request="1")
    site.ledger.submit_sync(KnowledgeUnit(command=command, context=context))
    return command


async def test_the_first_start_loads_what_the_settings_name_and_later_ones_do_not(site):
    found = await asked(site)
    (site.settings.knowledge / "knee.md").write_text(TEXT.replace("today", "soon"))
    again = await asked(site)

    (event,) = [each.event for each in site.ledger.stream("knowledge")]
    assert (event.by, event.index) == (FIRST, found.index)
    assert again == found
    assert [each.id for each in found.passages] == ["knee#when"]


async def test_what_a_backup_brings_back_is_quoted_again(site, tmp_path):
    before = await asked(site)
    asked_for = BackupRequest(
        folder=site.settings.data,
        target=tmp_path / "backup",
        key=default_key_file(site.settings.data),
        made=AT.isoformat(),
        program="test",
    )
    back_up(asked_for, progress=no_progress)
    (site.settings.knowledge / "knee.md").unlink()
    sound = prove(tmp_path / "backup", key_file=None, known=(), progress=no_progress)
    data = tmp_path / "new"
    data.mkdir()
    copy_log(sound, data, server=None, destroyed=(), progress=no_progress)

    with closing(Ledger.open(data, registry=REGISTRY, tenant="site")) as ledger:
        settings = site.settings.model_copy(update={"data": data})
        there = SimpleNamespace(settings=settings, ledger=ledger, clock=lambda: AT)
        after = await asked(there)

    assert after == before


async def test_an_index_that_was_prepared_when_its_load_died_is_put_in_place(site):
    await asked(site)
    command = record(site, [HIP])
    prepare(site.settings.data, HIP.passages, EMBEDDER)

    found = await asked(site, "sore hip")

    assert found.index == command.index == version_of(site.settings.data / INDEX)
    assert [each.id for each in found.passages] == ["hip#when"]


async def test_an_index_that_is_lost_is_made_again_from_what_was_kept(site):
    await asked(site)
    command = record(site, [HIP])
    (site.settings.data / INDEX).unlink()

    assert (await asked(site, "sore hip")).index == command.index


async def test_what_the_log_does_not_tell_of_is_not_used(site):
    first = await asked(site)
    with alone(site.settings.data):
        other = prepare(site.settings.data, HIP.passages, EMBEDDER)
        put_in_place(site.settings.data, other)

    assert (await asked(site)).index == first.index != other


async def test_another_gateway_of_the_log_makes_the_first_knowledge_for_itself(
    site, tmp_path
):
    first = await asked(site)
    settings = Settings(
        data=tmp_path / "other", dev=True, knowledge=site.settings.knowledge
    )
    other = SimpleNamespace(settings=settings, ledger=site.ledger, clock=site.clock)

    assert await asked(other) == first
    assert len(site.ledger.stream("knowledge")) == 1


async def test_an_evaluation_reads_what_its_settings_name_without_a_log(site):
    query = Query(texts=("sore knee",), population=("adult",), today=date(2026, 11, 23))
    async with AsyncExitStack() as held:
        retriever = await knowledge_base.unlogged(site.settings, held)
        found = await retriever.retrieve(query)

    assert [each.id for each in found.passages] == ["knee#when"]
    assert told(site.ledger.stream).index == ""


async def refusal(site):
    with pytest.raises(RetrievalUnavailableError) as refused:
        await asked(site)
    return str(refused.value)


async def test_documents_that_are_not_here_are_asked_for(site):
    await asked(site)
    command = record(site, [HIP])
    (site.settings.data / "knowledge" / f"{command.content}.jsonl").unlink()

    assert "load them here, too" in await refusal(site)


async def test_documents_that_do_not_give_the_index_are_refused(site):
    await asked(site)
    knee = keep(site.settings.data, [markdown_document(TEXT, name="knee.md")])
    record(site, [HIP], content=knee)

    assert "do not give the index of the log" in await refusal(site)


async def test_another_embedding_model_than_the_logs_is_refused(site):
    record(site, [HIP], embedder="other@1")

    said = await refusal(site)

    assert "embedded by other@1" in said
    assert EMBEDDER.identity in said


async def test_a_first_document_that_is_refused_is_named(site):
    (site.settings.knowledge / "knee.md").write_text("x")

    assert "knee.md, line 1: begin the document" in await refusal(site)
    assert told(site.ledger.stream).index == ""


async def test_a_load_that_is_running_is_not_disturbed(site):
    await asked(site)
    record(site, [HIP])

    with alone(site.settings.data):
        assert "is being loaded" in await refusal(site)


async def test_what_could_not_be_opened_at_the_start_is_opened_when_it_can(
    site, monkeypatch
):
    monkeypatch.setattr(knowledge_base, "AGAIN_S", 0.01)
    query = Query(texts=("sore knee",), population=("adult",), today=AT.date())
    async with AsyncExitStack() as held:
        with alone(site.settings.data):
            retriever = await knowledge_base.opened(site, held)
            with pytest.raises(RetrievalUnavailableError, match="being loaded"):
                await retriever.retrieve(query)
        async with asyncio.timeout(60):
            while isinstance(retriever.found, AbsentRetriever):
                await asyncio.sleep(0.01)

        assert (await retriever.retrieve(query)).passages


async def test_a_gateway_that_still_tries_to_open_its_knowledge_can_be_stopped(site):
    async with AsyncExitStack() as held:
        with alone(site.settings.data):
            retriever = await knowledge_base.opened(site, held)

    assert isinstance(retriever.found, AbsentRetriever)


async def test_a_folder_without_a_cross_encoder_leaves_no_evidence_and_says_so(
    site, tmp_path
):
    site.settings = site.settings.model_copy(update={"reranker_folder": tmp_path})

    with pytest.raises(RetrievalUnavailableError, match="cross-encoder"):
        await asked(site)


@pytest.mark.parametrize("wrong", ["Britain", "gb", "GB-LONDON"])
def test_a_jurisdiction_is_a_code(tmp_path, wrong):
    with pytest.raises(ValueError, match="jurisdiction"):
        Settings(data=tmp_path, dev=True, jurisdiction=wrong)
