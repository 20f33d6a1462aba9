"""The faults themselves: each does to a gateway what it says."""

import asyncio
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.crash import faults
from tests.crash.commands import started
from tests.crash.schedule import Round
from tests.crash.serve import LONG
from tests.crash.victim import Victim, family
from tests.gateway_inside import gateway_inside
from tests.patients import patient
from tests.worklist import until

pytestmark = pytest.mark.usefixtures("compiler")
ROUND = Round(number=1, fault="", after_s=0.0, lasts_s=0.0, seed="1")


def _stands(process):
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


async def test_a_rebuild_of_a_short_log_can_be_shared_among_processes(tmp_path):
    async with gateway_inside(tmp_path, dev=True) as caller:
        await caller.create(patient("1"))
    words = ("rebuild", "--data", tmp_path)

    alone = await _most_processes(started(words))
    shared = await _most_processes(started(words, {LONG: "0"}))

    assert alone == 1
    assert shared > 1


async def _most_processes(running):
    most = 0
    while running.poll() is None:
        most = max(most, len(family(running.pid)))
        await asyncio.sleep(0.005)
    said, _ = running.communicate()
    assert running.returncode == 0, said
    return most


async def test_a_power_loss_leaves_no_process_that_writes(tmp_path, held):
    victim = Victim(tmp_path)
    held.callback(victim.stop)
    victim.start()

    async def several():
        found = victim.processes()
        return found if len(found) > 1 else None

    family = await until(several)

    victim.kill_all()

    assert not [each for each in family if _stands(each)]


async def test_a_fault_that_did_not_happen_is_no_round_that_was_kept(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(faults, "until", partial(until, patience=0.05))
    idle = SimpleNamespace(dropped=0, dropping=0.0)
    childless = SimpleNamespace(processes=lambda: [1], wait_ready=lambda: None)
    clock = tmp_path / "clock"
    async with gateway_inside(tmp_path, dev=True) as caller:
        unskewed = SimpleNamespace(clock=clock)
        scene = SimpleNamespace(victim=childless, proxy=idle, caller=caller)

        with pytest.raises(AssertionError, match="Nothing came"):
            await faults.child(scene, ROUND)
        with pytest.raises(AssertionError, match="Nothing came"):
            await faults.drop(scene, ROUND)
        scene.victim = unskewed
        with pytest.raises(AssertionError, match="off by"):
            await faults.clock(scene, ROUND)

    assert idle.dropping == 0.0
