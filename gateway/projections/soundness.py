"""Read models as a start finds them: used, or made anew from the log."""

import sqlite3
from pathlib import Path

import structlog

from gateway.projections.database import Database, draft_of, remove_file

_LOG = structlog.get_logger()


def sound(file: Path, secret: bytes, *, head: int) -> Database:
    """Open read models; begin anew where they are unreadable, or ahead of the log.

    They are ahead where the log was replaced by an older one: what they show was never
    written as far as the log knows. The log fills new ones.

    Raises:
        sqlite3.OperationalError: the disk refuses.

    """
    remove_file(draft_of(file))  # of a rebuilding that was interrupted
    try:
        database = Database(file, secret)
        condemned = database.is_condemned()
        if database.position() <= head and not condemned:
            return database
        database.close()
        reason = "unreadable" if condemned else "ahead of the log"
    except sqlite3.OperationalError:  # of the disk, not of what is on it
        raise
    except sqlite3.DatabaseError:
        reason = "unreadable"
    _LOG.warning("projection.begun_anew", reason=reason)
    remove_file(file)
    return Database(file, secret)
