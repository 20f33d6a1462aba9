"""Whose fault it is that an event is not projected."""

import sqlite3
from contextlib import closing

import pytest

from gateway.projections.faults import is_of_an_event
from gateway.store.errors import (
    CiphertextError,
    LogDamagedError,
    LogUnavailableError,
)
from gateway.store.sight import Sight
from gateway.workers.passed_over import is_of_a_case


@pytest.mark.parametrize(
    "error",
    [
        CiphertextError("A row was changed."),
        KeyError("name"),
        RuntimeError("generator raised StopIteration"),
        StopIteration(),
        sqlite3.IntegrityError(),
    ],
)
def test_one_event_is_passed_over(error):
    assert is_of_an_event(error)


@pytest.mark.parametrize(
    "error",
    [
        LogUnavailableError("The disk is full."),
        MemoryError(),
        OSError(),
        sqlite3.DatabaseError("database disk image is malformed"),
        sqlite3.OperationalError("disk I/O error"),
    ],
)
def test_what_fails_for_every_event_is_waited_for(error):
    assert not is_of_an_event(error)


def test_a_log_that_is_no_database_is_no_fault_of_an_event_or_a_case(tmp_path):
    (tmp_path / "log").write_bytes(b"no database" * 1000)
    with (
        closing(Sight(tmp_path / "log")) as sight,
        pytest.raises(LogDamagedError) as raised,
    ):
        sight.execute("SELECT * FROM stored_events")

    assert not is_of_an_event(raised.value)
    assert not is_of_a_case(raised.value)
