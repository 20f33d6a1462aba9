"""The training environment: torch and trl are not where the tests run."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.absent import absent

ROOT = Path(__file__).parents[3]
INSIDE = Path(__file__).parent / "inside"


@pytest.fixture(scope="session")
def python():
    """Return the Python of the training environment."""
    named = os.environ.get("TRAINING_PYTHON")
    found = Path(named) if named else ROOT / ".training-venv" / "bin" / "python"
    if not found.is_file():
        absent("It needs the training environment: make training, or TRAINING_PYTHON.")
    return found


@pytest.fixture(scope="session")
def environment():
    """Return the variables with which the training environment finds this project."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
    }


@pytest.fixture(scope="session")
def inside(python, environment, tmp_path_factory):
    """Return what runs a script of `inside` once and gives its facts and its folder."""

    @cache
    def run(script, *more):
        where = tmp_path_factory.mktemp(script)
        done = subprocess.run(
            [python, INSIDE / f"{script}.py", where, *more],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        told = [x for x in done.stdout.splitlines() if x.startswith("FACTS ")]
        assert told, done.stderr[-3000:]
        return json.loads(told[0].removeprefix("FACTS ")), where

    return run
