"""What any test may ask for."""

import pytest

from tests.postgres import running


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server; each test takes a schema of its own."""
    with running() as server:
        yield server
