import pytest

from tests.gateway_inside import gateway_inside


@pytest.fixture
async def caller(tmp_path):
    """A development caller of a gateway that reads the answers to `linkId:why`."""
    async with gateway_inside(
        tmp_path / "data", dev=True, complaint_questions=("linkId:why",)
    ) as one:
        yield one
