"""Requests that were accepted for later: kept first, then carried out one by one."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import TypeVar
from uuid import uuid4

import msgspec
import structlog
from aiohttp import web

from domain.errors import IllegalTransitionError, NotFoundError
from fhir_profiles.instants import microseconds, moment
from gateway.http import replies
from gateway.http.kept import Answered, Done, Waiting
from gateway.http.resumption import ATTEMPTS, GIVEN_UP, Head, carried_out, plain
from gateway.problems import ClientBusyError
from gateway.projections.threads import in_thread
from gateway.store.errors import LogUnavailableError, OverloadedError
from gateway.store.spool import Spool, Spooled

T = TypeVar("T")
KEPT = timedelta(days=1)
MOST_ANSWERS = 256
MOST_WAITING = 32
MOST_OF_CLIENT = 8
_AGAIN_S = 1.0
_LOOK_S = 600.0
_PATIENCE = 60
_UNAVAILABLE = 503
_NONE = "No accepted request of yours has this address, or its answer is gone."
_BUSY_ENTRY = b'"status":"503"'
_LOG = structlog.get_logger()


class Backlog:
    """What was accepted: on the disk before anybody is told, and done once.

    One request at a time is carried out: those who prefer to wait shall not hold up
    those who do not.
    """

    def __init__(self, spool: Spool, *, clock: Callable[[], datetime]) -> None:
        self._spool = spool
        self._clock = clock
        self._waiting: dict[str, Waiting] = {}
        self._done: dict[str, Done] = {}
        self._arriving: list[str] = []  # the clients of those on their way to the disk
        self._arrived = asyncio.Event()
        self._under_way: dict[str, asyncio.Future[None]] = {}
        for each in spool.every():
            self._know(each)

    def _know(self, spooled: Spooled) -> None:
        if spooled.done:
            answer = msgspec.json.decode(spooled.head, type=Answered)
            self._done[spooled.id] = Done(answer=answer, at=spooled.at)
        else:
            head = msgspec.json.decode(spooled.head, type=Head)
            self._waiting[spooled.id] = Waiting(head=head, begun=spooled.begun)

    async def accept(self, head: Head, body: bytes) -> str:
        """Keep a request durably; return the id of its job.

        Raises:
            ClientBusyError: too many requests of this client wait already.
            OverloadedError: too many wait in all.
            LogUnavailableError: the disk refused it.

        """
        job_id, at, client = str(uuid4()), self._now(), head.reviewer.name
        self._require_room(client)
        encoded = msgspec.json.encode(head)
        self._arriving.append(client)
        try:
            await in_thread(self._spool.keep, job_id, at=at, head=encoded, content=body)
        except asyncio.CancelledError:  # nobody was told, so nothing shall be done
            await in_thread(self._spool.remove, job_id)
            raise
        finally:
            self._arriving.remove(client)
        self._waiting[job_id] = Waiting(head=head)
        self._arrived.set()
        return job_id

    async def run(self, app: web.Application) -> None:
        """Carry out what was accepted, oldest first, until cancelled."""
        while True:
            self._arrived.clear()
            await self._let_go()
            if self._waiting:
                await self._attend(app, next(iter(self._waiting)))
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._arrived.wait()

    def place(self, job_id: str, client: str) -> int | None:
        """Return how many are before a job (0: it is next or under way); None if done.

        Raises:
            NotFoundError: there is none of this id that is the client's.

        """
        self._require_own(job_id, client)
        return None if job_id in self._done else list(self._waiting).index(job_id)

    async def answer(self, job_id: str) -> tuple[Answered, bytes, datetime]:
        """Return the answer to a job that is done, and until when it is kept.

        Raises:
            NotFoundError: it was cancelled just now, or is too old.

        """
        done = self._done[job_id]
        try:
            body = await in_thread(self._spool.content, job_id, done=True)
        except LookupError:
            raise NotFoundError(_NONE) from None
        return done.answer, body, moment(done.at) + KEPT

    async def cancel(self, job_id: str, client: str) -> None:
        """Forget a job that has not begun or only reads, or the answer of one.

        Raises:
            IllegalTransitionError: it has begun, and may have changed something.
            NotFoundError: there is none of this id that is the client's.

        """
        self._require_own(job_id, client)
        waiting = self._waiting.get(job_id)
        if waiting and waiting.begun and not waiting.head.changes_nothing:
            raise IllegalTransitionError(
                "This request is being carried out and cannot be cancelled any more."
            )
        self._waiting.pop(job_id, None)
        self._done.pop(job_id, None)
        if job_id in self._under_way:
            await _ended(self._under_way[job_id])
        await in_thread(self._spool.remove, job_id)

    def _require_own(self, job_id: str, client: str) -> None:
        known = self._waiting.get(job_id) or self._done.get(job_id)
        if known is None or known.client != client:
            raise NotFoundError(_NONE)

    def _require_room(self, client: str) -> None:
        waiting = [*self._arriving, *(each.client for each in self._waiting.values())]
        if waiting.count(client) >= MOST_OF_CLIENT:
            raise ClientBusyError(
                f"{MOST_OF_CLIENT} accepted requests of this client are not done yet; "
                "this one was not kept. Wait for one of them, then send it again."
            )
        if len(waiting) >= MOST_WAITING:
            raise OverloadedError(
                f"{MOST_WAITING} accepted requests are not done yet; this one was not "
                "kept. Send it again later."
            )

    async def _attend(self, app: web.Application, job_id: str) -> None:
        """Carry a job out, unless its client ends it meanwhile."""
        waiting = self._waiting[job_id]
        waiting.begun += 1
        work = asyncio.ensure_future(self._carry_out(app, job_id, waiting))
        self._under_way[job_id] = work
        try:
            await asyncio.wait([work])
        finally:
            await _ended(work)
            del self._under_way[job_id]
        if not work.cancelled():
            work.result()

    async def _carry_out(
        self, app: web.Application, job_id: str, waiting: Waiting
    ) -> None:
        body = await _on_disk(partial(self._spool.begin, job_id))
        response = replies.refused(GIVEN_UP)
        if waiting.begun <= ATTEMPTS:
            response = await _available(app, job_id, waiting.head, body)
        answer = Answered(
            client=waiting.client,
            status=response.status,
            headers=plain(response.headers.items()),
        )
        at, encoded = self._now(), msgspec.json.encode(answer)
        finish = partial(
            self._spool.finish, job_id, at=at, head=encoded, content=_content(response)
        )
        await _on_disk(finish)
        self._done[job_id] = Done(answer=answer, at=at)
        del self._waiting[job_id]
        _LOG.info("job.done", request=waiting.head.request_id, status=response.status)

    async def _let_go(self) -> None:
        """Forget answers that are too old, and the oldest where there are too many."""
        oldest = microseconds(self._clock() - KEPT)
        beyond = len(self._done) - MOST_ANSWERS
        for place, (job_id, done) in enumerate(list(self._done.items())):
            if place < beyond or done.at < oldest:
                del self._done[job_id]
                await in_thread(self._spool.remove, job_id)

    def _now(self) -> int:
        return microseconds(self._clock())


async def _ended(work: asyncio.Future[None]) -> None:
    """Cancel work and wait until it uses nothing any more."""
    work.cancel()
    await asyncio.wait([work])


async def _on_disk(work: Callable[[], T]) -> T:
    """Return once the disk has done it: a full one is no attempt at the request."""
    while True:
        with suppress(LogUnavailableError):
            return await in_thread(work)
        await asyncio.sleep(_AGAIN_S)


async def _available(
    app: web.Application, job_id: str, head: Head, body: bytes
) -> web.Response:
    """Carry a request out; where the gateway cannot just now, again in a moment.

    So it is where a batch's entry could not be carried out: the others are not done
    twice. That is told by the text of the answer, so it must end some time.
    """
    for attempt in count():
        response = await carried_out(app, job_id, head, body)
        partly = attempt < _PATIENCE and _BUSY_ENTRY in _content(response)
        if response.status != _UNAVAILABLE and not partly:
            break
        await asyncio.sleep(_AGAIN_S)
    return response


def _content(response: web.Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b""
