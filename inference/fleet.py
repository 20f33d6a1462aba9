"""Several servers of one model: whom to ask, and whom instead when one fails."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from inference.circuit import Circuit
from inference.endpoint import BusyError, Completion, Endpoint, FullError, Served
from inference.schema import GeneratorUnavailableError

_ATTEMPTS = 2  # where there is one server; of several, each is asked once
_PAUSE_S = 0.2
_OPEN = "The model server has failed repeatedly and is not asked for now."
_SGLANG = "sglang"  # as its rows of /v1/models say whose they are
_ROUTER = "local"  # as those of its router do (0.3.2)


class WrongModelError(GeneratorUnavailableError):
    """The server is there and does not serve the model that is configured."""


@dataclass(kw_only=True, eq=False)
class Server:
    """One server, and what is known of it."""

    endpoint: Endpoint
    circuit: Circuit
    running: int = 0  # requests of ours
    served: list[Served] | None = None  # None: to be asked before the next case

    def failed(self, now: float) -> None:
        """Count a failure; what it serves afterwards has to be asked again."""
        self.circuit.failed(now)
        self.served = None

    async def listed(self, model: str) -> list[Served]:
        """Return what the server serves, once it was found to have the model.

        It is asked before its first case and after every failure, so that a server
        that hangs, or came back with another model, costs no case its deadline.

        Raises:
            BusyError: it did not say.
            WrongModelError: it would answer with another model.

        """
        if self.served is None:
            try:
                served = await self.endpoint.models()
            except GeneratorUnavailableError as error:
                raise BusyError(str(error)) from error
            require_served(served, model)
            self.served = served
        return self.served


def misnamed(name: str, rows: Sequence[Served]) -> Iterator[str]:
    """Say what is wrong with a name, given what is listed; nothing is no list.

    SGLang selects an adapter by `base:adapter` alone
    (https://github.com/sgl-project/sglang/issues/7035). Its router lists bases, and an
    adapter that no server has is refused by the server.
    """
    if not rows:
        return
    parents = {row.id: row.parent for row in rows}
    base, colon, adapter = name.partition(":")
    if parents.get(name):
        yield (
            "model_name is that of an adapter alone, by which SGLang serves the base "
            "model: write base:adapter"
        )
    if name in parents:
        return
    if base not in parents or (colon and not adapter):
        yield "the server does not list a model of that name"
    routed = all(row.owned_by == _ROUTER for row in rows)
    if adapter and not parents.get(adapter) and not routed:
        yield "the server does not list an adapter of that name"


def require_served(served: Sequence[Served], model: str) -> None:
    """Refuse a name that SGLang would silently answer with another model.

    Servers of other makes check names themselves.

    Raises:
        WrongModelError: with what is wrong.

    """
    owners = {row.owned_by for row in served}
    if owners.isdisjoint({_SGLANG, _ROUTER}):
        return
    for fault in misnamed(model, served):
        raise WrongModelError(f"Another model would answer: {fault}.")


class Fleet:
    """Asks the server with the fewest requests of ours, and another one instead of it.

    A request is sent again only where nothing was generated: to another server at once,
    to the same after a pause.

    Args:
        servers: at least one.
        model: served name.
        timeout_s: seconds for all attempts of one request.
        clock: monotonic seconds, for the circuits.

    """

    def __init__(
        self,
        servers: Sequence[Server],
        *,
        model: str,
        timeout_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._servers = tuple(servers)
        self._model = model
        self._timeout_s = timeout_s
        self._clock = clock
        self._turn = 0

    async def chat(self, body: dict[str, object]) -> tuple[Completion, list[Served]]:
        """Return a chat completion, and what the server that gave it serves.

        Raises:
            GeneratorUnavailableError: no complete answer within the deadline.

        """
        until = asyncio.get_running_loop().time() + self._timeout_s
        asked: list[Server] = []
        refusal = _OPEN
        for _ in range(max(_ATTEMPTS, len(self._servers))):
            server = self._next(asked)
            if server is None:
                break
            if server in asked:
                await asyncio.sleep(_PAUSE_S)
            asked.append(server)
            try:
                return await self._ask(server, body, until)
            except (BusyError, WrongModelError) as error:
                refusal = str(error)
        raise GeneratorUnavailableError(refusal)

    async def listing(self) -> bool:
        """Say whether any server lists what it serves; nothing is generated for it."""
        for server in self._servers:
            try:
                if await server.endpoint.models():
                    return True
            except (BusyError, GeneratorUnavailableError):
                continue
        return False

    async def close(self) -> None:
        """Close the connections."""
        for server in self._servers:
            await server.endpoint.close()

    def _next(self, asked: Sequence[Server]) -> Server | None:
        """Return whom to ask: not asked yet, then least busy, then in turn."""
        self._turn += 1
        places = {
            server: (place + self._turn) % len(self._servers)
            for place, server in enumerate(self._servers)
        }
        now = self._clock()
        order = sorted(places, key=lambda s: (s in asked, s.running, places[s]))
        return next((server for server in order if server.circuit.allows(now)), None)

    async def _ask(
        self, server: Server, body: dict[str, object], until: float
    ) -> tuple[Completion, list[Served]]:
        server.running += 1
        try:
            async with asyncio.timeout_at(until):
                served = await server.listed(self._model)
                completion = await server.endpoint.chat(body)
        except FullError:
            raise  # it works, and is quick to say no
        except TimeoutError as error:
            server.failed(self._clock())
            raise GeneratorUnavailableError(
                f"The model server did not answer within {self._timeout_s:g} s."
            ) from error
        except (BusyError, GeneratorUnavailableError):
            server.failed(self._clock())
            raise
        finally:
            server.running -= 1
        server.circuit.succeeded()
        return completion, served
