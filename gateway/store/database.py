"""What the log asks of a database; SQLite and PostgreSQL answer."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

Told = Callable[[int, int], None]


class Rows(Protocol):
    """What a statement brought."""

    def __iter__(self) -> Iterator[Any]:
        """Give row by row."""
        ...

    def fetchone(self) -> Any:  # noqa: ANN401 (a row's values are of any type)
        """Return the next row, None after the last."""
        ...

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        ...


class Statements(Protocol):
    """A connection or a cursor: runs SQL with `?` for each value."""

    def execute(self, statement: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Run one statement."""
        ...


@dataclass(frozen=True, kw_only=True)
class News:
    """What others did to the log since this process looked last.

    `streams` are the identities of those that grew; None stands for "perhaps all".
    `keys` tells whether a data key was changed, as an erasure does. `kek_id` is of the
    key that wraps the log's secrets now; None says that nobody can have replaced it.
    """

    streams: Collection[str] | None = ()
    keys: bool = False
    kek_id: bytes | None = None


NO_NEWS = News()


class LogDatabase(Protocol):
    """The tables of one log, whoever keeps them."""

    @property
    def shared(self) -> bool:
        """Say whether other processes may write the log, too."""
        ...

    @property
    def reachable(self) -> bool:
        """Say whether the database answered when it was asked last, seconds ago."""
        ...

    def reading(self) -> AbstractContextManager[Statements]:
        """Lend what reads; each statement sees what is committed by then.

        Raises:
            LogUnavailableError: if the database fails.
            LogClosedError: if the log is closed.

        """
        ...

    def writing(self) -> AbstractContextManager[Statements]:
        """Lend what writes, and commit at the end; nobody else writes meanwhile.

        Raises as `reading` does; nothing was kept then, or it is not known: `settled`
        tells.
        """
        ...

    def group(self) -> AbstractContextManager[News]:
        """Keep other writers away, so that what is read stays true until `writing`.

        For the writer's thread, whose `reading` and first `writing` are part of it.
        Raises as `reading` does.
        """
        ...

    def settled(self, check: Callable[[Statements], bool]) -> bool:
        """Return what a check says once no commit of ours is under way any more.

        Raises:
            LogUncertainError: if the database does not answer.

        """
        ...

    def follow(self, told: Told, quiet: Collection[str], *, after: int) -> None:
        """Tell when others append: the head, and the last event that is not quiet."""
        ...

    def claim(self, names: Collection[str]) -> Collection[str]:
        """Return which of some works this process may do; nobody else does them now.

        A claim ends when it is released, or some seconds after its process ended.
        """
        ...

    def release(self, names: Collection[str]) -> None:
        """Give claims back."""
        ...

    def shed(self) -> None:
        """Leave no bytes of what was overwritten, as far as the database can.

        Raises:
            LogUnavailableError: if others read it for too long, or the database fails;
                the sentence says what is left, and when it goes.

        """
        ...

    def close(self) -> None:
        """Give every connection back."""
        ...
