"""Labelled cases as lines of JSON, each strictly as docs/evaluation.md describes it."""

from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from domain.values import Case
from gateway.evaluation.cases import (
    OUTCOMES,
    CasesError,
    DataSet,
    Input,
    LabelledCase,
)
from inference.metrics import LEVELS, Truth

_HELD_OUT = "held-out"


class _Label(msgspec.Struct, forbid_unknown_fields=True):
    level: int | None = None
    most_urgent: int = 1
    least_urgent: int = LEVELS


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    bundle: msgspec.Raw = msgspec.Raw(b"")
    case: msgspec.Raw = msgspec.Raw(b"")
    at: datetime | None = None
    youngest_years: int | None = None
    label: _Label | None = None
    outcomes: dict[str, bool] = {}
    cluster: str = ""
    groups: dict[str, str] = {}
    split: Literal["dev", "held-out"] | None = None
    provenance: str = ""
    gold: tuple[str, ...] = ()


def read_lines(path: Path) -> DataSet:
    """Return the cases of a file, a case a line.

    Raises:
        CasesError: a line cannot be used; its number is named.

    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise CasesError(f"{path} cannot be read: {error.strerror}.") from None
    cases: dict[str, LabelledCase] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            case = _numbered(path, number, line)
            if case.id in cases:
                raise CasesError(f"{path}, line {number}: its id was used before.")
            cases[case.id] = case
    if not cases:
        raise CasesError(f"{path} holds no case.")
    return DataSet(name=path.name, cases=tuple(cases.values()))


def _numbered(path: Path, number: int, line: bytes) -> LabelledCase:
    try:
        return _case(line)
    except (CasesError, ValueError) as error:
        raise CasesError(f"{path}, line {number}: {error}") from None
    except RecursionError:
        raise CasesError(f"{path}, line {number}: it is nested too deep.") from None


def _case(line: bytes) -> LabelledCase:
    read_ = msgspec.json.decode(line, type=_Line)
    if bool(read_.bundle) == bool(read_.case):
        raise CasesError("Give either `bundle` or `case`.")
    unknown = sorted(read_.outcomes.keys() - set(OUTCOMES))
    if unknown:
        raise CasesError(f"`outcomes` knows {', '.join(OUTCOMES)} only.")
    if read_.at is not None and read_.at.utcoffset() is None:
        raise CasesError("`at` needs an offset from UTC, such as Z.")
    return LabelledCase(
        id=read_.id,
        input=Input(
            bundle=bytes(read_.bundle) or None,
            case=_domain_case(bytes(read_.case)) if read_.case else None,
            at=read_.at,
            youngest_years=read_.youngest_years,
        ),
        truth=_truth(read_.label),
        outcomes=read_.outcomes,
        cluster=read_.cluster,
        groups=read_.groups,
        held_out=None if read_.split is None else read_.split == _HELD_OUT,
        provenance=read_.provenance,
        gold=read_.gold,
    )


def _truth(label: _Label | None) -> Truth | None:
    if label is None:
        return None
    if label.level is not None:
        return Truth(label.level, label.level)
    return Truth(label.most_urgent, label.least_urgent)


def _domain_case(raw: bytes) -> Case:
    """Return a Case; a name that it does not know is refused, not passed over."""
    case = msgspec.json.decode(raw, type=Case)
    _require_known(msgspec.json.decode(raw), msgspec.to_builtins(case), "case")
    if case.at.utcoffset() is None:
        raise CasesError("`case.at` needs an offset from UTC, such as Z.")
    return case


def _require_known(given: object, known: object, place: str) -> None:
    if isinstance(given, dict) and isinstance(known, dict):
        unknown = sorted(given.keys() - known.keys())
        if unknown:
            raise CasesError(f"`{place}` has an unknown field: {unknown[0]}.")
        for name, value in given.items():
            _require_known(value, known[name], f"{place}.{name}")
    elif isinstance(given, list) and isinstance(known, list | tuple):
        for value, other in zip(given, known, strict=False):
            _require_known(value, other, place)
