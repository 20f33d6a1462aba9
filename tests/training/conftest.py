import pytest

from tests.training.trained import Trained, evaluated_once


@pytest.fixture(scope="session")
def evaluated(tmp_path_factory):
    """An evaluation as the command writes it, made once."""
    return evaluated_once(tmp_path_factory.mktemp("evaluated"))


@pytest.fixture
def trained(tmp_path, evaluated):
    return Trained(tmp_path, evaluated)
