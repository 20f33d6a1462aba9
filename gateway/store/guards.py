"""Whether a SQLite log still has the tables and triggers that it was made with."""

import re
from typing import Final

from gateway.store.database import Statements
from gateway.store.errors import LogDamagedError
from gateway.store.schema import SCHEMA

_MADE: Final = "SELECT name, sql FROM sqlite_master"


def require_guarded(log: Statements) -> None:
    """Refuse a SQLite log whose tables or triggers are not those that were made.

    Raises:
        LogDamagedError: naming them.

    """
    found = {name: _bare(sql) for name, sql in log.execute(_MADE)}
    wanted = {_name(statement): _bare(statement) for statement in SCHEMA}
    different = [name for name, sql in wanted.items() if found.get(name) != sql]
    if different:
        raise LogDamagedError(
            f"The log's {', '.join(different)} was removed or changed, so that the "
            "file does not refuse changes any more. Run `triage-gateway audit verify`; "
            "if it holds, make a backup and restore that: it has them again."
        )


def _name(statement: str) -> str:
    made = re.match(r"CREATE (?:TABLE|INDEX|TRIGGER) (\w+)", statement)
    return made[1] if made else statement


def _bare(statement: str | None) -> str:
    """Return a statement however its lines are broken."""
    return " ".join((statement or "").split())
