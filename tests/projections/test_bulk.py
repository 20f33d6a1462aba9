"""Read models made anew by several processes are those that followed the log."""

import asyncio
import shutil
import sqlite3
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from multiprocessing import Pipe
from threading import Thread

import pytest
from click.testing import CliRunner

from domain.events import REGISTRY, RecordAccepted
from domain.values import Reference
from gateway.audit.replay import replay
from gateway.cli import rebuild as command
from gateway.cli.erase import erase
from gateway.cli.progress import bar
from gateway.projections import bulk, soundness
from gateway.projections import resources as stored_resources
from gateway.projections.apart import ProjectionEndedError
from gateway.projections.bulk import Draft
from gateway.projections.database import AUDIT_FILE, FILE, draft_of
from gateway.projections.kinds import audit_events, resources
from gateway.projections.preparing import answer
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from tests.gateway_inside import gateway_inside
from tests.patients import patient, visit
from tests.store.samples import attack
from tests.worklist import assessed

KINDS = {FILE: resources(), AUDIT_FILE: audit_events("default")}
CONTEXT = Context(at=datetime(2026, 3, 1, tzinfo=UTC), actor="test", request="r")
MANY = 300
SPOIL = "UPDATE stored_events SET state = CAST(substr(state, 1, 60) AS BLOB)"
WITHOUT_BODY = {"resource": "serial, type, key, version, deleted, at, position"}
TABLES = (
    *("progress", "resource", "latest", "term", "moment", "work"),
    *("quarantine", "poisoned", "sqlite_master"),
)


def whom(pushed):
    return pushed.locations[0].partition("/_history")[0]


async def played(folder):
    """Assess two patients, correct and delete a third, and stop the gateway."""
    async with gateway_inside(folder, dev=True) as caller:
        first = whom(await caller.push(visit("1", "chest pain")))
        await assessed(caller, first)
        await assessed(caller, whom(await caller.push(visit("2", "chest pain"))))
        for family in ("Before", "After"):
            await caller.put({**patient(), "id": "eve", "name": [{"family": family}]})
        await caller.delete("Patient/eve")
        await caller.search("AuditEvent")
    return first.rpartition("/")[2]


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """The data folder of a stopped gateway, and the id of a patient in it."""
    folder = tmp_path_factory.mktemp("bulk") / "data"
    whose = asyncio.run(played(folder))
    with closing(Ledger.open(folder, registry=REGISTRY)) as ledger:
        command.bring_up_to_date(ledger, folder, tenant="default")
    return folder, whose


@pytest.fixture
def folder(stopped, tmp_path):
    return shutil.copytree(stopped[0], tmp_path / "data")


def accept_many(session):
    """Record more Patients than a start reads again."""
    for number in range(MANY):
        event = RecordAccepted(
            reference=Reference(type="Patient", id=f"many-{number}", version=1),
            received=b'{"resourceType":"Patient"}',
        )
        session.append(f"m/{number}", [event], subject="Patient/many", context=CONTEXT)


@contextmanager
def unseen(_title):
    yield lambda _done, _total: None


@contextmanager
def in_threads(source, processes):
    """Let threads answer: what a process takes seconds for is to start."""
    pairs = [Pipe() for _ in range(processes)]
    threads = [Thread(target=answer, args=(pipe, source)) for _, pipe in pairs]
    for each in threads:
        each.start()
    yield [ours for ours, _ in pairs]
    for (ours, _), each in zip(pairs, threads, strict=True):
        ours.close()
        each.join()


@pytest.fixture
def threads(monkeypatch):
    monkeypatch.setattr(bulk, "preparing", in_threads)


def made_anew(folder, showing=unseen, **options):
    """Make both files anew, a few events at a time."""
    with closing(Ledger.open(folder, registry=REGISTRY)) as ledger:
        for name, kind in KINDS.items():
            options = {"processes": 1, "events": 7, **options}
            bulk.replace(Draft(ledger, folder / name, kind, **options), showing)


def shown(folder):
    """Return all rows but the bodies, which `replay` compares: a nonce is in each."""
    found = {}
    for name in KINDS:
        with closing(sqlite3.connect(folder / name)) as file:
            for table in TABLES:
                columns = WITHOUT_BODY.get(table, "*")
                if table == "sqlite_master":
                    columns = "type, name, sql"
                rows = file.execute(f"SELECT {columns} FROM {table}").fetchall()
                found[name, table] = sorted(rows, key=repr)
    return found


def test_what_is_made_in_bulk_is_what_followed_the_log(folder):
    before = shown(folder)

    made_anew(folder, processes=2)

    assert shown(folder) == before
    replayed = replay(folder, progress=lambda _done, _total: None)
    assert replayed.same, replayed.findings
    assert before[FILE, "work"]
    assert len(before[AUDIT_FILE, "resource"]) > 10


@pytest.mark.usefixtures("threads")
def test_a_patient_who_was_erased_stays_erased(stopped, folder):
    arguments = ["--data", str(folder), "--patient", stopped[1], "--by", "she", "--yes"]
    assert "erased: " in CliRunner().invoke(erase, arguments).output
    before = shown(folder)

    made_anew(folder)

    assert shown(folder) == before
    assert replay(folder, progress=lambda _done, _total: None).same


@pytest.mark.usefixtures("threads")
def test_an_event_that_cannot_be_read_is_noted_and_others_are_shown(folder):
    with closing(Ledger.open(folder, registry=REGISTRY)) as ledger:
        first = ledger.head + 1
        ledger.submit_sync(accept_many)
    attack(folder, f"{SPOIL} WHERE position = {first}")
    before = shown(folder)

    made_anew(folder, events=100)

    after = shown(folder)
    assert [row[0] for row in after[FILE, "poisoned"]] == [first]
    assert len(after[FILE, "resource"]) == len(before[FILE, "resource"]) + MANY - 1


@pytest.mark.usefixtures("threads")
def test_a_fault_of_the_program_at_one_event_is_noted_too(folder, monkeypatch):
    plain = stored_resources.store
    before = shown(folder)

    def store(database, rows, *, reference, **named):
        if reference.id == "eve":
            raise AttributeError
        return plain(database, rows, reference=reference, **named)

    monkeypatch.setattr(stored_resources, "store", store)
    made_anew(folder)

    after = shown(folder)
    errors = [row[-1] for row in after[FILE, "poisoned"]]
    assert errors == ["AttributeError"] * 2  # accepted, corrected
    assert len(after[FILE, "resource"]) == len(before[FILE, "resource"]) - 2


@pytest.mark.usefixtures("threads")
def test_a_disk_that_fails_is_no_events_fault(folder, monkeypatch):
    def refused(*_arguments, **_named):
        raise sqlite3.OperationalError

    monkeypatch.setattr(bulk, "put", refused)

    with pytest.raises(sqlite3.OperationalError):
        made_anew(folder)


@pytest.mark.usefixtures("threads")
def test_rows_that_do_not_fit_are_projected_one_by_one(folder, monkeypatch):
    before = shown(folder)

    def refused(*_arguments, **_named):
        raise sqlite3.IntegrityError

    monkeypatch.setattr(bulk, "put", refused)
    made_anew(folder)

    assert shown(folder) == before


def test_a_process_that_ends_is_named_and_leaves_the_read_models(folder, capfd):
    before = shown(folder)
    wrong = folder.parent / "kek"
    wrong.write_bytes((folder / "keys" / "kek").read_bytes()[::-1])

    with pytest.raises(ProjectionEndedError, match="rebuild again"):
        made_anew(folder, key_file=wrong)

    assert shown(folder) == before
    assert "Error" in capfd.readouterr().err


def test_what_an_interruption_left_is_gone_after_the_next_start(folder):
    file = folder / FILE
    with (
        closing(Ledger.open(folder, registry=REGISTRY)) as ledger,
        suppress(KeyboardInterrupt),
    ):
        bulk.replace(Draft(ledger, file, KINDS[FILE], processes=1), interrupted)
    assert draft_of(file).exists()

    with closing(Ledger.open(folder, registry=REGISTRY)) as ledger:
        secret, head = ledger.derive("projections"), ledger.head
    soundness.sound(file, secret, head=head).close()

    assert not draft_of(file).exists()


@contextmanager
def interrupted(_title):
    raise KeyboardInterrupt
    yield


@pytest.mark.usefixtures("threads")
def test_a_long_log_is_rebuilt_in_bulk_with_a_bar(folder, monkeypatch):
    monkeypatch.setattr(command, "_LONG", 1)
    before = shown(folder)

    done = CliRunner().invoke(command.rebuild, ["--data", str(folder)])

    assert done.exit_code == 0, done.output
    assert shown(folder) == before


def test_its_key_may_come_from_elsewhere_than_a_file(folder, monkeypatch):
    monkeypatch.setattr(command, "_LONG", 1)
    before, file = shown(folder), folder / "keys" / "kek"
    monkeypatch.setenv("A_KEY", file.read_bytes().hex())
    file.unlink()

    words = ["--data", str(folder), "--key-file", "env:A_KEY"]
    done = CliRunner().invoke(command.rebuild, words)

    assert done.exit_code == 0, done.output
    assert shown(folder) == before


def test_without_a_key_to_tell_others_one_process_does_it_alone(folder, monkeypatch):
    monkeypatch.setattr(command, "_LONG", 1)
    before = shown(folder)

    with closing(Ledger.open(folder, registry=REGISTRY)) as ledger:
        (folder / "keys" / "kek").unlink()
        command.make_anew(ledger, folder, tenant="default")

    assert shown(folder) == before


def test_a_process_that_ends_is_said_in_a_sentence(folder, monkeypatch):
    def ended(*_arguments):
        raise ProjectionEndedError("A process ended.")

    monkeypatch.setattr(command, "_LONG", 1)
    monkeypatch.setattr(command, "replace", ended)

    done = CliRunner().invoke(command.rebuild, ["--data", str(folder)])

    assert done.exit_code == 1
    assert "A process ended." in done.output


def test_a_bar_tells_how_fast_it_goes_and_how_long_it_takes(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")

    with bar("Rebuilding") as progress:
        progress(500, 1000)
        progress(1000, 1000)

    said = capsys.readouterr().err
    assert "1000/1000" in said
    assert "/s" in said
