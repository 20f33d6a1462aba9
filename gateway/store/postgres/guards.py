"""Whether a log's tables in a server still refuse what they were made to refuse."""

import re
from collections.abc import Iterator
from typing import Final

from gateway.store.database import Statements
from gateway.store.errors import LogDamagedError
from gateway.store.postgres.dialect import tables

# 'O' fires in ordinary sessions and 'A' in all, 'D' in none and 'R' in replicas only.
_TRIGGERS: Final = """
    SELECT tgname, pg_get_triggerdef(pg_trigger.oid, true), prosrc
    FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')
    AND tgrelid IN
        ('stored_events'::regclass, 'data_keys'::regclass, 'log_secrets'::regclass)"""
_MADE: Final = re.compile(
    r"CREATE TRIGGER (\w+)\s.*\sEXECUTE FUNCTION (\w+)", re.DOTALL
)
_FUNCTION: Final = re.compile(r"CREATE FUNCTION (\w+).*\$\$(.*)\$\$", re.DOTALL)


def require_guarded(log: Statements) -> None:
    """Refuse a log whose triggers, or what they do, are not those that were made.

    Raises:
        LogDamagedError: naming them.

    """
    found = {
        name: (_bare(definition), source)
        for name, definition, source in log.execute(_TRIGGERS)
    }
    different = [name for name, made in _wanted() if found.get(name) != made]
    if different:
        raise LogDamagedError(
            f"The log's {', '.join(different)} was removed, changed or switched off, "
            "so that its tables do not refuse changes any more. Run `triage-gateway "
            "audit verify`; if it holds, make a backup and restore that: it has them "
            "again."
        )


def _wanted() -> Iterator[tuple[str, tuple[str, str]]]:
    """Give each trigger's name, its definition, and what its function does."""
    made = tables()
    functions = filter(None, map(_FUNCTION.match, made))
    sources = {function[1]: function[2] for function in functions}
    for statement, named in zip(made, map(_MADE.match, made), strict=True):
        if named:
            yield named[1], (_bare(statement), sources[named[2]])


def _bare(definition: str) -> str:
    """Return a definition however its lines are broken, without what is the default."""
    return " ".join(definition.replace("FOR EACH STATEMENT", "").split())
