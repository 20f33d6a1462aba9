"""Watches Tasks appear and be answered, and takes the times that a reader would see."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from gateway.demo.reader import Reader
from gateway.demo.task import answered, patient

Resource = dict[str, Any]
_OFTEN_S = 0.05  # until the floor has spoken; it promises a second
_SELDOM_S = 1.0  # afterwards, so that watching does not slow the model down
_GRACE_S = 3.0  # for the floor, where nobody can say which patients get a Task


class Watch:
    """Polls the worklist; remembers when each Task was first seen, and answered."""

    def __init__(self, reader: Reader, tell: Callable[[int, int], None]) -> None:
        self.tasks: list[Resource] = []
        self.sent: dict[str, float] = {}  # patient -> when the 2xx came
        self._reader = reader
        self._tell = tell  # how many Tasks there are, how many the model answered
        self._seen: dict[str, float] = {}
        self._answered: dict[str, float] = {}

    async def look(self) -> None:
        """Read the worklist once."""
        self.tasks = await self._reader.tasks()
        now = time.monotonic()
        for task in self.tasks:
            self._seen.setdefault(task["id"], now)
            if answered(task):
                self._answered.setdefault(task["id"], now)
        self._tell(len(self._seen), len(self._answered))

    async def follow(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_OFTEN_S)

    async def settled(self, patients: set[str], limit: float) -> bool:
        """Wait until these patients have a Task and the model answered every one.

        Without patients the floor gets a moment to open Tasks for whom it may.
        Returns False where `limit` seconds were not enough.
        """
        began = time.monotonic()
        while True:
            await self.look()
            waited = time.monotonic() - began
            early = not patients and waited < _GRACE_S
            missing = patients - {patient(task) for task in self.tasks}
            if not (missing or early) and len(self._answered) == len(self.tasks):
                return True
            if waited > limit:
                return False
            await asyncio.sleep(_OFTEN_S if missing or early else _SELDOM_S)

    def floor_seconds(self, task: Resource) -> float | None:
        """Return the time from the 2xx until the Task could be read."""
        return self._since(task, self._seen)

    def model_seconds(self, task: Resource) -> float | None:
        """Return the time from the 2xx until the model's answer could be read."""
        return self._since(task, self._answered)

    def _since(self, task: Resource, moments: dict[str, float]) -> float | None:
        sent, then = self.sent.get(patient(task)), moments.get(task["id"])
        return None if sent is None or then is None else max(then - sent, 0.0)
