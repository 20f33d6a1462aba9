"""Work that says what it will read is read for at once, and is right either way."""

import asyncio
import threading
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.store.errors import LogUnavailableError
from gateway.store.foresight import Reads
from gateway.store.recorder import SealedRecorder
from tests.store.samples import (
    CONTEXT,
    Noted,
    erase,
    longer,
    note,
    opened,
    texts,
)


class _Foretold:
    """A note that names streams and subjects beforehand, rightly or wrongly."""

    def __init__(self, stream, text, *, subject="", streams=(), subjects=()):
        self._work = note(stream, text, subject=subject)
        self._reads = Reads(streams, subjects)

    def reads(self, _):
        return self._reads

    def __call__(self, session):
        return self._work(session)


class _Work:
    """Anything, with what it foretells."""

    def __init__(self, work, reads):
        self._work = work
        self._reads = reads

    def reads(self, _):
        return self._reads

    def __call__(self, session):
        return self._work(session)


pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def asked(monkeypatch):
    """Count the log's questions to the disk."""
    counted = Counter()
    for name in ("rows_of", "version_of", "newest_key", "rows_and_keys"):
        original = getattr(SealedRecorder, name)

        def count(self, *args, name=name, original=original):
            counted[name] += 1
            return original(self, *args)

        monkeypatch.setattr(SealedRecorder, name, count)
    return counted


def _told(stream, text, subject=""):
    return _Foretold(
        stream, text, subject=subject, streams=[stream], subjects=[subject]
    )


async def _as_one_group(ledger, units):
    entered, go = threading.Event(), threading.Event()

    def hold(_):
        entered.set()
        go.wait(60)

    held = asyncio.create_task(ledger.submit(hold))
    await asyncio.to_thread(entered.wait)
    tasks = [asyncio.create_task(ledger.submit(unit)) for unit in units]
    await asyncio.sleep(0)
    go.set()
    await held
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_group_that_foretells_its_reads_asks_the_disk_once(ledger, asked):
    units = [_told(f"s{n}", str(n), subject=f"Patient/{n}") for n in range(200)]

    results = await _as_one_group(ledger, units)

    assert results == [1] * 200
    assert asked == {"rows_and_keys": 1}


async def test_what_is_hot_is_not_asked_for_again(ledger, asked):
    await ledger.submit(_told("s", "1", subject="Patient/1"))
    await ledger.submit(_told("s", "2", subject="Patient/1"))

    assert asked == {"rows_and_keys": 1}
    assert texts(ledger, "s") == ["1", "2"]


def test_a_request_may_foretell_more_than_fits_into_one_statement(ledger):
    for number in (3, 700, 1500):
        ledger.submit_sync(note(f"s{number}", "x", subject=f"Patient/{number}"))
    many = _Foretold(
        "s700",
        "y",
        subject="Patient/700",
        streams=[f"s{n}" for n in range(1600)],
        subjects=[f"Patient/{n}" for n in range(1600)],
    )

    assert ledger.submit_sync(many) == 2


def test_foretold_streams_and_keys_of_a_reopened_log_are_continued(tmp_path, asked):
    first = opened(tmp_path)
    first.submit_sync(note("a", "1", "2", subject="Patient/1"))
    first.submit_sync(note("b", "3", subject="Patient/1"))
    first.close()
    asked.clear()

    second = opened(tmp_path)
    version = second.submit_sync(_told("a", "4", subject="Patient/1"))

    assert version == 3
    assert asked == {"rows_and_keys": 1}
    assert texts(second, "a") == ["1", "2", "4"]
    second.close()


def test_an_erased_subject_that_was_foretold_gets_a_new_key(tmp_path):
    ledger = opened(tmp_path)
    ledger.submit_sync(note("a", "gone", subject="Patient/1"))
    ledger.close()
    erase(tmp_path)

    ledger = opened(tmp_path)

    assert ledger.submit_sync(_told("a", "new", subject="Patient/1")) == 2
    assert ledger.stream("a")[1].event == Noted(text="new")
    ledger.close()


async def test_a_stream_that_was_foretold_empty_is_seen_by_the_next_unit(ledger):
    def refuse(session):
        session.append("s", [Noted(text="no")], subject="p", context=CONTEXT)
        raise ZeroDivisionError

    units = [_told("s", "1", "p"), refuse, _told("s", "2", "p"), note("s", "3")]

    results = await _as_one_group(ledger, units)

    assert [results[0], *results[2:]] == [1, 2, 3]
    assert texts(ledger, "s") == ["1", "2", "3"]


def test_nothing_of_the_last_group_is_believed_when_a_name_cannot_be_encoded(ledger):
    def append(session):
        session.append("a", [Noted(text="1")], subject="", context=CONTEXT)

    ledger.submit_sync(_Work(append, Reads(["a"], [""])))
    seen = ledger.submit_sync(
        _Work(lambda session: session.load("a", longer, ()), Reads(["\ud800"]))
    )

    assert seen == (("1",), 1)


def test_a_new_stream_that_is_begun_is_not_looked_for(ledger, asked):
    def begin(session):
        session.begin("case/1")
        before = session.load("case/1", longer, ())
        session.append("case/1", [Noted(text="x")], subject="", context=CONTEXT)
        return before

    assert ledger.submit_sync(begin) == ((), 0)
    assert asked == {"newest_key": 1}
    assert texts(ledger, "case/1") == ["x"]


def test_beginning_a_stream_that_is_known_changes_nothing(ledger):
    ledger.submit_sync(note("s", "1"))

    def begin(session):
        session.begin("s")
        return session.load("s", longer, ())

    assert ledger.submit_sync(begin) == (("1",), 1)


def test_a_stream_begun_twice_is_refused_by_the_log(tmp_path):
    ledger = opened(tmp_path)
    ledger.submit_sync(note("s", "1"))
    ledger.close()
    ledger = opened(tmp_path)

    def begin(session):
        session.begin("s")
        session.append("s", [Noted(text="2")], subject="", context=CONTEXT)

    with pytest.raises(LogUnavailableError, match=r"append-only|UniqueViolation"):
        ledger.submit_sync(begin)

    assert ledger.submit_sync(note("s", "2")) == 2
    ledger.close()


_NAMES = st.sampled_from("abcd")
_UNITS = st.lists(
    st.tuples(_NAMES, _NAMES, st.lists(_NAMES), st.lists(_NAMES)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(before=_UNITS, after=_UNITS)
def test_whatever_is_foretold_the_log_holds_the_same(tmp_path_factory, before, after):
    folder = tmp_path_factory.mktemp("log")
    expected = Counter()
    for units in (before, after):
        ledger = opened(folder)
        versions = asyncio.run(
            _as_one_group(
                ledger,
                [
                    _Foretold(s, "x", subject=p, streams=streams, subjects=subjects)
                    for s, p, streams, subjects in units
                ],
            )
        )
        for version, (stream, *_) in zip(versions, units, strict=True):
            expected[stream] += 1
            assert version == expected[stream]
        assert {s: len(ledger.stream(s)) for s in expected} == expected
        ledger.close()
