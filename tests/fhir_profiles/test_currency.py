import gzip
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fhir_profiles.currency import is_current

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(hours=24)
SYNTHEA = (
    Path(__file__).resolve().parents[2].parent
    / "shared"
    / "data"
    / "fhir"
    / "synthea-r4"
    / "bundles"
)


def encounter(status, **period):
    return {"resourceType": "Encounter", "status": status, "period": period}


def observation(**times):
    return {"resourceType": "Observation", "status": "final"} | times


def condition(**times):
    return {"resourceType": "Condition"} | times


@pytest.mark.parametrize(
    ("resource", "current"),
    [
        (encounter("arrived"), True),
        (encounter("in-progress", start="2026-11-22T11:00:00Z"), True),
        (encounter("triaged", start="2026-11-16"), True),
        (encounter("onleave", start="2026-11-01"), False),
        (encounter("in-progress", end="2026-11-22T11:59:59Z"), False),
        (encounter("in-progress", end="2026-11-22T18:00:00Z"), True),
        (encounter("in-progress", end="2026-11-22"), True),
        (encounter("in-progress", end="9999-12-31"), True),
        (encounter("finished", start="2026-11-22T11:00:00Z"), False),
        (encounter("planned"), False),
        (observation(effectiveDateTime="2026-11-22T11:00:00Z"), True),
        (observation(effectiveDateTime="2026-11-21T12:00:00Z"), True),
        (observation(effectiveDateTime="2026-11-21T11:59:59Z"), False),
        (observation(effectiveDateTime="2026-11-22T13:00:00Z"), True),
        (observation(effectiveDateTime="2026-11-22T13:00:01Z"), False),
        (observation(effectiveDateTime="2026-11-22"), True),
        (observation(effectiveDateTime="2026-11-23"), True),
        (observation(effectiveDateTime="2026-11-24"), False),
        (observation(effectiveDateTime="2026-11-19"), False),
        (observation(effectiveDateTime="2026"), True),
        (observation(effectivePeriod={"start": "2020-01-01"}), False),
        (
            observation(effectivePeriod={"start": "2026-01-01", "end": "2026-11-22"}),
            True,
        ),
        (observation(issued="2026-11-22T11:00:00Z"), True),
        (observation(issued="2020-11-22T11:00:00Z"), False),
        (observation(), True),
        (condition(recordedDate="2026-11-22", onsetDateTime="2019"), True),
        (condition(onsetDateTime="2019-03-01"), False),
        (condition(onsetDateTime="2026-11-22T09:00:00+01:00"), True),
        (condition(recordedDate="2026-11-22", abatementDateTime="2026-11-20"), False),
        (condition(), True),
        (
            {
                "resourceType": "QuestionnaireResponse",
                "authored": "2026-11-22T09:00:00Z",
            },
            True,
        ),
        ({"resourceType": "QuestionnaireResponse", "authored": "2025-11-22"}, False),
        ({"resourceType": "MedicationStatement"}, False),
        ({}, False),
    ],
)
def test_what_is_about_now(resource, current):
    assert is_current(resource, NOW, DAY) is current


def test_a_lifetime_of_synthea_encounters_is_not_about_now():
    bundles = sorted(SYNTHEA.glob("*.json.gz"))
    if not bundles:
        pytest.skip("The Synthea Bundles of ../shared/data are not on this machine.")

    current = [
        entry["resource"]["resourceType"]
        for bundle in bundles
        for entry in json.loads(
            gzip.decompress(bundle.read_bytes()), parse_float=Decimal
        )["entry"]
        if is_current(entry["resource"], datetime.now(UTC), DAY)
    ]

    assert current == []
