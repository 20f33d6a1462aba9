"""A labelled case: what the assessors may see, and apart from it what is compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.values import Case
from inference.metrics import Truth

OUTCOMES = ("admitted", "icu", "died")


class CasesError(Exception):
    """Cases that cannot be used; the sentence says where, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Input:
    """All that an assessor may see of a case: a Bundle's bytes, or a Case as it is.

    `at` is when the case was triaged; without it, what the Bundle says. Where the
    Bundle has no birth date, `youngest_years` is the age from which a data set takes
    people in: nobody in it is younger.
    """

    bundle: bytes | None = field(default=None, repr=False)
    case: Case | None = field(default=None, repr=False)
    at: datetime | None = None
    youngest_years: int | None = None


@dataclass(frozen=True, kw_only=True)
class LabelledCase:
    """An input with what is known of it afterwards, which no assessor sees.

    `cluster` names what makes cases alike, such as the patient of several visits.
    `gold` names the passages of the knowledge base that answer the case, best first.
    """

    id: str
    input: Input = field(repr=False)
    truth: Truth | None = None
    outcomes: Mapping[str, bool] = field(default_factory=dict)
    cluster: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    held_out: bool | None = None
    provenance: str = ""
    gold: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A case that is not assessed, and why."""

    id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """Labelled cases of one source, and what a reader of the figures must know."""

    name: str
    cases: tuple[LabelledCase, ...]
    left_out: tuple[LeftOut, ...] = ()
    caveats: tuple[str, ...] = ()
