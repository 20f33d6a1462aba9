"""One gateway, spoken to as a sender speaks to it: patient, and honest about it."""

import asyncio
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from secrets import SystemRandom
from typing import Any

import aiohttp

_JSON = "application/fhir+json"
_BUSY = (429, 503)
_NEVER = {
    401: "The gateway does not know this token: set the variable of --token-env to the "
    "token of a client in its settings.",
    403: "The token's client may not send data: use one of a client whose role is "
    "feed.",
    404: "There is no FHIR base at this address: --to is the URL that ends in /fhir.",
    405: "There is no FHIR base at this address: --to is the URL that ends in /fhir.",
}


class UnreachableError(Exception):
    """The gateway cannot be spoken to; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How often a request is repeated, and how long (seconds) between."""

    attempts: int = 8
    first: float = 0.5
    longest: float = 30.0


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer: its HTTP status and its resource, empty where there is none."""

    status: int
    resource: dict[str, Any] = field(default_factory=dict)
    wait: float | None = None  # seconds that the gateway asks for

    @property
    def accepted(self) -> bool:
        """Say whether the request was carried out."""
        return self.status in {200, 201}


class Client:
    """Sends Bundles to a FHIR base, again and again while the gateway is busy."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        *,
        token: str | None = None,
        patience: Patience | None = None,
        waiting: Callable[[str], None] = lambda _why: None,
    ) -> None:
        self.url = url.rstrip("/")
        self._session = session
        self._patience = patience or Patience()
        self._waiting = waiting
        self._headers = {"Content-Type": _JSON, "Accept": _JSON}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    async def send(self, body: bytes) -> Reply:
        """Send a transaction or batch; a repetition changes nothing at the gateway.

        Raises:
            UnreachableError: no answer after every attempt, or one that no repetition
                and no other Bundle can change.

        """
        why = ""
        for attempt in range(self._patience.attempts):
            try:
                reply = await self._post(body)
            except (aiohttp.ClientError, TimeoutError) as error:
                why, asked = _reason(error), None
            else:
                if reply.status not in _BUSY:
                    return _usable(reply)
                why, asked = f"the gateway is busy ({reply.status})", reply.wait
            if attempt + 1 < self._patience.attempts:
                self._waiting(why)
                await asyncio.sleep(self._pause(attempt, asked))
        raise UnreachableError(
            f"{self.url} did not take the Bundle in {self._patience.attempts} "
            f"attempts: {why}. Look whether the gateway runs, then repeat the command; "
            "what was acknowledged is not sent again."
        )

    async def _post(self, body: bytes) -> Reply:
        # A stream, because aiohttp would hold up the event loop with large bytes.
        async with self._session.post(
            self.url, data=io.BytesIO(body), headers=self._headers
        ) as response:
            return Reply(
                status=response.status,
                resource=_resource(await response.read()),
                wait=_seconds(response.headers.get("Retry-After")),
            )

    def _pause(self, attempt: int, asked: float | None) -> float:
        """Return seconds; spread, so that many senders do not come back at once."""
        grown: float = self._patience.first * 2**attempt
        spread = SystemRandom().uniform(0.5, 1.0) * grown
        return min(max(spread, asked or 0.0), self._patience.longest)


def _usable(reply: Reply) -> Reply:
    if reply.status in _NEVER:
        raise UnreachableError(_NEVER[reply.status])
    return reply


def _reason(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "no answer in time (--timeout)"
        case aiohttp.ClientConnectorError():
            return f"no connection ({error.strerror or type(error.os_error).__name__})"
        case aiohttp.ServerDisconnectedError():
            return "the gateway closed the connection"
        case _:
            return f"the connection failed ({type(error).__name__})"


def _resource(body: bytes) -> dict[str, Any]:
    """Return the answer's resource; an answer of something else has none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(retry_after: str | None) -> float | None:
    """Read Retry-After, which is a number of seconds or a date (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((aware - datetime.now(UTC)).total_seconds(), 0.0)
