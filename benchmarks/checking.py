"""Reading Bundles: ours, and the model library's `Bundle.model_validate_json`.

Ours parses, checks and cuts; the second figure reads the requests too. All three read
every Bundle in turn, in one process on one core, so that a busy neighbour disturbs all
alike; the time is the processor's, collection of garbage included. The Bundles are
Synthea's where they lie beside the checkout (shared/data), else our own.
"""

import argparse
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
    return len(read_bundle(got.resource, got.issues).entries)


def theirs(body: bytes) -> int:
    """Read a Bundle with the model library."""
    return len(Bundle.model_validate_json(body).entry)


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


def compare(chosen: list[bytes], turns: int) -> tuple[int, list[float]]:
    """Give the number of resources, and the seconds of each reader for all of them."""
    resources = sum(map(checked, chosen))
    spent = [
        [seconds(read, body, turns) for read in (checked, ours, theirs)]
        for body in chosen
    ]
    return resources, [sum(column) for column in zip(*spent, strict=True)]


def main() -> None:
    """Print resources per second of each, the ratio, and what size does to ours."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--step", type=int, default=2, help="every n-th Bundle")
    options.add_argument(
        "--turns", type=int, default=3, help="of which the mean counts"
    )
    chosen = options.parse_args()
    resources, (quick, read, slow) = compare(bodies(chosen.step), chosen.turns)
    table = Table("reader", "resources/s", "ratio")
    for name, spent in (
        ("parsed, checked, cut", quick),
        ("and its requests read", read),
        ("Bundle.model_validate_json", slow),
    ):
        table.add_row(name, f"{resources / spent:,.0f}", f"{slow / spent:.1f}")
    growth = Table("entries in one Bundle", "µs an entry")
    for entries in SIZES:
        spent = seconds(checked, made(entries), chosen.turns)
        growth.add_row(f"{entries:,}", f"{spent / entries * 1e6:.1f}")
    console = Console()
    console.print(table, growth)


if __name__ == "__main__":
    main()
