"""A witness that is asked over HTTP, as https://c2sp.org/tlog-witness describes.

It checks that the log only grew from what it saw last, and may answer with a
cosignature, https://c2sp.org/tlog-cosignature. What it saw last is kept below the data
folder.
"""

import base64
import re
from pathlib import Path
from typing import Final

import aiohttp

from gateway.projections.threads import in_thread
from gateway.store.errors import LogForkedError
from gateway.store.evidence import Checkpoint, EvidenceError
from gateway.store.growth import Growth, growth
from gateway.store.notes import WitnessKey
from gateway.workers.witness_folder import WitnessError, drafted
from inference.body import EndlessBodyError, whole

_TIMEOUT: Final = aiohttp.ClientTimeout(total=30)
_OK: Final = 200
_STRANGER: Final = (403, 404)  # of these statuses the specification says what they mean
_CONFLICT: Final = 409
_UNPROVEN: Final = 422
_SIZE: Final = re.compile(r"[0-9]{1,18}")
_MOST_BYTES: Final = 65_536


class AskedOverHttp:
    """One endpoint, by its exact address; no redirect is followed."""

    def __init__(self, data: Path, name: str, url: str, key: WitnessKey | None) -> None:
        self._data = data
        self._file = data / "witnesses" / f"{name}.checkpoint"
        self._url = url
        self._key = key

    def last(self, origin: str) -> Checkpoint | None:
        """Return the checkpoint that the endpoint took last, if it is of this log."""
        try:
            kept = self._file.read_text(encoding="utf-8", errors="replace")
            found = Checkpoint.parse(kept)
        except (FileNotFoundError, EvidenceError):
            return None  # the endpoint itself says how far it is
        return found if found.origin == origin else None

    async def keep(self, told: Growth) -> None:
        """Send a checkpoint; keep it with the cosignature that comes back.

        Raises:
            WitnessError: if the endpoint cannot be reached, or refuses.
            LogForkedError: if the log did not grow from what the endpoint says it saw.

        """
        status, said = await self._post(told)
        seen = _size(said) if status == _CONFLICT else told.old
        if seen not in (-1, told.old):
            told = await in_thread(growth, self._data, seen)
            status, said = await self._post(told)
        _require_taken(status, said, told)
        self._remember(told.note + self._cosignatures(told, said))

    async def _post(self, told: Growth) -> tuple[int, str]:
        proof = "".join(f"{base64.b64encode(each).decode()}\n" for each in told.proof)
        body = f"old {told.old}\n{proof}\n{told.note}".encode()
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.post(self._url, data=body, allow_redirects=False) as answer,
            ):
                content = await whole(answer.content, _MOST_BYTES)
                return answer.status, content.decode(errors="replace")
        except EndlessBodyError:
            raise WitnessError("The endpoint's answer has no end.") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise WitnessError(
                f"The endpoint cannot be reached ({type(error).__name__})."
            ) from None

    def _cosignatures(self, told: Growth, said: str) -> str:
        if self._key is None:
            return ""
        lines = self._key.cosigned(told.checkpoint.text, said)
        if not lines:
            raise WitnessError("The endpoint's answer is not signed by its key.")
        return "".join(lines)

    def _remember(self, note: str) -> None:
        self._file.parent.mkdir(mode=0o700, exist_ok=True)
        drafted(self._file, note).replace(self._file)


def _size(said: str) -> int:
    """Return the size that an endpoint says it saw; -1 if it says none."""
    return int(said) if _SIZE.fullmatch(said := said.strip()) else -1


def _require_taken(status: int, said: str, told: Growth) -> None:
    if status == _OK:
        return
    # It saw just this size, and yet refuses: then it saw another root there.
    rewritten = status == _CONFLICT and _size(said) == told.old
    if told.old and (rewritten or status == _UNPROVEN):
        raise LogForkedError(
            f"The endpoint answered {status}: the log is not the one that it saw at "
            f"position {told.old}, whose rows up to there were rewritten. Compare it "
            "with a backup by `audit verify --since`."
        )
    hint = " Does it know this log's key (`audit public-key`)?"
    raise WitnessError(
        f"The endpoint answered {status}.{hint if status in _STRANGER else ''}"
    )
