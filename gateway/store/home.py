"""Where a log lives: in a file of its data folder, or in a server."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from gateway.store.database import LogDatabase, Statements
from gateway.store.postgres.home import PostgresHome
from gateway.store.server import Server
from gateway.store.sqlite import SqliteHome


class LogHome(Protocol):
    """A place for one log."""

    def alone(self) -> AbstractContextManager[None]:
        """Keep others from founding a log here meanwhile."""
        ...

    def is_there(self) -> bool:
        """Tell whether there is one, if only begun."""
        ...

    def snapshot(self) -> AbstractContextManager[Statements]:
        """Open it as it is now, read-only, while others may write it."""
        ...

    def require_guarded(self, log: Statements) -> None:
        """Refuse a log whose tables do not refuse changes any more.

        Raises:
            LogDamagedError: naming what was removed or changed.

        """
        ...

    def found(self, write: Callable[[Statements], None]) -> None:
        """Create the tables and what is written first, in one transaction."""
        ...

    def database(self) -> LogDatabase:
        """Return what reads and writes it."""
        ...


def home_of(folder: Path, server: Server | None) -> LogHome:
    """Return the place of a log: in the server if there is one, else in the folder."""
    return PostgresHome(server) if server else SqliteHome(folder)
