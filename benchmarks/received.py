"""Events that hold Observations, for the log's benchmarks, and on what they ran."""

import os
import platform
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar
from uuid import NAMESPACE_OID, uuid5

import rig

from gateway.store.records import Context
from gateway.store.session import Session

_PATIENTS = 500
_SYNCS = 200
_PACKAGES = ("eventsourcing", "cryptography", "msgspec")


@dataclass(frozen=True, kw_only=True)
class Received:
    """A resource as it was sent."""

    topic: ClassVar[str] = "bench.received.v1"
    content: bytes


REGISTRY = {Received.topic: Received}


def observation(number: int) -> bytes:
    """Return an Observation of about 1.1 KiB, without white space."""
    coding = {"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}
    category = {"system": f"{_TERMS}/observation-category", "code": "vital-signs"}
    return rig.compact(
        {
            "resourceType": "Observation",
            "id": str(uuid5(NAMESPACE_OID, str(number))),
            "meta": {"lastUpdated": "2026-01-05T10:11:12.345Z", "versionId": "1"},
            "identifier": [{"system": "urn:bench", "value": f"value-{number:08}"}],
            "status": "final",
            "category": [{"coding": [category], "text": "Vital signs"}],
            "code": {"coding": [coding], "text": "Heart rate"},
            "subject": {"reference": f"Patient/{uuid5(NAMESPACE_OID, 'p')}"},
            "encounter": {"reference": f"Encounter/{uuid5(NAMESPACE_OID, 'e')}"},
            "effectiveDateTime": "2026-01-05T10:10:00+01:00",
            "issued": "2026-01-05T10:10:30.123+01:00",
            "performer": [{"reference": f"Practitioner/{uuid5(NAMESPACE_OID, 'n')}"}],
            "valueQuantity": {
                "value": 60 + number % 60,
                "unit": "beats/minute",
                "system": "http://unitsofmeasure.org",
                "code": "/min",
            },
            "note": [{"text": "Measured at rest, sitting, left arm. " * 3}],
        }
    )


_TERMS = "http://terminology.hl7.org/CodeSystem"


def unit(first: int, count: int = 1) -> Callable[[Session], None]:
    """Return work that appends some events to one stream of one patient."""
    events = [Received(content=observation(first + each)) for each in range(count)]
    return _work({f"r/{first}": events}, first // count)


def bundle(first: int, count: int) -> Callable[[Session], None]:
    """Return work that appends resources of one patient, each to its own stream."""
    numbers = range(first, first + count)
    streams = {f"r/{each}": [Received(content=observation(each))] for each in numbers}
    return _work(streams, first // count)


def _work(
    streams: Mapping[str, Sequence[Received]], number: int
) -> Callable[[Session], None]:
    context = Context(at=datetime.now(UTC), actor="Device/bench", request=str(number))
    subject = f"Patient/{number % _PATIENTS}"

    def work(session: Session) -> None:
        for stream, events in streams.items():
            session.begin(stream)  # as the gateway does for what is new
            session.append(stream, events, subject=subject, context=context)

    return work


def profile(folder: Path, events: int, size: int) -> str:
    """Return what the figures were measured on; an event's content has a size."""
    free = shutil.disk_usage(folder).free >> 30
    sync_ms = 1000 * sync_seconds(folder)
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    disk = f"{free} GiB free at {folder.parent}, a sync takes {sync_ms:.2f} ms"
    return (
        f"{os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), {disk}; "
        f"{events:,} events of {size:,} bytes\n"
        f"{platform.system()} {platform.release()}, Python "
        f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}"
    )


def sync_seconds(folder: Path) -> float:
    """Return how long the disk takes to keep 8 KiB more of a file: the median."""
    taken: list[float] = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(_SYNCS):
            os.write(file.fileno(), bytes(8192))
            began = time.perf_counter()
            getattr(os, "fdatasync", os.fsync)(file.fileno())  # macOS lacks it
            taken.append(time.perf_counter() - began)
    return statistics.median(taken)
