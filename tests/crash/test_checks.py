"""The harness itself: it notices what it is there to notice."""

import sqlite3
from contextlib import closing

import pytest

from tests.crash import checks
from tests.crash.checks import UnkeptError
from tests.crash.journal import Journal, Written, location
from tests.crash.power import written_to_log
from tests.gateway_inside import gateway_inside
from tests.patients import patient, visit
from tests.store.samples import attack, note, opened
from tests.worklist import assessed


def _written(location, content):
    return Written(location, content, round=1)


@pytest.fixture
def journal():
    return Journal()


def test_one_version_is_never_given_to_two_writes(journal):
    journal.note(_written("Patient/1/_history/1", {"a": 1}))
    journal.note(_written("Patient/1/_history/1", {"a": 1}))

    with pytest.raises(AssertionError, match="two writes"):
        journal.note(_written("Patient/1/_history/1", {"a": 2}))


def test_bytes_that_were_read_are_for_ever(journal):
    written = _written("Patient/1/_history/1", {})
    journal.read(written, b"one")

    with pytest.raises(AssertionError, match="not the bytes"):
        journal.read(written, b"other")


async def test_what_is_missing_or_other_is_noticed(tmp_path, journal):
    async with gateway_inside(tmp_path, dev=True) as caller:
        created = await caller.create(patient("1"))
        place = location(created)
        good = _written(place, patient("1"))
        await checks.everything_acknowledged_is_there(caller, journal, [good])

        for bad in (
            _written(place.replace("history/1", "history/2"), patient("1")),
            _written("Patient/none/_history/1", patient("1")),
            _written(place, patient("2")),
        ):
            with pytest.raises(ExceptionGroup, match="unhandled") as raised:
                await checks.everything_acknowledged_is_there(caller, journal, [bad])
            assert isinstance(raised.value.exceptions[0], UnkeptError)


async def test_a_version_that_hides_the_last_acknowledged_is_noticed(tmp_path, journal):
    async with gateway_inside(tmp_path, dev=True) as caller:
        created = await caller.create(patient("1"))
        first = _written(location(created), patient("1"))
        await checks.the_newest_is_shown(caller, journal, [first])
        second = _written(f"{first.address}/_history/2", patient("1"))

        with pytest.raises(ExceptionGroup) as raised:
            await checks.the_newest_is_shown(caller, journal, [second])

    (error,) = raised.value.exceptions
    assert isinstance(error, UnkeptError)
    assert "hidden by version 1" in str(error)


def test_every_round_looks_at_its_own_and_at_some_of_those_before():
    old = [Written(f"Patient/{n}/_history/1", {}, round=1) for n in range(1000)]
    new = [Written(f"Patient/new{n}/_history/1", {}, round=2) for n in range(300)]

    looked_at = checks.of_round(2, old + new)

    assert looked_at[:300] == new
    assert looked_at[300:] == old[::5]


async def test_an_erased_patient_who_is_there_again_is_noticed(tmp_path, journal):
    async with gateway_inside(tmp_path, dev=True) as caller:
        pushed = await caller.push(visit("1", "chest pain"))
        at = pushed.locations[0]
        whom = at.partition("/_history")[0]
        await assessed(caller, whom)
        journal.gone = ["Patient/none"]
        journal.erased = ["Patient/none/_history/1"]
        await checks.nobody_comes_back(caller, journal)

        with pytest.raises(UnkeptError, match="1 Tasks"):
            await checks.nobody_comes_back(caller, Journal(gone=[whom]))
        with pytest.raises(ExceptionGroup):
            await checks.nobody_comes_back(caller, Journal(erased=[at]))


async def test_a_bundle_that_was_carried_out_twice_is_noticed(tmp_path, journal):
    async with gateway_inside(tmp_path, dev=True) as caller:
        pushed = await caller.push(visit("1", "chest pain"))
        for at in pushed.locations:
            journal.note(_written(at, {}))
        journal.patients[pushed.locations[0].partition("/_history")[0]] = 1
        checks.nothing_is_there_unasked(tmp_path, journal)
        unknown = Journal(written=journal.written)
        with pytest.raises(UnkeptError, match="1 times case"):
            checks.nothing_is_there_unasked(tmp_path, unknown)
        await caller.push(visit("2", "chest pain"))

        with pytest.raises(UnkeptError, match="4 times record"):
            checks.nothing_is_there_unasked(tmp_path, journal)


async def test_a_second_case_and_a_second_patient_are_noticed(tmp_path, journal):
    async with gateway_inside(tmp_path, dev=True) as caller:
        pushed = await caller.push(visit("1", "chest pain"))
        whom = pushed.locations[0].partition("/_history")[0]
        await assessed(caller, whom)
        await checks.nothing_is_there_twice(caller, [whom])
        nobody = await caller.create(patient("2"))
        other = location(nobody)
        journal.shared["2"] = other
        await checks.nobody_is_there_twice(caller, journal)
        await caller.create(patient("2"))

        with pytest.raises(ExceptionGroup):
            await checks.nothing_is_there_twice(
                caller, [other.partition("/_history")[0]]
            )
        with pytest.raises(UnkeptError, match="2 Patients"):
            await checks.nobody_is_there_twice(caller, journal)


@pytest.mark.parametrize(
    ("file", "left"),
    [
        ("projections.sqlite", "UPDATE progress SET position = position - 1"),
        ("audit.sqlite", "UPDATE progress SET position = position - 1"),
        ("projections.sqlite", "UPDATE work SET floored = floored - 1"),
        ("projections.sqlite", "UPDATE work SET answered = answered - 1"),
    ],
)
async def test_what_the_gateway_still_has_to_do_is_waited_for(tmp_path, file, left):
    async with gateway_inside(tmp_path, dev=True) as caller:
        pushed = await caller.push(visit("1", "chest pain"))
        await assessed(caller, pushed.locations[0].partition("/_history")[0])
        await checks.all_is_done(tmp_path)
    with closing(sqlite3.connect(tmp_path / file)) as models:
        models.execute(left)
        models.commit()

    with pytest.raises(AssertionError, match="Nothing came"):
        await checks.all_is_done(tmp_path, patience=0.05)


def test_a_hole_in_the_order_is_noticed(tmp_path):
    ledger = opened(tmp_path)
    ledger.submit_sync(note("s", "x", "y"))
    ledger.close()
    checks.order_is_gapless(tmp_path)
    attack(tmp_path, "DELETE FROM stored_events WHERE position = 1")

    with pytest.raises(UnkeptError, match="1 events from 2 to 2; 1 streams"):
        checks.order_is_gapless(tmp_path)


def test_history_that_was_written_anew_is_noticed(tmp_path):
    ledger = opened(tmp_path / "one")
    ledger.submit_sync(note("s", "x"))
    ledger.close()
    noted = checks.the_seal_holds(tmp_path / "one", None)
    attack(tmp_path / "one", "UPDATE stored_events SET topic = 'x'")

    with pytest.raises(UnkeptError, match="does not verify"):
        checks.the_seal_holds(tmp_path / "one", noted)


async def test_a_read_model_that_is_not_the_log_is_noticed(tmp_path):
    async with gateway_inside(tmp_path, dev=True) as caller:
        await caller.create(patient("1"))
        await caller.search("Patient")
    assert checks.the_read_models_converge(tmp_path) > 0
    with closing(sqlite3.connect(tmp_path / "projections.sqlite")) as models:
        models.execute("DELETE FROM term")
        models.commit()

    with pytest.raises(UnkeptError, match="replay differs"):
        checks.the_read_models_converge(tmp_path)


def test_a_commit_that_was_lost_all_the_same_is_noticed(tmp_path):
    ledger = opened(tmp_path)
    ledger.submit_sync(note("s", "x"))
    before = written_to_log(tmp_path / "log.sqlite")
    ledger.submit_sync(note("s", "y"))
    torn = _copy_of_a_running_log(tmp_path, tmp_path / "torn")
    ledger.close()
    noted = checks.the_seal_holds(tmp_path, None)
    (torn / "log.sqlite-shm").unlink()
    with (torn / "log.sqlite-wal").open("r+b") as log:
        log.truncate(before)

    checks.the_seal_holds(torn, None)
    with pytest.raises(UnkeptError, match="does not verify"):
        checks.the_seal_holds(torn, noted)


def test_without_a_write_ahead_log_nothing_is_written_to_it(tmp_path):
    opened(tmp_path).close()

    assert written_to_log(tmp_path / "none") == 0


def _copy_of_a_running_log(folder, target):
    target.mkdir()
    for suffix in ("", "-wal", "-shm"):
        content = (folder / f"log.sqlite{suffix}").read_bytes()
        (target / f"log.sqlite{suffix}").write_bytes(content)
    return target
