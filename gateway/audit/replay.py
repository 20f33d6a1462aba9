"""Rebuild every read model from the log alone, and compare with what readers see."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from domain.events import REGISTRY, AssessmentEvent
from gateway.audit.decisions import Decisions, Finding
from gateway.projections import resources
from gateway.projections.audit import AuditProjection
from gateway.projections.batch import Follower, apply
from gateway.projections.database import AUDIT_FILE, FILE, Database
from gateway.projections.projection import Projection
from gateway.store.records import Erased, Recorded
from gateway.store.transcript import Transcript, transcript

Progress = Callable[[int, int], None]
_BATCH = 500
_MOST = 100  # findings that are listed
_TABLES = (
    "SELECT * FROM latest ORDER BY serial",
    "SELECT * FROM term ORDER BY serial, param, digest",
    "SELECT * FROM moment ORDER BY serial, param, low, high",
    "SELECT * FROM work ORDER BY 1",
    "SELECT * FROM quarantine ORDER BY 1",
    "SELECT * FROM poisoned ORDER BY 1",
)


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What a replay found: `same` if nothing differs."""

    events: int
    resources: int
    audit_events: int
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


class _Models:
    """One file of read models: as it is shown, and made anew from the log."""

    def __init__(
        self,
        folder: Path,
        scratch: Path,
        file: str,
        secret: bytes,
        projection: Callable[[Database], Follower],
    ) -> None:
        there = (folder / file).is_file()
        self.shown = Database(folder / file, secret, readonly=True) if there else None
        self.fresh = Database(scratch / file, secret)
        self._projection = projection(self.fresh)
        self._batch: list[Recorded | Erased] = []
        self.until = 0

    def close(self) -> None:
        self.fresh.close()
        if self.shown is not None:
            self.shown.close()

    def project(self, event: Recorded | Erased) -> None:
        """Project an event, unless it is beyond what is shown."""
        if event.position > self.until:
            return
        self._batch.append(event)
        if len(self._batch) == _BATCH or event.position == self.until:
            apply(self.fresh, self._projection, self._batch)
            self._batch = []

    def count(self) -> int:
        with self.fresh.reader() as fresh:
            rows = fresh.execute("SELECT COUNT(*) FROM resource")
            count: int = rows.fetchone()[0]
            return count

    def differences(self, connection: sqlite3.Connection) -> Iterator[Finding]:
        """Compare what readers see by this connection with what the log says."""
        if self.shown is None:
            return
        with self.fresh.reader() as fresh:
            pairs = zip_longest(
                resources.every(self.fresh, fresh),
                resources.every(self.shown, connection),
            )
            for expected, found in pairs:
                if expected != found:
                    yield _differs(expected or found, self.until)
            for statement in _TABLES:
                yield from _rows(statement, fresh, connection, self.until)


class _Replaying:
    """One replay: the folder's read models on one side, fresh ones on the other."""

    def __init__(self, folder: Path, log: Transcript, scratch: Path) -> None:
        self._log = log
        self._models = _Models(
            folder,
            scratch,
            FILE,
            log.derive("projections"),
            lambda fresh: Projection(fresh, log.stream),
        )
        self._audits = _Models(
            folder,
            scratch,
            AUDIT_FILE,
            log.derive("audit"),
            lambda fresh: AuditProjection(fresh, log.stream, gateway=log.tenant),
        )
        self._decisions = Decisions()
        self._findings: list[Finding] = []

    def close(self) -> None:
        self._models.close()
        self._audits.close()

    def run(self, progress: Progress) -> Replay:
        with ExitStack() as shown:
            both = (self._models, self._audits)
            seen = [(each, self._begin(each, shown)) for each in both]
            until = max(each.until for each in both)
            self._rebuild(until, progress)
            for models, connection in seen:
                if connection is not None:
                    self._report(models.differences(connection))
        return Replay(
            events=until,
            resources=self._models.count(),
            audit_events=self._audits.count(),
            compared=self._models.shown is not None,
            floors=self._decisions.floors,
            answers=self._decisions.answers,
            findings=tuple(self._findings),
        )

    def _begin(self, models: _Models, shown: ExitStack) -> sqlite3.Connection | None:
        """Say how far the log is projected: as far as is shown, or all of it."""
        if models.shown is None:
            models.until = self._log.head
            return None
        connection = shown.enter_context(models.shown.reader())
        models.until = models.shown.position(connection)
        return connection

    def _rebuild(self, until: int, progress: Progress) -> None:
        """Project the log up to a position, and decide again on the way."""
        for event in self._log.events():
            if event.position > until:
                break
            self._decide(event)
            self._models.project(event)
            self._audits.project(event)
            if event.position % _BATCH == 0 or event.position == until:
                progress(event.position, until)

    def _decide(self, recorded: Recorded | Erased) -> None:
        if isinstance(recorded, Erased):
            return
        if isinstance(recorded.event, get_args(AssessmentEvent)):
            self._report(self._decisions.check(recorded, recorded.event))

    def _report(self, findings: Iterable[Finding]) -> None:
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
