"""What the benchmarks send is what the gateway accepts, and never a repetition."""

import importlib.util
import json
import sys
from itertools import islice
from pathlib import Path

import pytest

from fhir_profiles.structure import read

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))

    def loaded(name):
        spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    yield loaded
    sys.modules.pop("rig", None)


def test_small_transactions_are_valid_and_all_different(script):
    bodies = list(islice(script("transactions").bundles("2015-03-01T10:00:00Z"), 3))

    assert len(set(bodies)) == 3
    assert all(read(body)["type"] == "transaction" for body in bodies)


def test_a_generated_record_is_valid_and_about_somebody_else_each_time(script):
    synthea = script("synthea")
    first = synthea.generated()
    second = synthea.fresh(first)

    assert read(second)["entry"]
    assert first != second
    assert len(first) == len(second)
    whom = {
        entry["resource"]["subject"]["reference"]
        for entry in json.loads(second)["entry"][1:]
    }
    assert whom == {json.loads(second)["entry"][0]["fullUrl"]}
