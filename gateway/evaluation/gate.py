"""A release gate: which figures must hold, and what fell short.

A gate is a TOML file of `[[require]]` tables; docs/evaluation.md lists the names.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from gateway.evaluation.assessors import Assessor
from gateway.evaluation.cases import OUTCOMES, CasesError
from gateway.evaluation.figures import (
    AGREEMENT,
    EXACT_OF_ALL,
    PROPORTIONS,
    Figures,
    Value,
)
from gateway.evaluation.report import Assessment, Report
from inference.metrics import Proportion

SHARES = ("answered", EXACT_OF_ALL, *PROPORTIONS)
METRICS = (
    *SHARES,
    *AGREEMENT,
    *(f"auroc_{outcome}" for outcome in OUTCOMES),
)


class Requirement(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """One figure that must hold; exactly one of `at_most` and `at_least`.

    `end` says which end of the interval is meant: `upper` is the one-sided bound of
    a share at 95 %.
    """

    data: str
    metric: str
    assessor: Assessor = Assessor.FLOOR
    end: Literal["point", "low", "high", "upper"] = "point"
    at_most: float | None = None
    at_least: float | None = None
    group: str = ""
    of: str = ""
    why: str = ""

    @property
    def sentence(self) -> str:
        """Say what is required."""
        whom = f" of {self.group} {self.of}" if self.group else ""
        bound = (
            f"at most {self.at_most}"
            if self.at_most is not None
            else f"at least {self.at_least}"
        )
        return f"{self.data}, {self.assessor}, {self.metric}{whom} ({self.end}) {bound}"


class Gate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Requirements that must all hold."""

    require: tuple[Requirement, ...]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a requirement holds; `found` is None where nothing could tell."""

    requirement: str
    why: str
    found: float | None
    holds: bool


def load(path: Path) -> Gate:
    """Return the gate in a file.

    Raises:
        CasesError: it cannot be read, or asks for what there is not.

    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        gate = msgspec.convert(content, Gate)
    except OSError as error:
        raise CasesError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise CasesError(f"{path} is no gate: {error}.") from None
    for number, each in enumerate(gate.require, 1):
        fault = _fault(each)
        if fault:
            raise CasesError(f"{path}, requirement {number}: {fault}")
    if not gate.require:
        raise CasesError(f"{path} requires nothing.")
    return gate


def verdicts(gate: Gate, report: Report) -> list[Verdict]:
    """Return whether each requirement holds; what cannot be told does not hold."""
    return [_verdict(each, report) for each in gate.require]


def _fault(requirement: Requirement) -> str:
    if requirement.metric not in METRICS:
        return (
            f"there is no metric {requirement.metric}; there are {', '.join(METRICS)}"
        )
    if (requirement.at_most is None) is (requirement.at_least is None):
        return "give either at_most or at_least."
    if requirement.end == "upper" and requirement.metric not in SHARES:
        return "only shares have the end `upper`; take `high`."
    if bool(requirement.group) is not bool(requirement.of):
        return "`group` and `of` need each other, such as sex and female."
    return ""


def _verdict(requirement: Requirement, report: Report) -> Verdict:
    found = [_end(value, requirement.end) for value in _values(requirement, report)]
    known = [each for each in found if each is not None]
    complete = bool(known) and len(known) == len(found)
    return Verdict(
        requirement=requirement.sentence,
        why=requirement.why,
        found=_worst(known, requirement) if known else None,
        holds=complete and all(_holds(each, requirement) for each in known),
    )


def _values(requirement: Requirement, report: Report) -> Iterator[Value]:
    for each in report.sections:
        if each.name != requirement.data:
            continue
        for assessment in each.assessments:
            if assessment.assessor is requirement.assessor:
                yield _figures(requirement, assessment).get(requirement.metric)


def _figures(requirement: Requirement, assessment: Assessment) -> Figures:
    if not requirement.group:
        return assessment.overall
    return assessment.groups.get(requirement.group, {}).get(requirement.of, {})


def _end(value: Value, end: str) -> float | None:
    if value is None:
        return None
    if end == "upper":
        return value.upper if isinstance(value, Proportion) else None
    return {"point": value.value, "low": value.low, "high": value.high}[end]


def _holds(found: float, requirement: Requirement) -> bool:
    if requirement.at_most is not None:
        return found <= requirement.at_most
    return requirement.at_least is not None and found >= requirement.at_least


def _worst(known: list[float], requirement: Requirement) -> float:
    return max(known) if requirement.at_most is not None else min(known)
