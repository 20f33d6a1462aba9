"""A paediatric early warning chart as data: none is shipped, a site may bring its own.

National charts (England's PEWS, Ireland's, the Netherlands') are owned by others and
differ; whoever installs one vouches for it. `domain.floor.pews` scores and checks it.
"""

from dataclasses import dataclass
from decimal import Decimal

from domain.values import Acuity, VitalName


@dataclass(frozen=True, kw_only=True)
class Step:
    """The points of values up to and including `most`; None is open-ended."""

    most: Decimal | None
    points: int


@dataclass(frozen=True, kw_only=True)
class Scored:
    """How one vital sign scores, in its canonical unit; steps from the lowest on."""

    vital: VitalName
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class ChartBand:
    """What scores at an age in days of life, from `least_days` to before `end_days`."""

    least_days: int
    end_days: int
    scored: tuple[Scored, ...]


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """The level from a total on, or from the points of one parameter on."""

    acuity: Acuity
    total: int | None = None
    single: int | None = None


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart with its name, version and source, its age bands, and what follows."""

    name: str
    version: str
    citation: str
    bands: tuple[ChartBand, ...]
    escalations: tuple[Escalation, ...]
