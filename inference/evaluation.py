"""What `triage-gateway evaluate` found, read again: figures, and no case.

A gate asks these figures, a model card tells them. Where single cases are listed, the
file is for those who may read the cases, and nobody else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from domain.registered import Measured


class UnreadableEvaluationError(Exception):
    """It is no evaluation, or one that must not leave the house."""


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """Cases that were assessed: how many, of how many patients, with which hash."""

    name: str
    total: int
    labelled: int
    clusters: int
    sha256: str
    caveats: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a requirement of the gate held; `found` None where nothing could tell."""

    requirement: str
    why: str
    found: float | None
    holds: bool


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """An evaluation: when, of which versions and models, on which cases, how well."""

    at: datetime
    gateway: str
    rules: str
    prompt: str
    models: tuple[str, ...]
    seed: int
    held_out: bool
    caveats: tuple[str, ...]
    data: tuple[DataSet, ...]
    figures: tuple[Measured, ...]
    gate: tuple[Verdict, ...]

    @property
    def overall(self) -> tuple[Measured, ...]:
        """Return the figures of all cases of a data set, without those of groups."""
        return tuple(each for each in self.figures if not each.group)


class _Header(msgspec.Struct):
    at: datetime
    gateway: str
    rules: str
    prompt: str
    models: tuple[str, ...]
    seed: int
    held_out: bool
    caveats: tuple[str, ...]


class _Value(msgspec.Struct):
    value: float
    low: float
    high: float
    total: int
    upper: float | None = None


_Values = dict[str, _Value | None]


class _Assessed(msgspec.Struct):
    assessor: str
    overall: _Values
    groups: dict[str, dict[str, _Values]]


class _Assessments(msgspec.Struct):
    name: str
    assessments: list[_Assessed]


class _Assessment(_Assessed):
    missed: list[msgspec.Raw]


class _LeftOut(msgspec.Struct):
    id: str


class _Section(msgspec.Struct):
    name: str
    total: int
    labelled: int
    clusters: int
    sha256: str
    caveats: tuple[str, ...]
    left_out: list[_LeftOut]
    assessments: list[_Assessment]
    predictions: list[msgspec.Raw]


class _Report(msgspec.Struct):
    header: _Header
    gate: tuple[Verdict, ...]
    data: list[_Section]


def read_evaluation(content: bytes) -> Evaluation:
    """Read `evaluation.json`.

    Raises:
        UnreadableEvaluationError: it is none, lists single cases, or names two data
            sets alike.

    """
    try:
        report = msgspec.json.decode(content, type=_Report)
    except (ValueError, RecursionError) as error:
        raise UnreadableEvaluationError(
            "It is no evaluation.json as `triage-gateway evaluate` writes it."
        ) from error
    _require_no_case(report)
    if len({each.name for each in report.data}) < len(report.data):
        raise UnreadableEvaluationError(
            "Two data sets of the evaluation have one name."
        )
    return Evaluation(
        **msgspec.structs.asdict(report.header),
        data=msgspec.convert(report.data, tuple[DataSet, ...], from_attributes=True),
        figures=figures(report.data),
        gate=report.gate,
    )


def figures(data: object) -> tuple[Measured, ...]:
    """Return the figures of data sets, as an evaluation has them in its `data`.

    Of one that was just made these are the same as of its file, read again.
    """
    parts = msgspec.convert(data, list[_Assessments], from_attributes=True)
    return tuple(figure for each in parts for figure in _figures(each))


def _require_no_case(report: _Report) -> None:
    if not report.header.held_out:
        raise UnreadableEvaluationError(
            "The evaluation may list single cases: evaluate with --held-out."
        )
    for section in report.data:
        missed = any(each.missed for each in section.assessments)
        if section.predictions or missed or any(each.id for each in section.left_out):
            raise UnreadableEvaluationError(
                "The evaluation names single cases: figures alone may leave the house."
            )


def _figures(told: _Assessments) -> Iterator[Measured]:
    for each in told.assessments:
        for group, of, values in _parts(each):
            for metric, value in values.items():
                if value is not None:
                    yield Measured(
                        data=told.name,
                        assessor=each.assessor,
                        metric=metric,
                        group=group,
                        of=of,
                        **msgspec.structs.asdict(value),
                    )


def _parts(told: _Assessed) -> Iterator[tuple[str, str, _Values]]:
    yield "", "", told.overall
    for group, parts in told.groups.items():
        for of, values in parts.items():
            yield group, of, values
