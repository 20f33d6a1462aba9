import pytest

from inference import embedded_model


@pytest.fixture(scope="session")
def weights():
    """The GGUF file of the embedded model; it is part of every install."""
    return embedded_model.weights_path()
