from contextlib import ExitStack

import pytest


@pytest.fixture
def held():
    """What is given back after the test."""
    with ExitStack() as stack:
        yield stack
