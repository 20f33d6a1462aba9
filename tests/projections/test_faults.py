"""Whose fault it is that an event is not projected."""

import sqlite3

import pytest

from gateway.projections.faults import is_of_an_event
from gateway.store.errors import CiphertextError, LogUnavailableError


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
