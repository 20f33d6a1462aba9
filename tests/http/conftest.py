import pytest

from tests.gateway_inside import gateway_inside


@pytest.fixture
async def caller(tmp_path):
    """A development caller of a gateway in this process: it may do everything."""
    async with gateway_inside(tmp_path / "data", dev=True) as one:
        yield one


@pytest.fixture
async def strangers(tmp_path):
    """A gateway whose callers need a token; `strangers.called(NURSE)` has one."""
    async with gateway_inside(tmp_path / "data") as one:
        yield one
