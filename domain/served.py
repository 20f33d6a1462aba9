"""Which model answers, whether it may, and how often it raised: facts for the log."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Served:
    """All that an answer of the model depends on, beside the case itself."""

    name: str  # as the server is asked for it, without the adapter
    weights: str  # of the base model, as declared or as the server tells
    server: str
    prompt: str  # version
    prompt_sha256: str  # of the prompt of a fixed case
    schema_sha256: str  # of that prompt's answer format
    index: str  # of the knowledge
    rules: str  # version
    catalogue: str  # hash of the rules, the site's own included
    adapter: str = ""  # name; "" without one
    adapter_sha256: str = ""  # of its files, as declared
    shadow: bool = True  # by the settings; the registry of releases may say so, too

    @property
    def answerer(self) -> tuple[str, ...]:
        """Return what the answer to one and the same prompt depends on."""
        model = (self.name, self.adapter, self.weights, self.adapter_sha256)
        return (*model, self.server, self.prompt_sha256, self.schema_sha256)


@dataclass(frozen=True, kw_only=True)
class CanaryAnswer:
    """What the model said to a fixed case: kept to see whether it still says so.

    `acuity` is "" where the answer does not keep the contract.
    """

    canary: str
    acuity: str
    sha256: str  # of the answer's text


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A measure that crossed its limit."""

    name: str
    value: float
    limit: float


@dataclass(frozen=True, kw_only=True)
class Raises:
    """How many of the cases answered last a model has made more urgent."""

    raised: int
    answered: int
    limit: float  # share of them that is no cause for alarm

    @property
    def too_many(self) -> bool:
        """Say whether they are cause for alarm."""
        return self.raised > self.limit * self.answered


@dataclass(frozen=True, kw_only=True)
class ModelServed:
    """From here on cases are answered by this, which passed its self-test."""

    topic: ClassVar[str] = "model.served.v1"
    served: Served
    canaries: tuple[CanaryAnswer, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ModelRefused:
    """The model failed its self-test: it is not asked, and the rules stand alone."""

    topic: ClassVar[str] = "model.refused.v1"
    served: Served
    faults: tuple[str, ...]
    canaries: tuple[CanaryAnswer, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ModelSuspended:
    """The model was switched off: by figures, or by a person (`by`) with a reason."""

    topic: ClassVar[str] = "model.suspended.v1"
    by: str  # "" where the gateway did it by itself
    reason: str
    figures: tuple[Figure, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ModelResumed:
    """A named person lets the model answer again."""

    topic: ClassVar[str] = "model.resumed.v1"
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RaisesExceeded:
    """The model raised so large a share of the last cases that nurses are warned."""

    topic: ClassVar[str] = "model.raises-exceeded.v1"
    raises: Raises
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RaisesSubsided:
    """It no longer does."""

    topic: ClassVar[str] = "model.raises-subsided.v1"
    raises: Raises
    at: datetime


ServingEvent = (
    ModelServed
    | ModelRefused
    | ModelSuspended
    | ModelResumed
    | RaisesExceeded
    | RaisesSubsided
)
