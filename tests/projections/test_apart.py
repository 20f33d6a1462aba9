"""The read models, kept by a process of their own."""

import asyncio
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest

from domain.events import REGISTRY, RecordAccepted
from domain.values import Reference
from gateway.projections import resources
from gateway.projections.apart import Apart, ProjectionEndedError
from gateway.projections.batch import ReadModelsMovedError, apply
from gateway.projections.database import FILE, Database
from gateway.projections.projection import Projection
from gateway.projections.projector import Projector
from gateway.store.ledger import Ledger
from gateway.store.records import Context

CONTEXT = Context(at=datetime(2026, 3, 1, tzinfo=UTC), actor="test", request="r")


@asynccontextmanager
async def reading(folder, key_file=None):
    """Open a log, its read models, and a projector that has a process of its own."""
    ledger = Ledger.open(folder, registry=REGISTRY, kek_file=key_file)
    database = Database(folder / FILE, ledger.derive("projections"))
    apart = Apart(folder, key_file=key_file, log_format="json")
    try:
        yield ledger, database, apart, Projector(ledger, database, apart=apart)
    finally:
        database.close()
        ledger.close()


@asynccontextmanager
async def running(projector, apart):
    following = asyncio.create_task(projector.run())
    await until(lambda: apart.ready or following.done())
    try:
        yield following
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError, ProjectionEndedError):
            await following


async def until(holds):
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.01)


async def accept(ledger, name):
    event = RecordAccepted(
        reference=Reference(type="Patient", id=name, version=1),
        received=b'{"resourceType":"Patient"}',
    )
    await ledger.submit(
        lambda session: session.append(
            f"record/Patient/{name}", [event], subject="", context=CONTEXT
        )
    )


def shown(database):
    with database.reader() as connection:
        return sorted(
            each.reference.id for each in resources.every(database, connection)
        )


async def test_what_is_appended_is_shown_by_the_other_process(tmp_path):
    key_file = tmp_path / "elsewhere" / "kek"
    async with (
        reading(tmp_path, key_file) as (ledger, database, apart, projector),
        running(projector, apart),
    ):
        for name in "abc":
            await accept(ledger, name)
            await projector.reach_head()

            assert shown(database)[-1] == name
        assert projector.seconds > 0


async def test_a_process_that_was_killed_is_an_error_and_another_goes_on(tmp_path):
    async with reading(tmp_path) as (ledger, database, apart, projector):
        async with running(projector, apart) as following:
            await accept(ledger, "a")
            await projector.reach_head()
            apart._process.kill()
            await accept(ledger, "b")
            with pytest.raises(ProjectionEndedError):
                await following
        async with running(projector, apart):
            await projector.reach_head()

            assert shown(database) == ["a", "b"]


async def test_a_process_that_never_came_up_is_an_error(tmp_path):
    async with Apart(tmp_path / "nothing", log_format="json") as apart:
        with pytest.raises(ProjectionEndedError):
            await apart.step(0, 1)


async def test_nothing_is_asked_of_a_process_that_was_not_started(tmp_path):
    with pytest.raises(ProjectionEndedError, match="Enter"):
        await Apart(tmp_path).step(0, 1)


async def test_a_process_that_does_not_end_by_itself_is_ended(tmp_path, monkeypatch):
    async with reading(tmp_path) as (_, _, apart, _):
        async with apart:
            process = apart._process
            monkeypatch.setattr(process.stdin, "close", lambda: None)
            stopping = asyncio.create_task(apart.__aexit__())
            await asyncio.sleep(0)
            stopping.cancel()  # as an impatient service does
            await stopping

        assert process.returncode == -9
        process.stdin.transport.close()


async def test_what_was_projected_is_not_projected_again(tmp_path):
    async with reading(tmp_path) as (ledger, database, _, _):
        await accept(ledger, "a")
        events = ledger.read()
        apply(database, Projection(database, ledger.stream), events)

        with pytest.raises(ReadModelsMovedError):
            apply(database, Projection(database, ledger.stream), events)

        assert shown(database) == ["a"]


def test_the_process_names_its_error_and_says_nothing_else(tmp_path):
    command = [sys.executable, "-m", "gateway.projections.child", "json"]

    done = subprocess.run(
        [*command, str(tmp_path / "Garcia")],
        capture_output=True,
        check=False,
        text=True,
    )

    assert done.returncode == 1
    assert '"error": "LogMissingError"' in done.stderr
    assert "Garcia" not in done.stderr
    assert done.stdout == ""
