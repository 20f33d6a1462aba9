"""The harness around the checks: what breaks is said, and under the right name."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web

from tests.crash import harness
from tests.crash.asked import Asked
from tests.crash.checks import UnkeptError
from tests.crash.faults import FAULTS, faults_of
from tests.crash.harness import Campaign
from tests.crash.load import CLIENTS
from tests.crash.scene import Scene
from tests.crash.schedule import Round

pytestmark = pytest.mark.usefixtures("compiler")
WRONG, BUSY = 404, 503
ASKED = Asked(seed="s", database="sqlite", rounds=2, faults=("kill",), every=2, first=5)


class Answering:
    """A server that answers the first client wrongly, once it is let go."""

    def __init__(self):
        self.asked = 0
        self.let_go = asyncio.Event()

    async def answer(self, request):
        await request.read()
        self.asked += 1
        first = self.asked == 1
        await self.let_go.wait()
        return web.json_response({}, status=WRONG if first else BUSY)


class Standing:
    """A gateway that is there already."""

    def __init__(self, base, folder):
        self.base = base
        self.data = folder
        self.port = int(base.rpartition(":")[2])

    def start(self):
        """It stands."""

    def stop(self):
        """It stays."""

    end = stop


@asynccontextmanager
async def served(answer):
    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def scene_of(answering, folder):
    """Give a scene with all of its clients waiting for an answer."""
    async with served(answering.answer) as base:
        scene = Scene(Standing(base, folder), seed="1")
        async with scene, asyncio.timeout(60):
            scene.load.go(1)
            while answering.asked < CLIENTS:
                await asyncio.sleep(0.01)
            yield scene


async def test_a_promise_broken_while_the_clients_drain_is_this_round_s(tmp_path):
    answering = Answering()

    async def drained():
        async with scene_of(answering, tmp_path) as scene:
            asyncio.get_running_loop().call_later(0.05, answering.let_go.set)
            await scene.quiet()
            pytest.fail("The round was kept.")

    with pytest.raises(ExceptionGroup) as raised:
        await drained()

    assert "404" in str(raised.value.exceptions[0])


async def test_a_promise_broken_after_the_last_check_is_told_at_the_end(tmp_path):
    answering = Answering()

    async def ended():
        async with scene_of(answering, tmp_path) as scene:
            answering.let_go.set()
            await asyncio.wait([scene._loading])

    with pytest.raises(ExceptionGroup):
        await ended()


async def test_what_a_client_found_goes_before_what_the_fault_missed(
    tmp_path, monkeypatch
):
    answering = Answering()
    what = Round(number=1, fault="kill", after_s=0.0, lasts_s=0.0, seed="1")

    async def missed(scene, _what):
        answering.let_go.set()
        await asyncio.wait([scene._loading])
        raise AssertionError("Nothing came.")

    async def endured():
        async with scene_of(answering, tmp_path) as scene:
            await scene.endure(what)

    monkeypatch.setitem(FAULTS, "kill", missed)
    with pytest.raises(ExceptionGroup) as raised:
        await endured()

    assert "404" in str(raised.value.exceptions[0])


async def test_what_only_the_end_of_a_folder_finds_is_named_and_kept(
    tmp_path, monkeypatch
):
    said = []

    async def endured(_scene, _what):
        return ""

    async def concluded(_scene):
        raise UnkeptError("The replay differs.")

    async def entered(scene):
        scene._loading = asyncio.create_task(asyncio.sleep(60))
        return scene

    monkeypatch.setattr(harness.Scene, "endure", endured)
    monkeypatch.setattr(harness.Scene, "conclude", concluded)
    monkeypatch.setattr(harness.Scene, "__aenter__", entered)
    campaign = Campaign(ASKED, where=tmp_path, say=said.append)

    with pytest.raises(UnkeptError):
        await campaign.run()

    (folder,) = tmp_path.iterdir()
    assert said[-1] == (
        f"BROKEN in the conclusion of rounds 5 to 6: {folder / 'data'}; again: "
        "python -m tests.crash.harness --seed s --database sqlite --every 2 --from 5 "
        "--rounds 2 --fault kill"
    )


def test_the_printed_command_asks_for_the_same_again():
    _, second = replace(ASKED, rounds=4).folders()
    alone = replace(ASKED, rounds=4).folder_of(second)

    assert alone.folders() == [second]
    assert [each.number for each in second] == [7, 8]
    assert "--fault" not in str(replace(ASKED, faults=faults_of("sqlite")))


class Failing(Standing):
    """A gateway that does not start."""

    def __init__(self, folder):
        super().__init__("http://127.0.0.1:1", folder)
        self.ended = 0

    def start(self):
        raise AssertionError("The gateway is not ready.")

    def end(self):
        self.ended += 1


async def test_a_gateway_that_does_not_get_ready_is_ended(tmp_path):
    victim = Failing(tmp_path)

    with pytest.raises(AssertionError, match="not ready"):
        async with Scene(victim, seed="1"):
            pytest.fail("It was ready.")

    assert victim.ended == 1
