"""Rebuild every read model from the log alone, and compare with what readers see."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from domain.events import REGISTRY, AssessmentEvent
from domain.registered import RegistryEvent
from domain.ruled import RulesConfigured
from gateway.audit import moment_folder, output_folder, past
from gateway.audit.decisions import Decisions
from gateway.audit.findings import Finding, Findings
from gateway.audit.models import Models, as_far_as_readable, unreadable
from gateway.audit.moment import Moment, moment_of
from gateway.audit.scratch import scratch
from gateway.projections.audit import AuditProjection
from gateway.projections.batch import BATCH
from gateway.projections.database import AUDIT_FILE, FILE
from gateway.projections.projection import Projection
from gateway.store.keysource import KeySource
from gateway.store.records import Erased, Recorded
from gateway.store.transcript import Transcript, transcript

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What a replay found: `same` if nothing differs.

    `findings` lists notes, each kind once, and differences, of both the first hundred;
    `differences` counts all.
    """

    events: int
    resources: int
    audit_events: int
    compared: bool
    floors: int
    answers: int
    findings: tuple[Finding, ...]
    differences: int
    unlisted_notes: int
    moment: Moment | None = None  # None: as far as the read models show the log

    @property
    def same(self) -> bool:
        """Say whether log, decisions and read models agree."""
        return self.differences == 0

    @property
    def unlisted(self) -> int:
        """Return how many differences are counted and not listed."""
        return self.differences - sum(not each.note for each in self.findings)


def replay(
    folder: Path,
    *,
    kek_file: KeySource | None = None,
    progress: Progress,
    as_of: str | None = None,
    output: Path | None = None,
) -> Replay:
    """Replay a stopped or a running gateway's folder.

    Args:
        folder: the data folder; nothing in it is changed.
        kek_file: key-encryption key; the one in the folder where not given.
        progress: is told how many events of how many are done.
        as_of: a position or an instant; where not given, what is shown now.
        output: an empty folder for the read models as of then, as NDJSON.

    Raises:
        StoreError: the log is missing, damaged, or its key does not fit.
        UnknownMomentError: `as_of` names no moment of this log.
        OutputFolderError: `output` is not empty, or inside the data folder.

    """
    if output is not None:
        output_folder.require_apart(output, folder)
    with (
        transcript(folder, registry=REGISTRY, kek_file=kek_file) as log,
        scratch() as anew,
        closing(_Replaying(folder, log, anew)) as replaying,
    ):
        moment = None if as_of is None else moment_of(log, as_of, progress)
        found = replaying.run(moment, progress)
        if output is not None:
            replaying.write(output, found, progress)
        return found


class _Replaying:
    """One replay: the folder's read models on one side, fresh ones on the other."""

    def __init__(self, folder: Path, log: Transcript, anew: Path) -> None:
        self._log = log
        self._models = Models(
            folder,
            anew,
            FILE,
            log.derive("projections"),
            lambda fresh: Projection(fresh, log.stream),
        )
        self._audits = Models(
            folder,
            anew,
            AUDIT_FILE,
            log.derive("audit"),
            lambda fresh: AuditProjection(fresh, log.stream, gateway=log.tenant),
        )
        self._decisions = Decisions(log.stream)
        self._findings = Findings()

    def close(self) -> None:
        self._models.close()
        self._audits.close()

    def run(self, moment: Moment | None, progress: Progress) -> Replay:
        with ExitStack() as shown:
            both = (self._models, self._audits)
            seen = [(each, self._begin(each, moment, shown)) for each in both]
            until = max(each.until for each in both)
            self._rebuild(until, progress)
            for models, connection in seen:
                if connection is not None and models.shown is not None:
                    found = (
                        models.differences(connection)
                        if moment is None
                        else past.differences(models, models.shown, connection, moment)
                    )
                    self._report(as_far_as_readable(found, models.until))
        return Replay(
            events=until,
            resources=self._models.count(),
            audit_events=self._audits.count(),
            compared=self._models.shown is not None,
            floors=self._decisions.floors,
            answers=self._decisions.answers,
            findings=self._findings.listed(),
            differences=self._findings.differences,
            unlisted_notes=self._findings.unlisted_notes,
            moment=moment,
        )

    def write(self, folder: Path, found: Replay, progress: Progress) -> None:
        """Write the fresh read models, once they show all of the moment."""
        until = found.moment.position if found.moment else found.events
        for models in (self._models, self._audits):
            if models.until < until:  # the folder's own were behind
                models.resume(self._log.events(), until, progress)
        moment_folder.write(
            folder,
            models=self._models.fresh,
            audits=self._audits.fresh,
            position=until,
            instant=found.moment.instant if found.moment else None,
            tenant=self._log.tenant,
        )

    def _begin(
        self, models: Models, moment: Moment | None, shown: ExitStack
    ) -> sqlite3.Connection | None:
        """Say how far the log is projected: as far as is shown, at most to a moment."""
        wanted = moment.position if moment else self._log.head
        if models.shown is None:
            models.until = wanted
            return None
        connection = shown.enter_context(models.shown.reader())
        try:
            models.until = models.shown.position(connection)
        except sqlite3.DatabaseError:
            models.until = wanted
            self._report([unreadable(wanted)])
            return None
        if moment is not None and models.until < wanted:
            sentence = f"{models.file} shows the log no further; compared up to here"
            self._report([Finding(models.until, sentence, note=True)])
        models.until = min(models.until, wanted)
        return connection

    def _rebuild(self, until: int, progress: Progress) -> None:
        """Project the log up to a position, and decide again on the way."""
        for event in self._log.events():
            if event.position > until:
                break
            self._decide(event)
            self._models.project(event)
            self._audits.project(event)
            if event.position % BATCH == 0 or event.position == until:
                progress(event.position, until)

    def _decide(self, recorded: Recorded | Erased) -> None:
        if isinstance(recorded, Erased):
            return
        if isinstance(recorded.event, get_args(AssessmentEvent)):
            self._report(self._decisions.check(recorded, recorded.event))
        elif isinstance(recorded.event, RulesConfigured):
            self._decisions.note(recorded.event)
        elif isinstance(recorded.event, get_args(RegistryEvent)):
            self._report(self._decisions.count(recorded.position, recorded.event))

    def _report(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._findings.add(finding)
