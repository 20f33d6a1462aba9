"""What `triage-gateway evaluate` found, read again: figures, and no case.

A gate asks these figures, a model card tells them. Where single cases are listed, the
file is for those who may read the cases, and nobody else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec


class UnreadableEvaluationError(Exception):
    """It is no evaluation, or one that must not leave the house."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of one assessor on one data set, with its interval at 95 %.

    `total` is of how many cases it is. `upper` is the one-sided bound of a share at
    95 %, None where it is no share. `group` and `of` name a part of the cases, such
    as `sex` and `female`; "" for all of them.
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
    figures: tuple[Figure, ...]
    gate: tuple[Verdict, ...]

    @property
    def overall(self) -> tuple[Figure, ...]:
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


class _Assessment(msgspec.Struct):
    assessor: str
    overall: _Values
    groups: dict[str, dict[str, _Values]]
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
        UnreadableEvaluationError: it is none, or lists single cases.

    """
    try:
        report = msgspec.json.decode(content, type=_Report)
    except ValueError as error:
        raise UnreadableEvaluationError(
            "It is no evaluation.json as `triage-gateway evaluate` writes it."
        ) from error
    _require_no_case(report)
    told = {name: getattr(report.header, name) for name in _Header.__struct_fields__}
    return Evaluation(
        **told,
        data=tuple(_data_set(each) for each in report.data),
        figures=tuple(each for part in report.data for each in _figures(part)),
        gate=report.gate,
    )


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


def _data_set(section: _Section) -> DataSet:
    return DataSet(
        name=section.name,
        total=section.total,
        labelled=section.labelled,
        clusters=section.clusters,
        sha256=section.sha256,
        caveats=section.caveats,
    )


def _figures(section: _Section) -> Iterator[Figure]:
    for each in section.assessments:
        for group, of, values in _parts(each):
            for metric, value in values.items():
                if value is not None:
                    yield Figure(
                        data=section.name,
                        assessor=each.assessor,
                        metric=metric,
                        group=group,
                        of=of,
                        value=value.value,
                        low=value.low,
                        high=value.high,
                        total=value.total,
                        upper=value.upper,
                    )


def _parts(told: _Assessment) -> Iterator[tuple[str, str, _Values]]:
    yield "", "", told.overall
    for group, parts in told.groups.items():
        for of, values in parts.items():
            yield group, of, values
