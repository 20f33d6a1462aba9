"""Rebuild every read model from the log alone, and compare with what readers see."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from domain.events import REGISTRY, AssessmentEvent
from gateway.audit.decisions import Decisions, Finding
from gateway.projections import resources
from gateway.projections.database import FILE, Database
from gateway.projections.projection import Projection
from gateway.projections.projector import apply
from gateway.store.records import Erased, Recorded
from gateway.store.transcript import Transcript, transcript

Progress = Callable[[int, int], None]
_BATCH = 500
_MOST = 100  # findings that are listed
_TABLES = (
    "SELECT type, key, version, at FROM latest ORDER BY 1, 2",
    "SELECT type, param, digest, key FROM term ORDER BY 1, 2, 3, 4",
    "SELECT type, key, param, low, high FROM moment ORDER BY 1, 2, 3, 4, 5",
    "SELECT * FROM work ORDER BY 1",
    "SELECT * FROM poisoned ORDER BY 1",
)


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What a replay found: `same` if nothing differs."""

    events: int
    resources: int
    compared: bool
    floors: int
    answers: int
    findings: tuple[Finding, ...]

    @property
    def same(self) -> bool:
        """Say whether log, decisions and read models agree."""
        return all(finding.note for finding in self.findings)


def replay(folder: Path, *, kek_file: Path | None = None, progress: Progress) -> Replay:
    """Replay a stopped or a running gateway's folder.

    Raises:
        StoreError: the log is missing, damaged, or its key does not fit.

    """
    with (
        transcript(folder, registry=REGISTRY, kek_file=kek_file) as log,
        TemporaryDirectory(prefix="triage-gateway-replay-") as scratch,
        closing(_Replaying(folder, log, Path(scratch))) as replaying,
    ):
        return replaying.run(progress)


class _Replaying:
    """One replay: the folder's read models on one side, fresh ones on the other."""

    def __init__(self, folder: Path, log: Transcript, scratch: Path) -> None:
        secret = log.derive("projections")
        self._log = log
        self._shown = (
            Database(folder / FILE, secret, readonly=True)
            if (folder / FILE).is_file()
            else None
        )
        self._fresh = Database(scratch / FILE, secret)
        self._decisions = Decisions()
        self._findings: list[Finding] = []

    def close(self) -> None:
        self._fresh.close()
        if self._shown is not None:
            self._shown.close()

    def run(self, progress: Progress) -> Replay:
        if self._shown is None:
            events = self._rebuild(self._log.head, progress)
            return self._result(events, compared=False)
        with self._shown.reader() as shown:
            position = self._shown.position(shown)
            events = self._rebuild(position, progress)
            self._compare(self._shown, shown, position)
        return self._result(events, compared=True)

    def _result(self, events: int, *, compared: bool) -> Replay:
        with self._fresh.reader() as fresh:
            rows = fresh.execute("SELECT COUNT(*) FROM resource")
            count: int = rows.fetchone()[0]
        return Replay(
            events=events,
            resources=count,
            compared=compared,
            floors=self._decisions.floors,
            answers=self._decisions.answers,
            findings=tuple(self._findings),
        )

    def _rebuild(self, until: int, progress: Progress) -> int:
        """Project the log up to a position, and decide again on the way."""
        projection = Projection(self._fresh, self._log.stream)
        batch: list[Recorded | Erased] = []
        for event in self._log.events():
            if event.position > until:
                break
            batch.append(event)
            self._decide(event)
            if len(batch) == _BATCH or event.position == until:
                apply(self._fresh, projection, batch)
                progress(event.position, until)
                batch = []
        return until

    def _decide(self, recorded: Recorded | Erased) -> None:
        if isinstance(recorded, Erased):
            return
        if isinstance(recorded.event, get_args(AssessmentEvent)):
            self._report(self._decisions.check(recorded, recorded.event))

    def _compare(
        self, shown: Database, connection: sqlite3.Connection, position: int
    ) -> None:
        with self._fresh.reader() as fresh:
            pairs = zip_longest(
                resources.every(self._fresh, fresh), resources.every(shown, connection)
            )
            for expected, found in pairs:
                if expected != found:
                    self._report([_differs(expected or found, position)])
            for statement in _TABLES:
                self._report(_rows(statement, fresh, connection, position))

    def _report(self, findings: Iterator[Finding] | list[Finding]) -> None:
        for finding in findings:
            if len(self._findings) < _MOST:
                self._findings.append(finding)


def _differs(version: resources.Version | None, position: int) -> Finding:
    address = str(version.reference) if version else "a resource"
    return Finding(position, f"{address} is not what the log says")


def _rows(
    statement: str,
    fresh: sqlite3.Connection,
    shown: sqlite3.Connection,
    position: int,
) -> Iterator[Finding]:
    expected, found = fresh.execute(statement), shown.execute(statement)
    name = statement.partition(" FROM ")[2].partition(" ")[0]
    for left, right in zip_longest(expected, found):
        if left != right:
            yield Finding(position, f"the read model '{name}' is not what the log says")
            return
