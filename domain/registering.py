"""What is asked of the registry of releases: to know one, to let it count, to undo."""

from dataclasses import dataclass
from datetime import datetime

from domain.answers import Asking
from domain.registered import Release, Required


@dataclass(frozen=True, kw_only=True)
class RegisterModel:
    """Make a release known, whose signature was verified."""

    release: Release
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ActivateModel:
    """Let a release, named as `name@version`, count.

    `required` is what the gate of the file with the hash `gate` demands; `asking` is
    how the program asks now.
    """

    title: str
    gate: str
    required: tuple[Required, ...]
    asking: Asking
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RollBackModel:
    """Go back to what counted before; `title` names what is left, "" whatever it is."""

    by: str
    reason: str
    at: datetime
    title: str = ""


RegistryCommand = RegisterModel | ActivateModel | RollBackModel
