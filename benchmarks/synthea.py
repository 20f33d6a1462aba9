"""Resources a second for whole patient records, each sent as one transaction.

The Bundles are those of ../shared/data/fhir/synthea-r4 where that folder is there, else
of `--bundles FOLDER` (*.json or *.json.gz), else generated here in a similar mixture.
Each is sent again with new identifiers, so that none is a repetition. The time counts
until the read models show everything.
"""

import argparse
import gzip
import json
import re
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from uuid import NAMESPACE_OID, uuid4, uuid5

import rig
import senders
from rich.table import Table

SYNTHEA = Path(__file__).parents[2] / "shared/data/fhir/synthea-r4/bundles"
_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_IDENTIFIED = re.compile(rb'("value": ?")(\d{3}-\d\d-\d{4}|S\d{8}|X\d{8}X)(")')
_OBSERVATIONS = 200
_LOINC = "http://loinc.org"


def bundles(folder: Path | None) -> list[bytes]:
    """Return the Bundles to send, as compact JSON."""
    chosen = folder or SYNTHEA
    files = sorted(chosen.glob("*.json*")) if chosen.is_dir() else []
    found = (_content(file) for file in files)
    return [rig.compact(each) for each in found if _is_sent(each)] or [generated()]


def _content(file: Path) -> dict[str, object]:
    packed = file.suffix == ".gz"
    raw = gzip.decompress(file.read_bytes()) if packed else file.read_bytes()
    content: dict[str, object] = json.loads(raw)
    return content


def _is_sent(content: dict[str, object]) -> bool:
    return content.get("type") == "transaction"


def generated() -> bytes:
    """Return a Bundle of a Patient, Encounters, Observations and Conditions."""
    patient = f"urn:uuid:{uuid5(NAMESPACE_OID, 'patient')}"
    resources = [
        {"resourceType": "Patient", "name": [{"family": "Bench"}], "gender": "male"},
        *(_observation(patient, number) for number in range(_OBSERVATIONS)),
        *(_condition(patient, number) for number in range(_OBSERVATIONS // 10)),
    ]
    entries = [
        {
            "fullUrl": patient if number == 0 else f"urn:uuid:{_name(number)}",
            "resource": resource,
            "request": {"method": "POST", "url": resource["resourceType"]},
        }
        for number, resource in enumerate(resources)
    ]
    return rig.compact(
        {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    )


def _name(number: int) -> str:
    return str(uuid5(NAMESPACE_OID, str(number)))


def _observation(patient: str, number: int) -> dict[str, object]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": _LOINC, "code": "8302-2"}], "text": "Height"},
        "subject": {"reference": patient},
        "effectiveDateTime": f"2014-03-{number % 28 + 1:02}T10:00:00Z",
        "valueQuantity": {
            "value": 170 + number / 100,
            "unit": "cm",
            "system": "http://unitsofmeasure.org",
            "code": "cm",
        },
    }


def _condition(patient: str, number: int) -> dict[str, object]:
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": _CLINICAL, "code": "active"}]},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "38341003"}]},
        "subject": {"reference": patient},
        "onsetDateTime": f"20{number % 20 + 2:02}-05-17",
    }


_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def fresh(bundle: bytes) -> bytes:
    """Return a Bundle about other people: every UUID and record number is new."""
    salt = uuid4()
    known: dict[bytes, bytes] = {}

    def other(match: re.Match[bytes]) -> bytes:
        old = match[0]
        if old not in known:
            known[old] = str(uuid5(salt, old.decode())).encode()
        return known[old]

    renumbered = _IDENTIFIED.sub(rb"\g<1>\g<2>-" + salt.hex.encode() + rb"\3", bundle)
    return _UUID.sub(other, renumbered)


def endless(originals: list[bytes]) -> Iterator[bytes]:
    """Give the Bundles, then again with new identifiers, and so on."""
    yield from originals
    while True:
        yield from map(fresh, originals)


def measured(
    address: rig.Address, clients: int, count: int, originals: list[bytes]
) -> list[str]:
    """Send so many Bundles and return one line of the table."""
    chosen = list(islice(endless(originals), count))
    requests = [rig.post(address, each) for each in chosen]
    before = address.counters()
    began = time.perf_counter()
    result = senders.load(address, clients, requests)
    acknowledged = time.perf_counter() - began
    address.until_shown()
    shown = time.perf_counter() - began
    after = address.counters()
    grown = {name: value - before.get(name, 0) for name, value in after.items()}
    resources = grown["resources_accepted_total"]
    return [
        str(clients),
        f"{len(result.latencies)}",
        f"{resources:,.0f}",
        f"{resources / acknowledged:,.0f}",
        f"{resources / shown:,.0f}",
        f"{sum(map(len, chosen)) / shown / 2**20:.1f}",
        f"{result.median:,.0f}",
        f"{result.milliseconds(0.99):,.0f}",
        result.failures,
        *rig.shares(grown, shown),
    ]


def main() -> None:
    """Send whole records by several clients and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundles", type=Path, help="folder of transactions")
    parser.add_argument("--count", type=int, default=124, help="Bundles to send")
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args()
    originals = bundles(given.bundles)
    table = Table(
        *("clients", "Bundles", "resources", "acknowledged/s", "shown/s", "MiB/s"),
        *("p50 ms", "p99 ms", "errors", *rig.PARTS),
        title=f"Whole records: {len(originals)} different Bundles",
        caption=rig.SHARES,
    )
    with (
        tempfile.TemporaryDirectory(prefix="triage-gateway-bench-") as name,
        rig.gateway(Path(name)) as address,
    ):
        measured(address, 1, 2, [generated()])
        table.add_row(*measured(address, given.clients, given.count, originals))
    rig.CONSOLE.print(table)


if __name__ == "__main__":
    main()
