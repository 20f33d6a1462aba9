"""A data key that is destroyed is gone with the event that says so, or not at all."""

import asyncio
import sqlite3
from threading import Event

import pytest

from gateway.store.errors import LogUnavailableError, OverloadedError
from gateway.store.records import Erased
from gateway.store.subjects import NOBODY, alone, joint, members
from tests.store.samples import CONTEXT, Noted, longer, note, texts

EVE, ADAM = "Patient/eve", "Patient/adam"
BOTH = joint([EVE, ADAM])


def destroying(*subjects):
    """Return a unit that destroys every key that these have, alone or together."""

    def work(session):
        keys = [each.key_id for each in session.keys_of(subjects)]
        session.append("said", [Noted(text="gone")], subject=NOBODY, context=CONTEXT)
        session.destroy(keys)
        return keys

    return work


def erased(ledger, stream):
    return [isinstance(each, Erased) for each in ledger.stream(stream)]


def wrapped(folder):
    connection = sqlite3.connect(folder / "log.sqlite")
    try:
        return [row[0] for row in connection.execute("SELECT wrapped FROM data_keys")]
    finally:
        connection.close()


def test_subjects_are_named_one_way_however_they_are_listed():
    assert joint([]) == NOBODY
    assert joint([EVE]) == joint([EVE, EVE, NOBODY]) == EVE
    assert joint([ADAM, EVE]) == BOTH == joint([BOTH, EVE])
    assert members(BOTH) == (ADAM, EVE)
    assert members(NOBODY) == ()
    assert members(alone("a b")) == ("alone:a_b",)


@pytest.mark.usefixtures("backend")
def test_what_two_share_is_lost_with_either_and_what_is_not_shared_stays(ledger):
    ledger.submit_sync(note("hers", "1", subject=EVE))
    ledger.submit_sync(note("his", "1", subject=ADAM))
    ledger.submit_sync(note("theirs", "1", subject=BOTH))

    keys = ledger.submit_sync(destroying(EVE))

    assert len(keys) == 2
    assert erased(ledger, "hers") == erased(ledger, "theirs") == [True]
    assert texts(ledger, "his") == ["1"]


def test_new_data_after_that_get_a_new_key_and_go_on_in_the_same_stream(ledger):
    ledger.submit_sync(note("hers", "1", subject=EVE))
    ledger.submit_sync(destroying(EVE))

    assert ledger.submit_sync(note("hers", "2", subject=EVE)) == 2
    assert erased(ledger, "hers") == [True, False]
    assert ledger.submit_sync(lambda session: session.load("hers", longer, ())) == (
        ("2",),
        2,
    )


def test_nothing_that_was_remembered_is_believed_afterwards(ledger):
    ledger.submit_sync(note("hers", "1", subject=EVE))
    assert ledger.submit_sync(lambda s: s.load("hers", longer, ())) == (("1",), 1)

    ledger.submit_sync(destroying(EVE))

    assert ledger.submit_sync(lambda s: s.load("hers", longer, ())) == ((), 1)


def test_no_byte_of_a_destroyed_key_stays_in_any_file(ledger, tmp_path):
    ledger.submit_sync(note("hers", "1", subject=EVE))
    before = [each for each in wrapped(tmp_path) if each]

    ledger.submit_sync(destroying(EVE))
    ledger.log.recorder.database.shed()

    after = [each for each in wrapped(tmp_path) if each]
    gone = set(before) - set(after)
    assert len(gone) == 1
    for file in tmp_path.glob("log.sqlite*"):
        assert not any(each in file.read_bytes() for each in gone)


def test_keys_of_a_unit_that_fails_are_not_destroyed(ledger):
    ledger.submit_sync(note("hers", "1", subject=EVE))

    def failing(session):
        destroying(EVE)(session)
        raise LookupError

    with pytest.raises(LookupError):
        ledger.submit_sync(failing)

    assert texts(ledger, "hers") == ["1"]
    assert ledger.submit_sync(note("hers", "2", subject=EVE)) == 2


def test_a_commit_that_fails_destroys_nothing(ledger, monkeypatch):
    ledger.submit_sync(note("hers", "1", subject=EVE))
    insert = ledger.log.recorder.insert_events

    def refused(*_, **__):
        raise LogUnavailableError("The disk is full.")

    monkeypatch.setattr(ledger.log.recorder, "insert_events", refused)
    with pytest.raises(LogUnavailableError):
        ledger.submit_sync(destroying(EVE))
    monkeypatch.setattr(ledger.log.recorder, "insert_events", insert)

    assert texts(ledger, "hers") == ["1"]
    assert ledger.submit_sync(note("hers", "2", subject=EVE)) == 2


async def test_units_that_come_with_an_erasure_never_use_its_keys(ledger):
    await ledger.submit(note("hers", "1", subject=EVE))

    done = await asyncio.gather(
        ledger.submit(destroying(EVE)),
        *(ledger.submit(note("hers", str(n), subject=EVE)) for n in range(2, 6)),
        return_exceptions=True,
    )

    assert not any(isinstance(each, BaseException) for each in done)
    assert erased(ledger, "hers") == [True, False, False, False, False]


async def test_units_put_back_by_an_erasure_do_not_share_its_failed_commit(
    ledger, monkeypatch
):
    ledger.submit_sync(note("hers", "1", subject=EVE))
    insert, gate, refusals = ledger.log.recorder.insert_events, Event(), [True]

    def refused_once(*given, **named):
        if refusals:
            refusals.pop()
            raise LogUnavailableError("The disk is full.")
        return insert(*given, **named)

    works = (
        lambda _: gate.wait(20),
        destroying(EVE),
        note("hers", "2", subject=EVE),
    )
    waiting = [asyncio.ensure_future(ledger.submit(each)) for each in works]
    await asyncio.sleep(0)  # all of them are in the queue now
    monkeypatch.setattr(ledger.log.recorder, "insert_events", refused_once)
    gate.set()
    _, erasure, later = await asyncio.gather(*waiting, return_exceptions=True)

    assert isinstance(erasure, LogUnavailableError)
    assert later == 2
    assert texts(ledger, "hers") == ["1", "2"]


async def test_an_erasure_that_would_share_a_commit_is_asked_for_again(ledger):
    ledger.submit_sync(note("hers", "1", subject=EVE))
    gate = Event()
    works = (
        lambda _: gate.wait(20),
        note("his", "1", subject=ADAM),
        destroying(EVE),
    )
    waiting = [asyncio.ensure_future(ledger.submit(each)) for each in works]
    await asyncio.sleep(0)  # all of them are in the queue now

    gate.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)

    assert isinstance(results[2], OverloadedError)
    assert erased(ledger, "hers") == [False]
    assert texts(ledger, "his") == ["1"]


def test_nothing_to_append_makes_no_key_that_the_log_does_not_have(ledger):
    ledger.submit_sync(note("hers", subject=EVE))
    ledger.submit_sync(note("hers", "1", subject=EVE))

    assert texts(ledger, "hers") == ["1"]
