"""Whose fault it is that something was not projected: an event's, or not."""

import sqlite3
from typing import Final

from domain.errors import RuleError
from gateway.store.errors import LogFileDamagedError, StoreError
from gateway.store.reading import UNREADABLE

_OF_ONE_EVENT: Final = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,  # a value of a type that SQLite does not know
)
# Named one by one: a driver of a database, or of a network, has errors of its own.
_OF_THE_PROGRAM: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RuleError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)
_CORRUPT: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PRIMARY: Final = 0xFF  # the part of an extended code that all of its kind share


def is_corrupt(error: sqlite3.Error) -> bool:
    """Say whether a file is no sound database; not so where the disk refuses it."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code & _PRIMARY in _CORRUPT


def is_unreadable(error: Exception) -> bool:
    """Say whether something in the log cannot be read, while the rest of it can."""
    whole = isinstance(error, LogFileDamagedError)
    return isinstance(error, UNREADABLE) and not whole


def is_of_an_event(error: Exception) -> bool:
    """Say whether an event is at fault, or the program at this event.

    Not so what fails for every event, and passes: the disk, the database, the log.
    """
    if isinstance(error, StoreError):
        return is_unreadable(error)
    return isinstance(error, (*_OF_ONE_EVENT, *_OF_THE_PROGRAM))
