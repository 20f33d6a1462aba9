"""What is asked of the model's registry: to admit, to switch off and on, to count."""

from dataclasses import dataclass
from datetime import datetime

from domain.served import CanaryAnswer, Figure, Raises, Served


@dataclass(frozen=True, kw_only=True)
class AdmitModel:
    """Hand in what a self-test of the model found.

    `obedience` is the share of the fixed cases whose answers have to keep the
    contract, `tolerance` the share that may differ from what the same model said
    before: in its acuity, or with `exact` in any letter.
    """

    served: Served
    canaries: tuple[CanaryAnswer, ...]
    faults: tuple[str, ...]
    obedience: float
    tolerance: float
    exact: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class NoteIndex:
    """Say from which index of the knowledge the model that passed answers now."""

    index: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SuspendModel:
    """Switch the model off; a person gives `by` and a reason, the gateway figures."""

    by: str
    reason: str
    at: datetime
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ResumeModel:
    """Switch the model on again."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CountRaises:
    """Hand in how many of the last cases the model has made more urgent."""

    raises: Raises
    at: datetime


ServingCommand = AdmitModel | NoteIndex | SuspendModel | ResumeModel | CountRaises
