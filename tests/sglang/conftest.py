"""The training environment, for what is trained there and served here."""

from tests.training.stages.conftest import environment, inside, python

__all__ = ("environment", "inside", "python")
