"""Releases of models, how they were measured, and which of them counts: facts.

A release is what `inference.release` reads from a signed folder. Nothing is known here
of files.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Literal

from domain.answers import Asking

End = Literal["point", "low", "high", "upper"]
MODEL: Final = frozenset({"model", "combined"})
"""Assessors of whose figures at least one speaks of a model as it would serve."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One figure of one assessor on one data set, with its interval at 95 %.

    `total` counts the cases. `upper` is the one-sided bound of a share at 95 %, None
    where it is no share. `group` and `of` name a part of the cases; "" for all.
    """

    data: str
    assessor: str
    metric: str
    value: float
    low: float
    high: float
    total: int
    upper: float | None = None
    group: str = ""
    of: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """Return what the figure is of."""
        return (self.data, self.assessor, self.metric, self.group, self.of)

    def at(self, end: End) -> float | None:
        """Return the figure itself, or an end of its interval."""
        ends = {"point": self.value, "low": self.low, "high": self.high}
        return self.upper if end == "upper" else ends[end]


@dataclass(frozen=True, kw_only=True)
class Required:
    """One figure that a gate demands; exactly one of `at_most` and `at_least`."""

    data: str
    metric: str
    assessor: str = "floor"
    end: End = "point"
    at_most: float | None = None
    at_least: float | None = None
    group: str = ""
    of: str = ""
    why: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """Return what the figure is of."""
        return (self.data, self.assessor, self.metric, self.group, self.of)

    @property
    def sentence(self) -> str:
        """Say what is demanded."""
        whom = f" of {self.group} {self.of}" if self.group else ""
        bounds = (("at most", self.at_most), ("at least", self.at_least))
        said = " and ".join(
            f"{word} {each}" for word, each in bounds if each is not None
        )
        return f"{self.data}, {self.assessor}, {self.metric}{whom} ({self.end}) {said}"

    def admits(self, found: float) -> bool:
        """Say whether a figure is within the bound; without a bound none is."""
        bounded = self.at_most is not None or self.at_least is not None
        low_enough = self.at_most is None or found <= self.at_most
        high_enough = self.at_least is None or found >= self.at_least
        return bounded and low_enough and high_enough


@dataclass(frozen=True, kw_only=True)
class Held:
    """A demand that was met, and the figure that met it."""

    required: Required
    measured: float


@dataclass(frozen=True, kw_only=True)
class Release:
    """A model to be served: which weights, which adapter, asked how, measured how.

    `sha256`, of its manifest, is its identity. `adapter_sha256` is "" for a base model
    alone; `key` is the public key that its signature was verified with.
    """

    name: str
    version: str
    sha256: str
    base: str
    base_sha256: str
    adapter_sha256: str
    asking: Asking
    figures: tuple[Measured, ...]
    key: str

    @property
    def title(self) -> str:
        """Return how people name it."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, kw_only=True)
class ModelRegistered:
    """A release is known to the site; it stays in shadow until it is activated."""

    topic: ClassVar[str] = "model.registered.v1"
    release: Release
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ModelActivated:
    """A named person lets a release count, after every figure of a gate held."""

    topic: ClassVar[str] = "model.activated.v1"
    release: str  # its hash
    title: str
    gate: str  # SHA-256 of the gate's file
    held: tuple[Held, ...]
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ModelRolledBack:
    """A named person goes back to what counted before, or to shadow."""

    topic: ClassVar[str] = "model.rolled-back.v1"
    release: str  # hash of what no longer counts
    back: str  # hash of what counts again, "" where nothing does
    by: str
    reason: str
    at: datetime


RegistryEvent = ModelRegistered | ModelActivated | ModelRolledBack
