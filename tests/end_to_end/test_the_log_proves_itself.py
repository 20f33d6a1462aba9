"""Promises 5 and 6: the log alone proves itself, and replays to the same."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
import pytest_asyncio

from gateway.store.export import Asked, export
from tests.callers import Caller, caller_session
from tests.gateway_process import ROOT, GatewayProcess
from tests.patients import fresh_record, statement, transaction, visit, vital
from tests.worklist import completed, open_task


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lived(tmp_path_factory):
    """The folder of a gateway that has seen every kind of event, stopped."""
    process = GatewayProcess(tmp_path_factory.mktemp("lived"), dev=True).start()
    async with caller_session() as session:
        caller = Caller(session, process.base)
        for decision, more in (
            ("accepted", {"acuity": 2}),
            ("overridden", {"acuity": 1}),
            ("corrected", {"acuity": 2, "correction": "Otherwise."}),
        ):
            whom, task = await _arrived(caller)
            await completed(caller, task, decision=decision, **more)
            await caller.create(vital(whom, "8867-4", 90))
        whom, _ = await _arrived(caller)
        await caller.push(transaction(statement(whom, "aspirin")))
        await caller.delete(whom)
    process.stop()
    return process.data


async def _arrived(caller):
    bundle = visit(fresh_record(), "chest pain", ("59408-5", 80))
    whom = (await caller.push(bundle)).locations[0].partition("/_history")[0]
    return whom, await open_task(caller, whom)


@pytest.fixture
def copy(lived, tmp_path):
    """A copy of the folder to tamper with."""
    folder = tmp_path / "copy"
    shutil.copytree(lived, folder)
    return folder


def tampered(folder, statement, *values):
    (log,) = [each for each in folder.glob("*.sqlite") if _is_log(each)]
    with closing(sqlite3.connect(log, isolation_level=None)) as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        changed = connection.execute(statement, values).rowcount
        assert changed


def _is_log(file):
    with closing(sqlite3.connect(file)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master").fetchall()
    return ("stored_events",) in names


def test_an_untouched_log_verifies_and_prints_its_head(lived, audit):
    said = audit("verify", lived)

    assert "verified head, to be kept" in said
    assert "seal and ciphertexts" in said


def test_a_replay_of_the_log_alone_is_the_same(lived, audit):
    assert audit("replay", lived).rstrip().endswith("same")


def test_a_replay_needs_no_read_models(copy, audit):
    for file in copy.glob("projections*"):
        file.unlink()

    assert "the decisions are" in audit("replay", copy)


def test_an_export_holds_every_event_in_order(lived, audit):
    header, *lines = map(json.loads, audit("export", lived).splitlines())

    assert [each["position"] for each in lines] == list(range(1, len(lines) + 1))
    assert header["rows"] == len(lines)
    topics = {each["topic"] for each in lines}
    assert {
        "record.accepted.v1",
        "record.withdrawn.v1",
        "case.opened.v1",
        "assessment.floored.v1",
        "assessment.withheld.v1",
        "task.accepted.v1",
        "assessment.accepted.v1",
        "assessment.overridden.v1",
        "assessment.corrected.v1",
    } <= topics


@pytest.mark.parametrize("option", ["--case", "--patient"])
def test_a_part_of_the_log_is_examined_without_the_gateway(lived, tmp_path, option):
    rows = export(lived, Asked(decrypted=True))
    streams = [
        (json.loads(row).get("decrypted") or {}).get("stream", "") for row in rows
    ]
    prefix = {"--case": "case/", "--patient": "record/Patient/"}[option]
    found = next(each for each in streams if each.startswith(prefix))
    file = tmp_path / "part.ndjson"

    _command(
        "export", "--data", lived, option, found.removeprefix(prefix), "--output", file
    )

    assert "Proven: " in _command("verify", file)
    assert 1 < len(file.read_text().splitlines()) < len(streams) // 2


def _command(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "audit", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout


ATTACKS = {
    "a changed row": (
        "UPDATE stored_events SET state = state || x'00' WHERE position = 5"
    ),
    "a changed name": (
        "UPDATE stored_events SET topic = 'task.started.v1' WHERE position = 5"
    ),
    "a removed row": "DELETE FROM stored_events WHERE position = 5",
    "a removed first row": "DELETE FROM stored_events WHERE position = 1",
    "a removed last row": (
        "DELETE FROM stored_events WHERE position = "
        "(SELECT MAX(position) FROM stored_events)"
    ),
    "a removed tail": "DELETE FROM stored_events WHERE position > 20",
    "a moved row": "UPDATE stored_events SET position = 100000 WHERE position = 5",
    "a changed leaf": (
        "UPDATE stored_events SET leaf = zeroblob(32) WHERE position = 5"
    ),
    "swapped states": (
        "UPDATE stored_events SET state = (SELECT state FROM stored_events WHERE "
        "position = 6) WHERE position = 5"
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_tampering_is_found(copy, audit, attack):
    tampered(copy, ATTACKS[attack])

    assert "not verified" in audit("verify", copy, expected=1)


def test_two_rows_that_were_swapped_are_found(copy, audit):
    for source, target in ((5, -5), (6, 5), (-5, 6)):
        tampered(
            copy,
            "UPDATE stored_events SET position = ? WHERE position = ?",
            target,
            source,
        )

    assert "not verified" in audit("verify", copy, expected=1)


def test_read_models_that_were_changed_are_found_by_a_replay(copy, audit):
    with closing(sqlite3.connect(copy / "projections.sqlite")) as connection:
        connection.execute("DELETE FROM resource WHERE type = 'Task'")
        connection.commit()

    assert "differs" in audit("replay", copy, expected=1)


async def test_a_running_gateway_s_log_verifies_too(tmp_path, audit):
    process = GatewayProcess(tmp_path, dev=True).start()
    async with caller_session() as session:
        caller = Caller(session, process.base)
        await caller.push(visit(fresh_record(), "chest pain", ("8867-4", 90)))

        assert "verified head" in audit("verify", process.data)
        await caller.push(visit(fresh_record()))
        assert "verified head" in audit("verify", process.data)
    process.stop()


async def test_a_gateway_refuses_to_build_on_a_log_whose_end_was_changed(copy):
    tampered(copy, ATTACKS["a removed last row"])
    process = GatewayProcess(copy.parent, dev=True)
    process.data = copy

    with pytest.raises(AssertionError, match="audit verify"):
        process.start()
