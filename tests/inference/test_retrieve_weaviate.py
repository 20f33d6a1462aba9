"""Weaviate keeps what every retriever promises, by the real client.

Everywhere: against the stand-in for the server's wire. Where WEAVIATE_TEST_URL names
a server (WEAVIATE_TEST_GRPC_PORT, WEAVIATE_TEST_API_KEY): against that, too.
"""

import pytest

from tests.inference.retriever_contract import RetrieverContract
from tests.inference.weaviate_shelf import on_a_server, on_the_wire


@pytest.fixture(params=[on_the_wire, on_a_server], ids=["wire", "server"])
async def shelf(request):
    async with request.param() as weaviate:
        yield weaviate


class TestWeaviate(RetrieverContract):
    pass
