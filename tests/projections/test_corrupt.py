"""A file of read models that SQLite calls corrupt is made anew, while they are used."""

import sqlite3
from contextlib import closing

import pytest

from gateway.projections.database import FILE, Database
from gateway.projections.projector import Projector
from gateway.projections.soundness import sound
from tests.gateway_inside import gateway_inside
from tests.projections.shelf import shelf
from tests.projections.test_projector import accepted, append, projecting, shown
from tests.worklist import arrived, assessed

SECRET = b"k" * 32
PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female"}


def corrupt(file, name="term_filed"):
    """Overwrite the first page of a table or an index."""
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        (page,) = opened.execute(query, (name,)).fetchone()
        (size,) = opened.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as content:
        content.seek((page - 1) * size)
        content.write(b"\xff" * 100)


async def test_a_start_that_meets_it_goes_on(tmp_path):
    async with projecting(tmp_path) as (ledger, _, projector):
        await append(ledger, "Patient/1", accepted("1"))
        await projector.catch_up()
    corrupt(tmp_path / FILE, "resource_place")

    async with projecting(tmp_path) as (ledger, database, projector):
        await append(ledger, "Patient/2", accepted("2"))
        await projector.catch_up()

        assert len(shown(database)) == 2
        assert projector.position == ledger.head


@pytest.mark.parametrize("apart", [False, True])
async def test_a_running_gateway_makes_them_anew(tmp_path, apart):
    async with gateway_inside(tmp_path, dev=True, read_models_apart=False) as caller:
        before = await arrived(caller)
        await assessed(caller, before)
    corrupt(tmp_path / FILE)

    async with gateway_inside(tmp_path, dev=True, read_models_apart=apart) as caller:
        (task,) = await assessed(caller, await arrived(caller))
        assert len(await assessed(caller, before)) == 1

    assert task["status"] == "requested"


async def test_it_is_told_how_much_is_not_shown_again_yet(tmp_path):
    async with projecting(tmp_path) as (ledger, database, _):
        for number in range(3):
            await append(ledger, f"Patient/{number}", accepted(str(number)))
        projector = Projector(ledger, database, batch=1)
        await projector.catch_up()
        assert projector.lacking() == 0
        database.condemn()
        lacking = []

        await projector.catch_up(lambda _: lacking.append(projector.lacking()))

    assert lacking == [2, 1, 0]


async def test_meanwhile_the_gateway_is_not_ready(tmp_path, monkeypatch):
    async with gateway_inside(tmp_path, dev=True) as caller:
        monkeypatch.setattr(Projector, "lacking", lambda _: 3)
        response = await caller.get("/health/ready")

    assert response.status == 503
    assert "3 events are not shown yet" in response.body.decode()


def test_what_a_reader_finds_is_known_at_the_next_start(tmp_path):
    with shelf(tmp_path) as shelved:
        shelved.put(PATIENT)
    corrupt(tmp_path / "shelf.sqlite")
    with shelf(tmp_path) as shelved:
        with pytest.raises(sqlite3.DatabaseError):
            shelved.ids("Patient", "gender=female")
        assert shelved.database.condemned

    with closing(sound(tmp_path / "shelf.sqlite", SECRET, head=1000)) as database:
        assert not database.is_condemned()
        assert database.position() == 0


def test_who_still_reads_the_old_file_reads_it_to_the_end(tmp_path):
    with shelf(tmp_path) as shelved:
        shelved.put(PATIENT)
        count = "SELECT COUNT(*) FROM latest"
        with shelved.database.reader() as old:
            assert old.execute(count).fetchone() == (1,)
            shelved.database.begin_anew()
            assert old.execute(count).fetchone() == (1,)

        with shelved.database.reader() as new:
            assert new.execute(count).fetchone() == (0,)


def malformed_after(database, meanwhile):
    """Read until the file turns out to be corrupt."""
    error = sqlite3.DatabaseError("malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    with database.reader():
        meanwhile()
        raise error


@pytest.mark.parametrize("replaced", [False, True])
def test_what_is_wrong_with_an_old_file_is_not_said_of_the_new_one(tmp_path, replaced):
    with shelf(tmp_path) as shelved:
        database = shelved.database
        meanwhile = database.begin_anew if replaced else database.position
        with pytest.raises(sqlite3.DatabaseError, match="malformed"):
            malformed_after(database, meanwhile)

        assert database.is_condemned() != replaced


def test_a_file_that_could_not_be_begun_anew_is_tried_again(tmp_path, monkeypatch):
    with shelf(tmp_path) as shelved:
        database = shelved.database
        shelved.put(PATIENT)
        with closing(sqlite3.connect(tmp_path / "shelf.sqlite")) as another_process:
            another_process.execute("PRAGMA user_version = 1")
        with monkeypatch.context() as patch:
            patch.setattr(database, "_open", refused)
            with pytest.raises(sqlite3.OperationalError):
                database.begin_anew()

        assert database.is_condemned()
        database.begin_anew()
        assert not database.is_condemned()
        assert database.position() == 0


def refused():
    raise sqlite3.OperationalError("unable to open database file")


class _Refusing(sqlite3.Connection):
    """A connection to a disk that refuses to give the form of the tables."""

    def execute(self, statement, *given):
        if "form FROM" in statement:
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(statement, *given)


def test_a_disk_that_refuses_the_form_is_no_file_without_tables(tmp_path, monkeypatch):
    file = tmp_path / FILE
    Database(file, SECRET).close()
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *a, **k: connect(*a, **k, factory=_Refusing)
    )

    with pytest.raises(sqlite3.OperationalError):
        Database(file, SECRET)
