"""A server is filled with what is in force, and with nothing else."""

import asyncio

import pytest

from inference.retrieve.index import ensure_index
from inference.retrieve.weaviate import mirror as mirroring
from inference.retrieve.weaviate.generations import PASSAGES, STANDING
from inference.retrieve.weaviate.mirror import ForeignKnowledgeError, Mirror
from inference.schema import RetrievalUnavailableError
from tests.inference import retriever_contract as contract
from tests.inference.retriever_contract import HANG_S, KNEE, WordEmbedder, ask, found
from tests.inference.weaviate_shelf import on_the_wire


class Site:
    """An index file, and the versions that a log tells of."""

    def __init__(self, shelf, index):
        self.shelf = shelf
        self.index = index
        self.versions = []
        self.mirror = Mirror(shelf.store(), index, lambda: tuple(self.versions))

    def load(self, passages):
        self.versions.append(ensure_index(self.index, passages, WordEmbedder()))

    async def found(self, *texts):
        return await found(self.retriever(), *texts)

    def retriever(self):
        return self.shelf.retriever(wanted=self.mirror.wanted)


@pytest.fixture
async def site(tmp_path):
    async with on_the_wire() as weaviate:
        yield Site(weaviate, tmp_path / "knowledge.sqlite")


async def test_nothing_is_done_before_something_was_loaded(site):
    await site.mirror.look()

    assert site.shelf.wire.schema == {}


async def test_an_empty_server_is_filled_with_what_the_index_file_holds(site):
    site.load(contract.PASSAGES)

    await site.mirror.look()

    retrieval = await ask(site.retriever(), "sore knee")
    assert [each.id for each in retrieval.passages] == ["t#knee"]
    assert retrieval.index == site.versions[-1]


async def test_a_server_that_lost_its_content_is_filled_again(site):
    site.load(contract.PASSAGES)
    await site.mirror.look()
    for name in (PASSAGES, STANDING):
        del site.shelf.wire.objects[name, site.shelf.tenant]
    with pytest.raises(RetrievalUnavailableError):
        await site.found("sore knee")

    await site.mirror.look()

    assert await site.found("sore knee") == ["t#knee"]


async def test_a_new_load_is_answered_from_once_the_server_has_it(site):
    site.load(contract.PASSAGES)
    await site.mirror.look()
    site.load([KNEE])
    site.shelf.wire.read_only = True
    with pytest.raises(RetrievalUnavailableError, match="read-only"):
        await site.mirror.look()
    with pytest.raises(RetrievalUnavailableError, match="in force"):
        await site.found("sore knee")
    site.shelf.wire.read_only = False

    await site.mirror.look()

    assert await site.found("sore knee", "warfarin bleeding") == ["t#knee"]


async def test_what_another_gateway_has_put_there_is_left_alone(site):
    theirs = await site.shelf.put([KNEE])
    site.load(contract.PASSAGES)

    with pytest.raises(ForeignKnowledgeError, match="never loaded"):
        await site.mirror.look()

    assert (await ask(site.shelf.retriever(), "sore knee")).index == theirs


async def test_knowledge_that_was_embedded_anew_replaces_our_own(site):
    old = WordEmbedder("words@0")
    site.versions.append(await site.shelf.put([KNEE], old))
    site.load([KNEE])

    await site.mirror.look()

    assert await site.found("sore knee") == ["t#knee"]


async def test_an_index_file_of_another_version_fills_nothing(site):
    site.load([KNEE])
    site.versions.append("loaded by another gateway of the log")

    with pytest.raises(RetrievalUnavailableError, match="not the one in force"):
        await site.mirror.look()


@pytest.mark.parametrize("content", [b"", b"no index"])
async def test_a_damaged_index_file_fills_nothing(site, content):
    site.load([KNEE])
    site.index.write_bytes(content)

    with pytest.raises(RetrievalUnavailableError, match="damaged"):
        await site.mirror.look()


async def test_each_trouble_is_told_once_and_the_server_is_filled_after_it(
    site, monkeypatch
):
    monkeypatch.setattr(mirroring, "_AGAIN_S", 0.0)
    site.load(contract.PASSAGES)
    site.shelf.wire.read_only = True
    told, looked = [], asyncio.Event()
    look = site.mirror.look

    async def counted():
        try:
            await look()
        finally:
            looked.set()

    monkeypatch.setattr(site.mirror, "look", counted)
    keeping = asyncio.create_task(site.mirror.keep(told.append))
    async with asyncio.timeout(HANG_S):
        for _ in range(3):
            looked.clear()
            await looked.wait()
        site.shelf.wire.read_only = False
        while not await site.mirror._store.holds(site.versions[-1]):
            await asyncio.sleep(0.05)
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping

    assert len(told) == 1
    assert "read-only" in told[0]
    assert await site.found("sore knee") == ["t#knee"]
