"""What a clinician reads of a rule before it has ever fired."""

from dataclasses import dataclass

from domain.floor.ages import ANY_AGE, Band
from domain.values import Acuity


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of the catalogue; every `Fired.rule` names one.

    Each rule module lists its own as `CATALOGUE: tuple[Rule, ...]`, made from the same
    data that the rule judges by, so that what is read and what is done cannot differ.
    """

    rule: str
    """The id that `Fired.rule` carries, such as `extreme.hypoxia`."""
    family: str
    """The heading under which a clinician reviews it, such as `Single values`."""
    acuities: tuple[Acuity, ...]
    """Every level that it may floor to, the most urgent first."""
    says: str
    """When it applies, in one sentence."""
    why: str
    """Why that makes this level and no other, in one sentence."""
    citation: str
    ages: tuple[Band, ...] = (ANY_AGE,)
    thresholds: tuple[str, ...] = ()
    """Numbers with unit and age, one line each, such as `heart rate < 40 /min`."""
