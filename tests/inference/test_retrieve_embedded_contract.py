"""The embedded index keeps what every retriever promises."""

import sqlite3
from contextlib import closing

import pytest

from inference.retrieve.embedded import EmbeddedRetriever
from inference.retrieve.index import ensure_index
from tests.inference.retriever_contract import RetrieverContract, WordEmbedder


class File:
    """An index file."""

    def __init__(self, folder):
        self.path = folder / "knowledge.sqlite"
        self.away = folder / "away.sqlite"

    async def put(self, passages):
        return ensure_index(self.path, passages, WordEmbedder())

    def retriever(self, embedder=None):
        return EmbeddedRetriever(self.path, embedder or WordEmbedder())

    async def tamper(self, name, text):
        with closing(sqlite3.connect(self.path)) as index, index:
            index.execute("UPDATE passage SET text = ? WHERE id = ?", (text, name))

    async def take_away(self):
        self.path.rename(self.away)

    async def bring_back(self):
        self.away.rename(self.path)


@pytest.fixture
def shelf(tmp_path):
    return File(tmp_path)


class TestEmbedded(RetrieverContract):
    pass
