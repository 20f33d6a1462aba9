"""The extra `embeddings` needs torch: its library is in the training environment."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from inference.embed import packaged_folder
from tests.training.stages.conftest import environment, python

__all__ = ["environment", "python"]

SCRIPT = Path(__file__).with_name("inside.py")


@pytest.fixture(scope="session")
def inside(python, environment, tmp_path_factory):
    """Return the facts that the real library tells there, and its vectors."""
    where = tmp_path_factory.mktemp("extra")
    done = subprocess.run(
        [python, SCRIPT, where, packaged_folder()],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads((where / "facts.json").read_text()), np.load(where / "made.npz")
