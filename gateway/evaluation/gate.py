"""A release gate: which figures must hold, and what fell short.

A gate is a TOML file of `[[require]]` tables; docs/evaluation.md lists the names. It is
read, and decided, as where a release is activated.
"""

from pathlib import Path

from domain.errors import UnfitReleaseError
from domain.gate import worst
from domain.registered import Measured, Required
from gateway.evaluation.assessors import Assessor
from gateway.evaluation.cases import OUTCOMES, CasesError
from gateway.evaluation.figures import AGREEMENT, EXACT_OF_ALL, PROPORTIONS
from gateway.evaluation.report import Report
from gateway.intake.release import required
from inference.evaluation import Verdict, figures

SHARES = ("answered", EXACT_OF_ALL, *PROPORTIONS)
METRICS = (
    *SHARES,
    *AGREEMENT,
    *(f"auroc_{outcome}" for outcome in OUTCOMES),
)
Gate = tuple[Required, ...]
"""Requirements that must all hold; at least one."""


def load(path: Path) -> Gate:
    """Return the gate in a file.

    Raises:
        CasesError: it cannot be read, or asks for what there is not.

    """
    try:
        gate = required(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CasesError(f"{path} cannot be read: {error.strerror}.") from None
    except (UnfitReleaseError, UnicodeDecodeError) as error:
        raise CasesError(f"{path}: {error}") from None
    for number, each in enumerate(gate, 1):
        fault = _fault(each)
        if fault:
            raise CasesError(f"{path}, requirement {number}: {fault}")
    if not gate:
        raise CasesError(f"{path} requires nothing.")
    return gate


def verdicts(gate: Gate, report: Report) -> list[Verdict]:
    """Return whether each requirement holds; what cannot be told does not hold."""
    known = figures(report.sections)
    return [_verdict(each, known) for each in gate]


def _fault(requirement: Required) -> str:
    if requirement.metric not in METRICS:
        return (
            f"there is no metric {requirement.metric}; there are {', '.join(METRICS)}"
        )
    if requirement.assessor not in set(Assessor):
        return (
            f"nobody is called {requirement.assessor}; there are {', '.join(Assessor)}"
        )
    if requirement.end == "upper" and requirement.metric not in SHARES:
        return "only shares have the end `upper`; take `high`."
    return ""


def _verdict(requirement: Required, known: tuple[Measured, ...]) -> Verdict:
    found = worst(requirement, known)
    return Verdict(
        requirement=requirement.sentence,
        why=requirement.why,
        found=found,
        holds=found is not None and requirement.admits(found),
    )
