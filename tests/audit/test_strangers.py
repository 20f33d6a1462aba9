"""What the gateway keeps in its data folder is told from what others put there."""

from pathlib import Path

import pytest

from gateway.audit.strangers import is_own, strangers
from inference.knowledge import starter_folder
from tests.callers import FEED
from tests.erasure.command import erase
from tests.erasure.stories import Marked
from tests.gateway_inside import gateway_inside
from tests.model_server import NAME, model_server

EVE = Marked("evevev", "eve-chosen-1")


async def test_a_gateway_writes_nothing_that_is_strange_to_it(tmp_path):
    data = tmp_path / "data"
    async with model_server() as (_, url):
        known = {"model_url": url, "model_name": NAME, "knowledge": starter_folder()}
        async with gateway_inside(data, **known) as one:
            await one.called(FEED).push(EVE.bundle)
            running = strangers(data)
    assert (await erase(data, EVE.id)).exit_code == 0

    assert running == strangers(data) == []


@pytest.mark.parametrize(
    "place",
    [
        "log.sqlite.bak",
        "old/log.sqlite",
        "erasures/notes.txt",
        "erasures/2026/1.json",
        "keys/kek.old",
        "knowledge/log.sqlite-wal",
        "export.ndjson",
    ],
)
def test_what_is_like_one_of_its_files_is_none(place):
    assert not is_own(Path(place))


@pytest.mark.parametrize(
    "place",
    [
        "log.sqlite-wal",
        "projections.sqlite.part-shm",
        "keys/kek.next.new",
        "erasures/1.json",
        "witnesses/city.checkpoint",
        "knowledge/.index-abc",
        "knowledge/.index-abc/knowledge.sqlite-journal",
        "knowledge/.kept-abc",
    ],
)
def test_what_it_leaves_when_it_is_killed_is_its_own(place):
    assert is_own(Path(place))
