import pytest

from inference import embedded_model


@pytest.fixture(scope="session")
def weights():
    """The GGUF file of the embedded model; it is part of every install."""
    try:
        return embedded_model.weights_path()
    except embedded_model.EmbeddedModelError as error:
        pytest.skip(str(error))
