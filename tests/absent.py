"""What a test needs and a machine may lack; what CI puts there must be there on CI."""

import os

import pytest


def absent(reason):
    """Skip a test for what is not here; on CI, which puts it there, fail."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason} On CI it is there: see .ci/run.")
    pytest.skip(reason)
