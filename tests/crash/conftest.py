import shutil
from contextlib import ExitStack

import pytest

from tests.absent import absent
from tests.crash.power import COMPILER


@pytest.fixture
def held():
    """What is given back after the test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def compiler():
    """What makes it known which files were synced."""
    if shutil.which(COMPILER) is None:
        absent(f"{COMPILER} is missing, which makes what notes the syncs.")
