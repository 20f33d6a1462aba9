"""Reading Bundles: ours, and the model library's `Bundle.model_validate_json`.

Ours parses, checks and cuts; the second figure reads the requests too. The three take
turns, in one process on one core, so that a busy neighbour disturbs all alike; each
reads some Bundles in a row, as a server does, so that none starts with the processor's
cache as another left it. The time is the processor's, collection of garbage and freeing
included. The
collector is set alike for all: as Python sets it, as `serve` does, or off. The Bundles
are Synthea's where they lie beside the checkout (shared/data), else our own.
"""

import argparse
import gc
import gzip
import json
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fhir.resources.R4B.bundle import Bundle
from rich.console import Console
from rich.table import Table

from fhir_profiles.bundle import read_bundle
from fhir_profiles.delivery import delivered

SYNTHEA = Path(__file__).resolve().parents[2] / "shared/data/fhir/synthea-r4/bundles"
SIZES = (100, 300, 1_000, 3_000, 10_000)
COLLECTORS = {"python": (700, 10, 10), "serve": (50_000, 20, 50), "off": (0, 0, 0)}
_CATEGORY = {
    "system": "http://terminology.hl7.org/CodeSystem/observation-category",
    "code": "vital-signs",
}
_SIGNS = (("8867-4", "/min", 72), ("9279-1", "/min", 16), ("2708-6", "%", 97))


def checked(body: bytes) -> int:
    """Parse, check and cut a Bundle; give the number of its entries."""
    return len(delivered(body).received)


def ours(body: bytes) -> int:
    """Do that, and read its requests."""
    got = delivered(body)
    return len(read_bundle(got.resource, got.issues, got.urns).entries)


def theirs(body: bytes) -> int:
    """Read a Bundle with the model library."""
    return len(Bundle.model_validate_json(body).entry or ())


READERS: dict[str, Callable[[bytes], int]] = {
    "parsed, checked, cut": checked,
    "and its requests read": ours,
    "Bundle.model_validate_json": theirs,
}


def made(entries: int) -> bytes:
    """Make a transaction of a Patient and Observations, the same for the same size."""
    chance = random.Random(entries)
    patient = _urn(chance)
    rows = [_row(patient, {"resourceType": "Patient", "gender": "female"})]
    rows += [
        _row(_urn(chance), _observation(patient, chance)) for _ in range(1, entries)
    ]
    return json.dumps(
        {"resourceType": "Bundle", "type": "transaction", "entry": rows}, indent=1
    ).encode()


def _row(full_url: str, resource: dict[str, Any]) -> dict[str, Any]:
    request = {"method": "POST", "url": resource["resourceType"]}
    return {"fullUrl": full_url, "resource": resource, "request": request}


def _observation(patient: str, chance: random.Random) -> dict[str, Any]:
    code, unit, middle = chance.choice(_SIGNS)
    at = f"2024-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [_CATEGORY]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": patient},
        "effectiveDateTime": f"{at}T{chance.randint(0, 23):02d}:30:00+01:00",
        "valueQuantity": {
            "value": middle + round(chance.random(), 2),
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        },
    }


def _urn(chance: random.Random) -> str:
    text = f"{chance.getrandbits(128):032x}"
    parts = (text[:8], text[8:12], text[12:16], text[16:20], text[20:])
    return f"urn:uuid:{'-'.join(parts)}"


def bodies(step: int) -> list[bytes]:
    """Give every `step`-th Bundle of Synthea, or Bundles of our own."""
    paths = sorted(SYNTHEA.glob("*.json.gz"))[::step]
    return [gzip.decompress(path.read_bytes()) for path in paths] or [
        made(entries) for entries in range(100, 700, 20 * step)
    ]


def seconds(read: Callable[[bytes], int], body: bytes, turns: int) -> float:
    """Give the mean processor time of a few turns."""
    return statistics.fmean(_once(read, body) for _ in range(turns))


def _once(read: Callable[[bytes], int], body: bytes) -> float:
    start = time.process_time()
    read(body)
    return time.process_time() - start


def compare(chosen: list[bytes], turns: int, row: int) -> list[tuple[float, float]]:
    """Give the mean and the least seconds of each reader for all Bundles.

    The readers take turns at each row of Bundles.
    """
    total = [(0.0, 0.0)] * len(READERS)
    for first in range(0, len(chosen), row):
        some = chosen[first : first + row]
        spent = [
            [sum(_once(read, body) for body in some) for read in READERS.values()]
            for _ in range(turns)
        ]
        total = [
            (mean + statistics.fmean(times), least + min(times))
            for (mean, least), times in zip(
                total, zip(*spent, strict=True), strict=True
            )
        ]
    return total


def compared(resources: int, total: list[tuple[float, float]]) -> Table:
    """Show resources per second, and how many times the model library's they are."""
    table = Table("reader", "mean: resources/s", "ratio", "best: resources/s", "ratio")
    mean_of_theirs, best_of_theirs = total[-1]
    for name, (mean, best) in zip(READERS, total, strict=True):
        table.add_row(
            name,
            f"{resources / mean:,.0f}",
            f"{mean_of_theirs / mean:.1f}",
            f"{resources / best:,.0f}",
            f"{best_of_theirs / best:.1f}",
        )
    return table


def main() -> None:
    """Print resources per second of each, the ratio, and what size does to ours."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--step", type=int, default=2, help="every n-th Bundle")
    options.add_argument(
        "--turns", type=int, default=3, help="of which the mean counts"
    )
    options.add_argument("--row", type=int, default=8, help="Bundles in one turn")
    options.add_argument("--collector", choices=COLLECTORS, default="python")
    chosen = options.parse_args()
    gc.set_threshold(*COLLECTORS[chosen.collector])
    received = bodies(chosen.step)
    resources = sum(map(checked, received))  # which also warms what is remembered
    table = compared(resources, compare(received, chosen.turns, chosen.row))
    growth = Table("entries in one Bundle", "µs an entry")
    for entries in SIZES:
        spent = seconds(checked, made(entries), chosen.turns)
        growth.add_row(f"{entries:,}", f"{spent / entries * 1e6:.1f}")
    console = Console()
    console.print(
        f"{len(received)} Bundles of {resources:,} resources, {chosen.turns} turns of "
        f"{chosen.row}, "
        f"processor time in one process, collector: {chosen.collector}"
    )
    console.print(table, growth)


if __name__ == "__main__":
    main()
