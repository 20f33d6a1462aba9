"""Who calls, how they prove it, and what they may do."""

from gateway.access.errors import (
    ForbiddenError,
    KeysUnavailableError,
    UnknownCallerError,
)
from gateway.access.interaction import Interaction
from gateway.access.principal import Principal

__all__ = [
    "ForbiddenError",
    "Interaction",
    "KeysUnavailableError",
    "Principal",
    "UnknownCallerError",
]
