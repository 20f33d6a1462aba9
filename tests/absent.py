"""What a test needs and a machine may lack; what CI installs must be there on CI."""

import os

import pytest


def absent(reason):
    """Skip a test for what is not installed here; on CI, which installs it, fail."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason} CI installs it: see .ci/run.")
    pytest.skip(reason)
