"""The whole play: an EHR sends, the gateway assesses, a nurse decides, all is checked.

It keeps going where a step does not hold, so that one run tells everything.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from gateway.demo import check, nurse
from gateway.demo.child import gateway, verified
from gateway.demo.failure import DemoError
from gateway.demo.reader import Reader
from gateway.demo.resources import QUESTION
from gateway.demo.table import Row, row
from gateway.demo.task import patient
from gateway.demo.visit import Decision, DemoCase
from gateway.demo.watch import Watch
from gateway.feed.client import Client, UnreachableError
from gateway.feed.journal import Journal
from gateway.feed.push import push
from gateway.feed.results import Accepted, Refused, Result

Resource = dict[str, Any]
_SETTINGS = {"COMPLAINT_QUESTIONS": f'["linkId:{QUESTION}"]'}
_ANSWER_S = 120.0  # of a single request; a large Bundle takes seconds


@dataclass(frozen=True, kw_only=True)
class Screen:
    """Where progress is shown."""

    sent: Callable[[int], None]  # how many files got their result
    assessed: Callable[[int, int], None]  # Tasks, and those the model answered


@dataclass(frozen=True, kw_only=True)
class Script:
    """What is played: files, and by their names without ending the expected cases."""

    data: Path
    paths: list[Path]
    cases: Mapping[str, DemoCase]
    limit: float  # seconds for the model to answer every case


@dataclass(kw_only=True)
class Outcome:
    """What the play showed: rows, failures, and what the auditor's command said."""

    rows: list[Row] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    accepted: int = 0
    verified: str = ""


@dataclass(kw_only=True)
class _Stage:
    """The play while it runs; `expected` maps a patient to his case."""

    script: Script
    screen: Screen
    reader: Reader
    watch: Watch
    outcome: Outcome
    expected: dict[str, DemoCase] = field(default_factory=dict)
    results: int = 0

    def tell(self, result: Result) -> None:
        """Note what became of a file, and when."""
        self.results += 1
        self.screen.sent(self.results)
        if isinstance(result, Accepted):
            self._accepted(result)
        if isinstance(result, Refused):
            said = "; ".join(f"{r.place} {r.sentence}" for r in result.reasons)
            self.outcome.failures.append(f"{result.path.name} was refused: {said}")

    def _accepted(self, result: Accepted) -> None:
        self.outcome.accepted += 1
        known = self.script.cases.get(result.path.name.partition(".")[0])
        for entry in result.reply.resource.get("entry", []):
            location = entry.get("response", {}).get("location", "")
            whom = location.partition("/_history")[0]
            if whom.startswith("Patient/"):
                self.watch.sent[whom] = time.monotonic()
                if known is not None:
                    self.expected[whom] = known


async def play(script: Script, screen: Screen) -> Outcome:
    """Play a script against a gateway of its own.

    Raises:
        DemoError: the gateway does not start or does not answer.

    """
    outcome = Outcome()
    limit = aiohttp.ClientTimeout(total=_ANSWER_S)
    async with (
        gateway(script.data, _SETTINGS) as base,
        aiohttp.ClientSession(timeout=limit) as session,
    ):
        reader = Reader(session, base)
        stage = _Stage(
            script=script,
            screen=screen,
            reader=reader,
            watch=Watch(reader, screen.assessed),
            outcome=outcome,
        )
        await _send(stage, Client(session, base))
        await _assess(stage)
        await _decide(stage)
    try:
        outcome.verified = await verified(script.data)
    except DemoError as error:
        outcome.failures.append(str(error))
    return outcome


async def _send(stage: _Stage, client: Client) -> None:
    script = stage.script
    journal = Journal(script.data / "sent.journal", client.url)
    watching = asyncio.create_task(stage.watch.follow())
    try:
        await push(script.paths, client=client, journal=journal, tell=stage.tell)
    except UnreachableError as error:
        stage.outcome.failures.append(str(error))
    finally:
        watching.cancel()
        await asyncio.wait([watching])
    if not watching.cancelled():
        watching.result()


async def _assess(stage: _Stage) -> None:
    wanted = {whom for whom, case in stage.expected.items() if case.opens_case}
    if not await stage.watch.settled(wanted, stage.script.limit):
        stage.outcome.failures.append(
            f"Not every case was assessed by rules and model in {stage.script.limit:g} "
            "seconds: the table shows which. On a slow machine, raise --limit."
        )
    if stage.script.cases:
        stage.outcome.failures.extend(_miscounted(stage))


def _miscounted(stage: _Stage) -> list[str]:
    """Say where there is not exactly one Task for a case, or one where none is due."""
    opened = [patient(task) for task in stage.watch.tasks]
    return [
        f"{case.key}: {opened.count(whom)} Tasks instead of {int(case.opens_case)}."
        for whom, case in stage.expected.items()
        if opened.count(whom) != case.opens_case
    ]


async def _decide(stage: _Stage) -> None:
    decisions = _decisions(stage)
    for task in stage.watch.tasks:
        decision = decisions.get(task["id"])
        try:
            if decision is not None:
                await nurse.review(stage.reader, task["id"], decision)
            stage.outcome.failures.extend(
                await check.wrong(stage.reader, task, decision)
            )
        except DemoError as error:
            stage.outcome.failures.append(f"Task {task['id']}: {error}")
    for task in await stage.reader.tasks():
        stage.outcome.rows.append(await row(stage.reader, stage.watch, task))


def _decisions(stage: _Stage) -> dict[str, Decision]:
    if not stage.script.cases:
        return nurse.plan(stage.watch.tasks)
    known = {
        task["id"]: stage.expected[patient(task)]
        for task in stage.watch.tasks
        if patient(task) in stage.expected
    }
    return {name: case.decision for name, case in known.items() if case.decision}
