"""Requests are checked in several threads, and the first of a type at the same time."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from fhir_profiles.findings import Walk
from fhir_profiles.schema import Schema
from fhir_profiles.tables import load

THREADS = 8
INJECTION = {
    "resourceType": "Immunization",
    "status": "completed",
    "vaccineCode": {"text": "influenza"},
    "patient": {"reference": "Patient/1"},
    "occurrenceDateTime": "2024-01-05",
    "note": [{"text": "left arm"}],
}


@pytest.fixture(autouse=True)
def impatient():
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_no_thread_meets_a_type_that_another_has_half_made():
    for _ in range(10):
        schema, start = Schema(load()), Barrier(THREADS)

        def check(_, schema=schema, start=start):
            start.wait(60)
            return schema.resource("Immunization").check(INJECTION, Walk())

        with ThreadPoolExecutor(THREADS) as threads:
            assert list(threads.map(check, range(THREADS))) == [None] * THREADS
