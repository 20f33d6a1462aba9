"""An operator's command that is cut short, and the power with it."""

import random
from types import SimpleNamespace

import pytest

from tests.crash import commands
from tests.crash.journal import Journal, Written


@pytest.mark.parametrize("ended", [True, False])
async def test_the_power_goes_after_half_of_the_commands(monkeypatch, ended):
    async def killed(*_):
        return ended

    lost = []
    victim = SimpleNamespace(lose_power=lost.append)
    monkeypatch.setattr(commands, "_killed", killed)
    chance = random.Random(1)

    said = [
        await commands.cut_short(SimpleNamespace(victim=victim), (), chance)
        for _ in range(40)
    ]

    assert 10 < len(lost) < 30
    assert sum("no power" in each for each in said) == len(lost)
    assert {each.partition(",")[0] for each in said} == {"ended" if ended else "killed"}


def test_who_is_erased_is_chosen_by_record_and_stays_known():
    journal = Journal()
    for whom, record in (("Patient/b", "1"), ("Patient/a", "2"), ("Patient/c", "0")):
        content = {"identifier": [{"value": record}]}
        journal.note(Written(f"{whom}/_history/1", content, round=1))
        journal.patients[whom] = 1
    assert journal.by_record() == ["Patient/c", "Patient/b", "Patient/a"]

    assert journal.forget("Patient/b") == 1

    assert journal.by_record() == ["Patient/c", "Patient/a"]
    assert journal.gone == ["Patient/b"]
    assert journal.erased == ["Patient/b/_history/1"]
