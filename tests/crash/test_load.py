"""The clients: the same seed lets each of them do the same, in the same order."""

from types import SimpleNamespace

import pytest

from tests.callers import Answer
from tests.crash.journal import Journal, Written
from tests.crash.load import _Client

STEPS = 200


class OverError(Exception):
    """It has done enough."""


class Recording:
    """A load that lets a client only read, and notes what it would do."""

    def __init__(self, acknowledged):
        self.steps = []
        self.journal = Journal()
        for number in range(acknowledged):
            self.journal.note(Written(f"Patient/{number}/_history/1", {}, round=1))

    async def working(self, step):
        self.steps.append(step.__name__)
        if len(self.steps) == STEPS:
            raise OverError
        if step.__name__ == "_read":
            await step()


async def _steps(acknowledged, seed="1"):
    async def get(_path):
        return Answer(200, {}, b"")

    load = Recording(acknowledged)
    with pytest.raises(OverError):
        await _Client(load, SimpleNamespace(get=get), 0, seed).run()
    return load.steps


async def test_what_there_is_to_choose_from_changes_no_later_step():
    assert await _steps(100) == await _steps(128)
    assert await _steps(100) != await _steps(100, seed="2")
