"""A tenant's knowledge in Weaviate, as a test puts it there and asks for it."""

import os
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import pytest

from inference.knowledge import index_version
from inference.retrieve.index import embedded_text
from inference.retrieve.weaviate.connection import Connection
from inference.retrieve.weaviate.generations import (
    PASSAGES,
    STANDING,
    passages_of,
    standing_of,
)
from inference.retrieve.weaviate.objects import object_id
from inference.retrieve.weaviate.retriever import WeaviateRetriever
from inference.retrieve.weaviate.server import WeaviateServer
from inference.retrieve.weaviate.store import WeaviateStore
from tests.inference.retriever_contract import WordEmbedder
from tests.weaviate_wire import KEY, weaviate_wire


class Weaviate:
    """A tenant's knowledge in a server."""

    def __init__(self, server, held, wire=None):
        self.server = server
        self.wire = wire
        self.tenant = f"test-{uuid4().hex[:12]}"
        self._held = held
        self.connection = self.connect()

    def connect(self, **changes):
        connection = Connection(
            WeaviateServer(
                **{
                    "url": self.server.url,
                    "grpc_port": self.server.grpc_port,
                    "api_key": self.server.api_key,
                    "seconds": self.server.seconds,
                    "load_seconds": self.server.load_seconds,
                    **changes,
                }
            )
        )
        self._held.push_async_callback(connection.close)
        return connection

    def store(self, embedder="words@1", **changes):
        connection = self.connect(**changes) if changes else self.connection
        return WeaviateStore(connection, tenant=self.tenant, embedder=embedder)

    async def put(self, passages, embedder=None):
        embedder = embedder or WordEmbedder()
        version = index_version(passages, embedder=embedder.identity)
        vectors = embedder.embed_passages([embedded_text(each) for each in passages])
        store = self.store(embedder.identity)
        await store.load(passages, vectors, version=version)
        return version

    def retriever(self, embedder=None, wanted=None, **changes):
        return WeaviateRetriever(
            self.connect(**changes),
            embedder or WordEmbedder(),
            tenant=self.tenant,
            wanted=wanted,
        )

    async def tamper(self, name, text):
        async with self.connection.lent(10) as client:
            standing = await standing_of(client, self.tenant)
            objects = passages_of(client, self.tenant)
            uuid = object_id(self.tenant, standing.version, name)
            await objects.data.update(uuid, properties={"text": text})

    async def take_away(self):
        if self.wire is None:
            pytest.skip("a real server is not stopped by a test")
        await self.wire.stop()

    async def bring_back(self):
        await self.wire.start()

    async def clear(self):
        async with self.connection.lent(30) as client:
            for name in (PASSAGES, STANDING):
                if await client.collections.exists(name):
                    await client.collections.use(name).tenants.remove([self.tenant])


@asynccontextmanager
async def on_the_wire(seconds=3.0):
    async with weaviate_wire() as wire, AsyncExitStack() as held:
        server = WeaviateServer(
            url=wire.url,
            grpc_port=wire.grpc_port,
            api_key=KEY,
            seconds=seconds,
            load_seconds=seconds,
        )
        yield Weaviate(server, held, wire)


@asynccontextmanager
async def on_a_server():
    url = os.environ.get("WEAVIATE_TEST_URL")
    if not url:
        pytest.skip("WEAVIATE_TEST_URL names no Weaviate server")
    server = WeaviateServer(
        url=url,
        grpc_port=int(os.environ.get("WEAVIATE_TEST_GRPC_PORT", "50051")),
        api_key=os.environ.get("WEAVIATE_TEST_API_KEY"),
        seconds=10,
    )
    async with AsyncExitStack() as held:
        weaviate = Weaviate(server, held)
        try:
            yield weaviate
        finally:
            await weaviate.clear()
