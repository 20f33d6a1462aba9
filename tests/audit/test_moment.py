import asyncio
import json
import os
import pty
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.events import REGISTRY
from gateway.audit import moment_folder, output_folder
from gateway.audit.moment import Moment, UnknownMomentError, moment_of
from gateway.audit.replay import replay
from gateway.cli.audit import audit
from gateway.projections import resources
from gateway.projections.database import FILE, Database
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.store.transcript import transcript
from tests.audit.test_replay import OPENED
from tests.gateway_inside import gateway_inside
from tests.patients import patient

ROOT = Path(__file__).resolve().parents[2]
SECRET = "Wanda Zylberstein"


def silent(_done, _total):
    """Show no progress."""


@pytest.fixture
async def folder(tmp_path):
    """A stopped gateway: a person was written, changed, deleted and written again."""
    data = tmp_path / "data"
    async with gateway_inside(data, dev=True) as caller:
        for name in ("Adams", SECRET):
            await caller.put({**patient(), "id": "eve", "name": [{"family": name}]})
        await caller.put({**patient("2"), "id": "ann"})
        await caller.delete("Patient/eve")
        await caller.put({**patient(), "id": "eve", "birthDate": "1981"})
    return data


def events(folder):
    with transcript(folder, registry=REGISTRY) as log:
        return list(log.events())


def at_of(folder, topic, place=0):
    """Return the time of an event, and its position."""
    found = [each for each in events(folder) if each.topic == topic]
    return found[place].at, found[place].position


def asked(folder, *arguments):
    return CliRunner().invoke(audit, ["replay", "--data", str(folder), *arguments])


def change(folder, statement, *values):
    file = sqlite3.connect(folder / "projections.sqlite")
    with file:
        assert file.execute(statement, values).rowcount
    file.close()


def test_every_moment_is_the_same_as_what_is_still_shown_of_it(case):
    with transcript(case.folder, registry=REGISTRY) as log:
        head = log.head
        interesting = [e.position for e in log.events() if e.topic[0] != "a"]
        last = [e.position for e in log.events() if e.topic.startswith("assess")]

    for position in {*interesting[::4], *last, head}:
        result = replay(case.folder, progress=silent, as_of=str(position))

        assert result.same, (position, result.findings)
        assert result.compared


async def test_an_instant_names_the_last_event_by_then(folder):
    at, position = at_of(folder, "record.withdrawn.v1")

    result = replay(folder, progress=silent, as_of=at.isoformat())

    assert result.same, result.findings
    assert result.moment.position >= position
    assert result.moment.instant == at
    later = replay(folder, progress=silent, as_of="2999-01-01")
    assert later.moment.position == events(folder)[-1].position


async def test_the_command_says_which_moment_it_was(folder):
    _, position = at_of(folder, "record.withdrawn.v1")

    result = asked(folder, "--as-of", str(position))

    assert result.exit_code == 0, result.output
    assert f"as of position {position}" in result.output
    assert result.output.endswith("same\n")


@pytest.mark.parametrize("moment", ["0", "99999", "yesterday", "2026", "1" * 40])
async def test_what_is_no_moment_of_the_log_is_said_plainly(folder, moment):
    result = asked(folder, "--as-of", moment)

    assert result.exit_code == 1
    assert "position" in result.output or "recorded by then" in result.output


@pytest.mark.parametrize(
    "moment",
    ["9999-12-31", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:00:00-14:00"],
)
async def test_the_last_moments_of_the_calendar_are_now(folder, moment):
    result = asked(folder, "--as-of", moment)

    assert result.exit_code == 0, result.output
    assert f"as of position {events(folder)[-1].position}" in result.output


@pytest.mark.parametrize("moment", ["0001-01-01", "0001-01-01T00:00:00+14:00"])
async def test_at_the_first_moments_of_the_calendar_there_is_nothing(folder, moment):
    result = asked(folder, "--as-of", moment)

    assert result.exit_code == 1
    assert "Nothing had been recorded by then." in result.output


async def test_before_the_first_event_there_is_nothing(folder):
    result = asked(folder, "--as-of", "1999-12-31")

    assert result.exit_code == 1
    assert "Nothing had been recorded by then." in result.output


async def test_a_version_of_the_past_that_was_changed_is_named_with_its_place(folder):
    _, position = at_of(folder, "record.corrected.v1")
    forge(folder, 2, SECRET.encode(), b"Nobody")

    for arguments in ([], ["--as-of", str(position)]):
        result = asked(folder, *arguments)

        assert result.exit_code == 1
        named = f"position {position}: Patient/eve/_history/2"
        assert f"{named} is not what the log says, first at /name/0/family" in (
            result.output
        )
        assert SECRET not in result.output
        assert "Nobody" not in result.output


async def test_before_it_was_changed_everything_is_the_same(folder):
    _, position = at_of(folder, "record.corrected.v1")
    forge(folder, 2, SECRET.encode(), b"Nobody")

    assert replay(folder, progress=silent, as_of=str(position - 1)).same


async def test_the_same_content_in_other_bytes_is_a_difference_too(folder):
    forge(folder, 2, b'"gender":"female"', b'"gender" :"female"')

    result = asked(folder)

    assert "has the same content in other bytes, from byte" in result.output


async def test_ciphertext_that_was_changed_is_named(folder):
    change(folder, "UPDATE resource SET body = zeroblob(90) WHERE version = 2")

    result = asked(folder)

    assert result.exit_code == 1
    assert "changed bytes" in result.output


async def test_damaged_read_models_are_not_taken_for_a_damaged_log(folder):
    change(folder, "UPDATE resource SET body = 'text' || x'FF' WHERE version = 2")

    damaged = asked(folder)
    (folder / "projections.sqlite").write_bytes(b"no database at all" * 99)
    gone = asked(folder)

    for result in (damaged, gone):
        assert result.exit_code == 1
        assert "the read models cannot be read any further" in result.output
        assert "The log" not in result.output


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM resource WHERE version = 2", "is not in the read models"),
        ("UPDATE resource SET version = 9 WHERE version = 2", "changed bytes"),
        ("UPDATE resource SET at = at + 1 WHERE version = 2", "another time"),
        ("UPDATE resource SET deleted = 1 WHERE version = 2", "deleted in one"),
        ("UPDATE resource SET position = 1 WHERE version = 2", "another event"),
        ("DELETE FROM term WHERE serial IN (SELECT MAX(serial) FROM term)", "'term'"),
        ("DELETE FROM latest WHERE type = 'Patient'", "'latest'"),
    ],
)
async def test_whatever_is_changed_of_what_is_shown_is_named(folder, statement, said):
    change(folder, statement)

    whole = asked(folder)
    then = asked(folder, "--as-of", str(events(folder)[-1].position))

    assert whole.exit_code == then.exit_code == 1
    if "changed bytes" not in said:
        assert said in whole.output
        assert said in then.output


async def test_a_resource_that_was_slipped_in_is_named(folder):
    change(
        folder,
        "INSERT INTO resource SELECT serial + 1, type, key, 99, deleted, at, position,"
        " body FROM resource WHERE version = 2",
    )

    for arguments in ([], ["--as-of", str(events(folder)[-1].position)]):
        result = asked(folder, *arguments)

        assert result.exit_code == 1
        assert "is not in the log" in result.output


async def test_a_history_that_tells_another_past_is_named(folder):
    """The versions are all there; only when each was current is not."""
    at, _ = at_of(folder, "record.withdrawn.v1")
    change(folder, "UPDATE resource SET at = at + 60000000 WHERE deleted = 1")

    result = replay(folder, progress=silent, as_of=(at).isoformat())

    said = " ".join(each.sentence for each in result.findings)
    assert "history of Patient tells another state" in said


def test_a_case_that_waited_without_an_open_task_is_named(case, tmp_path):
    copy = tmp_path / "data"
    shutil.copytree(case.folder, copy)
    _, position = at_of(copy, "assessment.floored.v1")
    change(copy, "DELETE FROM resource WHERE type = 'Task'")

    result = replay(copy, progress=silent, as_of=str(position))

    said = " ".join(each.sentence for each in result.findings)
    assert "a case waited then, and no Task was open" in said


async def test_what_set_aside_rows_say_that_the_log_does_not_is_named(folder):
    change(folder, "INSERT INTO poisoned VALUES (1, 'x', 'y')")

    result = asked(folder, "--as-of", "2")

    assert "the read model 'poisoned'" in result.output


async def test_a_place_where_no_folder_can_be_is_named_in_a_sentence(folder):
    (folder.parent / "a-file").touch()

    result = asked(folder, "--output", str(folder.parent / "a-file" / "then"))

    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == 1
    assert "The folder cannot be made or read there" in result.output


async def test_a_replay_that_is_refused_makes_no_folder(folder):
    output = folder.parent / "new" / "then"
    another_key = folder.parent / "another.key"
    another_key.write_bytes(bytes(32))

    for refused in (("--as-of", "1000000"), ("--key-file", str(another_key))):
        result = asked(folder, *refused, "--output", str(output))

        assert result.exit_code == 1, result.output
        assert not output.parent.exists()


async def test_a_folder_that_was_filled_meanwhile_is_left_as_it_is(folder, monkeypatch):
    output = folder.parent / "then"
    monkeypatch.setattr(output_folder, "require_apart", lambda *_: None)
    output.mkdir()
    (output / "Patient.ndjson").write_text("theirs")

    result = asked(folder, "--output", str(output))

    assert "new or empty" in result.output
    assert [each.read_text() for each in output.iterdir()] == ["theirs"]


async def test_a_disk_that_is_full_is_a_sentence(folder, monkeypatch):
    full = Path("/dev/full")
    monkeypatch.setattr(moment_folder, "private", lambda _path: full.open("wb"))

    result = asked(folder, "--output", str(folder.parent / "then"))

    assert "Error: The files cannot be written there (No space left" in result.output


async def test_read_models_that_are_behind_are_compared_as_far_as_they_are(folder):
    _, position = at_of(folder, "record.withdrawn.v1")
    head = events(folder)[-1].position
    later = (position,)
    change(folder, "UPDATE progress SET position = ?", *later)
    change(folder, "DELETE FROM resource WHERE position > ?", *later)
    change(folder, "DELETE FROM latest WHERE serial >= (? + 1) * 1024", *later)
    change(folder, "DELETE FROM term WHERE serial >= (? + 1) * 1024", *later)

    output = folder.parent / "then"
    result = asked(folder, "--as-of", str(head), "--output", str(output))

    assert result.exit_code == 0, result.output
    assert (
        f"note: position {position}: projections.sqlite shows the log no further"
        in (result.output)
    )
    assert '"birthDate":"1981"' in (output / "Patient.ndjson").read_text()


async def test_the_past_can_be_written_down(folder, tmp_path):
    _, position = at_of(folder, "record.withdrawn.v1")
    output = tmp_path / "then"

    result = asked(folder, "--as-of", str(position - 1), "--output", str(output))

    assert result.exit_code == 0, result.output
    lines = (output / "Patient.ndjson").read_text().splitlines()
    assert {json.loads(each)["id"] for each in lines} == {"eve", "ann"}
    assert SECRET in lines[0] + lines[1]
    versions = (output / "versions.ndjson").read_text().splitlines()
    assert {json.loads(each)["reference"] for each in versions} >= {
        "Patient/eve/_history/1",
        "Patient/eve/_history/2",
    }
    manifest = json.loads((output / "manifest.json").read_text())
    assert manifest["position"] == position - 1
    assert manifest["files"]["Patient.ndjson"]["lines"] == 2
    assert (output / "Patient.ndjson").stat().st_mode & 0o777 == 0o600


async def test_a_deleted_resource_is_in_no_list_but_in_the_versions(folder, tmp_path):
    _, position = at_of(folder, "record.withdrawn.v1")
    output = tmp_path / "then"

    asked(folder, "--as-of", str(position), "--output", str(output))

    (line,) = (output / "Patient.ndjson").read_text().splitlines()
    assert json.loads(line)["id"] == "ann"
    assert '"deleted": true' in (output / "versions.ndjson").read_text()


async def test_what_is_shown_now_is_written_as_it_is_answered(case, tmp_path):
    output = tmp_path / "now"

    result = asked(case.folder, "--output", str(output))

    assert result.exit_code == 0, result.output
    assert (output / "AuditEvent.ndjson").exists()
    (work,) = (output / "worklist.ndjson").read_text().splitlines()
    assert json.loads(work)["case_id"] == case.case_id


async def test_nothing_is_written_over_what_is_there_or_into_the_data(folder):
    occupied = folder.parent / "occupied"
    occupied.mkdir()
    (occupied / "notes.txt").write_text("mine")

    for output in (occupied, occupied / "notes.txt", folder, folder / "inside"):
        result = asked(folder, "--output", str(output))

        assert result.exit_code in (1, 2)
    assert (occupied / "notes.txt").read_text() == "mine"


async def test_a_moment_is_replayed_beside_a_running_gateway(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data, dev=True) as caller:
        await caller.put({**patient(), "id": "eve"})
        await caller.read("Patient/eve")
        result = await asyncio.to_thread(asked, data, "--as-of", "1")

    assert result.exit_code == 0, result.output
    assert "as of position 1" in result.output


async def test_values_are_shown_at_a_terminal_only(folder):
    forge(folder, 2, SECRET.encode(), b"Nobody\\u202e")

    piped = asked(folder, "--show")
    shown = await asyncio.to_thread(at_a_terminal, folder)

    assert piped.exit_code == 2
    assert SECRET not in piped.output
    assert f'the log says:        "{SECRET}"' in shown
    assert 'the read models say: "Nobody[U+202E' in shown


def at_a_terminal(folder):
    """Return what a person sees who runs the command in a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "gateway", "audit", "replay", "--show"]
    environment = {**os.environ, "COLUMNS": "200", "TERM": "dumb"}
    with subprocess.Popen(
        [*command, "--data", str(folder)],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment,
    ) as process:
        os.close(theirs)
        seen = b""
        try:
            while part := os.read(ours, 4096):
                seen += part
        except OSError:  # Linux says so when the other end is closed
            pass
        finally:
            os.close(ours)
        process.wait(timeout=180)
    return seen.decode()


def forge(folder, version, old, new):
    """Change a stored version as somebody could who has the log's key."""
    with transcript(folder, registry=REGISTRY) as log:
        database = Database(folder / FILE, log.derive("projections"))
    with database.reader() as connection:
        stored = [
            each
            for each in resources.sealed(connection, until=10**9)
            if each.place.type == "Patient" and each.place.version == version
        ]
        bodies = [
            (each.place, database.open(each.row[5], each.place.name)) for each in stored
        ]
    for place, body in bodies:
        if old in body:
            sealed = database.seal(body.replace(old, new), place.name)
            database.writer.execute(
                "UPDATE resource SET body = ? WHERE type = ? AND key = ? "
                "AND version = ?",
                (sealed, *place),
            )
    database.close()


def test_a_clock_that_was_set_back_is_told(tmp_path):
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    ledger = Ledger.open(tmp_path, registry=REGISTRY)
    for number, minutes in enumerate((0, 90, 1, 2, 99)):
        context = Context(
            at=noon + timedelta(minutes=minutes), actor="test", request=str(number)
        )

        def work(session, context=context, number=number):
            session.append(
                f"case/c{number}", [OPENED], subject="Patient/p1", context=context
            )

        ledger.submit_sync(work)
    ledger.close()

    with transcript(tmp_path, registry=REGISTRY) as log:
        found = moment_of(log, "2026-11-22T12:02:00Z", silent)
        exact = moment_of(log, "2026-11-22T12:00:30Z", silent)

    assert (found.position, found.later) == (4, 1)
    assert exact == Moment(position=1, instant=exact.instant)
    said = asked(tmp_path, "--as-of", "2026-11-22T12:02:00Z").output
    assert "note: 1 events up to there have a later time" in said


def test_an_empty_log_has_no_moment(tmp_path):
    Ledger.open(tmp_path, registry=REGISTRY).close()

    with (
        transcript(tmp_path, registry=REGISTRY) as log,
        pytest.raises(UnknownMomentError, match="empty"),
    ):
        moment_of(log, "1", silent)
