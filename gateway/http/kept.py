"""What is known of an accepted request while it waits, and once it is done."""

from dataclasses import dataclass

import msgspec

from gateway.http.resumption import Head


class Answered(msgspec.Struct, frozen=True):
    """What became of a request, without the body of its answer."""

    client: str
    status: int
    headers: list[tuple[str, str]]


@dataclass(kw_only=True)
class Waiting:
    """A request that is not done, and how often somebody began to carry it out."""

    head: Head
    begun: int = 0

    @property
    def client(self) -> str:
        """Return the name of the client that asked."""
        return self.head.reviewer.name


@dataclass(frozen=True, kw_only=True)
class Done:
    """The answer of a request, and since when it is there (microseconds since 1970)."""

    answer: Answered
    at: int

    @property
    def client(self) -> str:
        """Return the name of the client that asked."""
        return self.answer.client
