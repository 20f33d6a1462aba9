import asyncio
import threading
from typing import NamedTuple

import pytest

from tests.audit.a_case import played, raw_answer
from tests.model_server import NAME, ModelServer, model_server


class Live(NamedTuple):
    """A model server, and the options that name it."""

    options: list[str]
    model: ModelServer


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """A case that was played once for all tests of a module; nobody may change it."""
    return asyncio.run(played(tmp_path_factory.mktemp("played") / "data"))


@pytest.fixture
def live_model():
    """Run the model server of the played case beside the test."""
    loop, ready, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    found = []

    async def serve():
        async with model_server() as (model, url):
            model.write = raw_answer
            found.append(Live(["--model-url", url, "--model-name", NAME], model))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(60)
    yield found[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(60)
    loop.close()
