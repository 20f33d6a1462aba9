"""What the audit of reads costs: the same reads without it, grouped, and before.

"none" is a gateway whose audit this script switches off: no setting does. The modes
take turns, each on a gateway of its own. Beside the rates, which a busy machine
changes, stands the processor time of a request: while it is answered, and once its
AuditEvent can be searched.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import rig
import senders
from rich.progress import track
from rich.table import Table

CLIENTS = 64
PATIENTS = 200
_SWITCHED_OFF = (
    "from gateway.http import auditing; auditing._is_told_of = lambda request: False; "
    "from gateway.__main__ import main; main()"
)
MODES = {
    "none": {"program": ("-c", _SWITCHED_OFF)},
    "grouped": {"TRIAGE_GATEWAY_AUDIT_READS": "grouped"},
    "before": {"TRIAGE_GATEWAY_AUDIT_READS": "before"},
}
KINDS = {
    "read": "/fhir/Observation/o-{}",
    "search of 20": "/fhir/Observation?patient=p-{}",
}
_VITALS = 20
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def resources() -> Iterator[dict[str, object]]:
    """Give patients with vital signs that are too old to open a case."""
    for number in range(PATIENTS):
        yield {"resourceType": "Patient", "id": f"p-{number}"}
        for vital in range(_VITALS):
            yield {
                "resourceType": "Observation",
                "id": f"o-{number * _VITALS + vital}",
                "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
                "subject": {"reference": f"Patient/p-{number}"},
                "effectiveDateTime": "2015-03-01T10:00:00Z",
            }


def fill(address: rig.Address) -> None:
    """Store what will be read."""
    entries = [
        {
            "resource": each,
            "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"},
        }
        for each in resources()
    ]
    whole = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    body = rig.post(address, rig.compact(whole))
    if senders.load(address, 1, [body]).errors:
        raise SystemExit("The gateway did not take the data.")
    address.until_shown()


def settle(address: rig.Address) -> float:
    """Wait until every AuditEvent can be searched; return the seconds."""
    began = time.perf_counter()
    address.get("/fhir/AuditEvent?_summary=count")
    return time.perf_counter() - began


def children(pid: int) -> Iterator[int]:
    """Give the processes below a process, at every depth."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from children(child)


def processor_seconds() -> float:
    """Return the processor time of all processes that this one has started."""
    ticks = 0
    for child in children(os.getpid()):
        stat = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        ticks += int(stat[11]) + int(stat[12])
    return ticks / _TICKS_A_SECOND


def turn(address: rig.Address, path: str, seconds: float) -> dict[str, float]:
    """Read for some seconds; return what was measured."""
    requests = cycle([rig.get(address, path.format(n)) for n in range(PATIENTS)])
    commits, began = address.counters()["log_commits"], processor_seconds()
    result = senders.load(address, CLIENTS, requests, seconds)
    answered = processor_seconds()
    commits = address.counters()["log_commits"] - commits
    waited = settle(address)
    return {
        "rate": result.per_second,
        "late": result.milliseconds(0.99),
        "answering": (answered - began) / len(result.latencies) * 1e6,
        "all": (processor_seconds() - began) / len(result.latencies) * 1e6,
        "shared": len(result.latencies) / commits if commits else 0.0,
        "waited": waited,
        "errors": len(result.errors),
    }


def measured(seconds: float, turns: int) -> dict[tuple[str, str], list[dict]]:
    """Let every mode answer every kind of request, turn by turn."""
    found: dict[tuple[str, str], list[dict]] = defaultdict(list)
    rounds = [mode for _ in range(turns) for mode in MODES]
    for mode in track(rounds, description="Reading", transient=True):
        with (
            tempfile.TemporaryDirectory(prefix="triage-gateway-bench-") as name,
            rig.gateway(Path(name), **MODES[mode]) as address,
        ):
            fill(address)
            settle(address)
            for kind, path in KINDS.items():
                found[mode, kind].append(turn(address, path, seconds))
    return found


def row(mode: str, kind: str, turns: list[dict[str, float]]) -> list[str]:
    """Return one line of the table: the median of the turns."""
    mid = {name: statistics.median(each[name] for each in turns) for name in turns[0]}
    return [
        mode,
        kind,
        f"{mid['rate']:,.0f}",
        f"{mid['late']:.0f}",
        f"{mid['answering']:,.0f}",
        f"{mid['all']:,.0f}",
        f"{mid['shared']:.0f}" if mid["shared"] else "-",
        f"{mid['waited']:.1f}",
        f"{sum(each['errors'] for each in turns):.0f}",
    ]


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    table = Table(
        *("audit", "request", "requests/s", "p99 ms", "µs answering", "µs in all"),
        *("a commit", "auditor waited s", "errors"),
        title=f"Reads by {CLIENTS} clients",
        caption="µs: processor time of a request, in every process of the gateway",
    )
    for (mode, kind), turns in measured(asked.seconds, asked.turns).items():
        table.add_row(*row(mode, kind, turns))
    rig.CONSOLE.print(table)


if __name__ == "__main__":
    main()
