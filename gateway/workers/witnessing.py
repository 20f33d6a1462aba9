"""Tell each witness the newest checkpoint at its interval, whenever the log grew."""

import asyncio
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import structlog

from gateway.projections.threads import in_thread
from gateway.settings import SettingsError
from gateway.settings.witnesses import Witness
from gateway.store.errors import StoreError
from gateway.store.evidence import Checkpoint, EvidenceError
from gateway.store.growth import Growth, growth
from gateway.store.notes import WitnessKey
from gateway.workers.witness_folder import KeptInFolder, WitnessError
from gateway.workers.witness_git import KeptInRepository
from gateway.workers.witness_http import AskedOverHttp

_LOG = structlog.get_logger()


class Place(Protocol):
    """Where checkpoints are kept."""

    def last(self, origin: str) -> Checkpoint | None:
        """Return the newest checkpoint of a log that is kept here."""
        ...

    async def keep(self, told: Growth) -> None:
        """Keep a checkpoint; may be repeated."""
        ...


@dataclass
class _Witnessed:
    """A witness, its place, and how it went."""

    witness: Witness
    place: Place
    note: Path  # says when it last had the newest checkpoint, for the next start
    confirmed: float  # the same, by the monotonic clock
    failed: bool = True  # nothing is known of it yet


class Witnessing:
    """The witnesses of one log. A failure is logged, and stops nothing."""

    def __init__(self, data: Path, witnesses: Iterable[Witness]) -> None:
        self._data = data
        self._all = [_witnessed(each, data) for each in witnesses]

    def age(self) -> float:
        """Return the seconds since the slowest witness had the newest checkpoint.

        A witness counts from its last success, also if that was before the gateway
        started; infinite if one never had any; 0 without witnesses.
        """
        now = time.monotonic()
        return max((now - each.confirmed for each in self._all), default=0.0)

    async def run(self) -> None:
        """Tell every witness again and again until cancelled."""
        async with asyncio.TaskGroup() as group:
            for each in self._all:
                group.create_task(self._repeat(each))

    async def once(self) -> dict[str, str]:
        """Tell every witness now; return by name why it failed, empty if it did not."""
        return {each.witness.name: await self._tell(each) for each in self._all}

    async def _repeat(self, each: _Witnessed) -> None:
        while True:
            fault = await self._tell(each) or await self._confirm(each)
            if fault:
                _LOG.error("witness.failed", worker=each.witness.name, reason=fault)
            await asyncio.sleep(each.witness.every_seconds)

    async def _tell(self, each: _Witnessed) -> str:
        try:
            told = await in_thread(self._news, each.place)
            if each.failed or told.checkpoint.size > told.old:
                each.failed = True
                await each.place.keep(told)
        except (WitnessError, StoreError) as error:
            return str(error)
        except (EvidenceError, OSError) as error:
            return f"What it kept cannot be read ({type(error).__name__})."
        except Exception as error:  # noqa: BLE001 (no witness may stop the others)
            return f"It cannot be told ({type(error).__name__})."
        each.failed = False
        return ""

    async def _confirm(self, each: _Witnessed) -> str:
        each.confirmed = time.monotonic()
        try:
            await in_thread(_write_time, each.note)
        except OSError as error:
            return f"It was told, which cannot be noted ({error.strerror})."
        return ""

    def _news(self, place: Place) -> Growth:
        """Return what is new, proven to have grown from what the witness saw."""
        last = place.last(growth(self._data, 0).checkpoint.origin)
        if last is None:
            return growth(self._data, 0)
        return growth(self._data, last.size, last.root)


def require_keys(witnesses: Iterable[Witness]) -> None:
    """Refuse settings with a key that is none.

    Raises:
        SettingsError: naming the witness.

    """
    for each in witnesses:
        try:
            _key(each)
        except EvidenceError as error:
            raise SettingsError(f"witness {each.name}: {error}") from None


def _witnessed(witness: Witness, data: Path) -> _Witnessed:
    note = data / "witnesses" / f"{witness.name}.confirmed"
    confirmed = time.monotonic() - _seconds_since(note)
    return _Witnessed(witness, _place(witness, data), note, confirmed)


def _seconds_since(note: Path) -> float:
    """Return how long ago a note says it was; for ever if nothing can be read."""
    try:
        then = datetime.fromisoformat(note.read_text(encoding="utf-8"))
        return max((datetime.now(UTC) - then).total_seconds(), 0)
    except (OSError, ValueError, TypeError):  # TypeError: without a time zone
        return math.inf


def _write_time(note: Path) -> None:
    note.parent.mkdir(mode=0o700, exist_ok=True)
    note.write_text(datetime.now(UTC).isoformat(), encoding="utf-8")


def _place(witness: Witness, data: Path) -> Place:
    if witness.folder is not None:
        return KeptInFolder(witness.folder)
    if witness.repository is not None:
        return KeptInRepository(witness.repository, push=witness.push)
    return AskedOverHttp(data, witness.name, witness.url or "", _key(witness))


def _key(witness: Witness) -> WitnessKey | None:
    return WitnessKey.parse(witness.key) if witness.key else None
