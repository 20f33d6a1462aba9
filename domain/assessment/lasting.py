"""What of a case outlasts the data or the Task that it began with."""

from dataclasses import dataclass
from datetime import datetime

from domain.answers import ModelRun
from domain.values import Acuity, Reference


@dataclass(frozen=True, kw_only=True)
class Raise:
    """How far a model raised urgency on earlier data, which run did so, on what."""

    acuity: Acuity
    run: ModelRun
    rules: str = ""  # version of the rules whose floor it was shown
    inputs: tuple[Reference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Again:
    """That a nurse has to look again: since when, and how urgent it was by then."""

    at: datetime
    acuity: Acuity
