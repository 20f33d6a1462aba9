import aiohttp
import pytest

from gateway.demo import reader
from gateway.demo.reader import Reader
from tests.gateway_inside import gateway_inside


@pytest.fixture
async def gateway(tmp_path):
    async with gateway_inside(tmp_path / "data", dev=True) as one:
        yield one


async def test_all_that_a_search_finds_is_read_over_several_pages(gateway, monkeypatch):
    monkeypatch.setattr(reader, "_PAGE", 2)
    for number in range(5):
        await gateway.create(
            {"resourceType": "Task", **_TASK, "description": f"{number}"}
        )

    async with aiohttp.ClientSession() as session:
        tasks = await Reader(session, f"{gateway._base}/fhir").tasks()

    assert sorted(each["description"] for each in tasks) == list("01234")


_TASK = {"resourceType": "Task", "status": "draft", "intent": "order"}
