"""From paths to labelled cases: JSON lines, Bundles, and folders of known data sets.

docs/evaluation.md describes the lines.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from domain.values import Case
from gateway.evaluation.cases import (
    OUTCOMES,
    CasesError,
    DataSet,
    Input,
    LabelledCase,
    LeftOut,
)
from gateway.evaluation.datasets import avey, ktas, lostbench, mimic
from gateway.evaluation.visit import acuity_observations, resources
from inference.metrics import LEVELS, Truth

HELD_OUT = "held-out"

_LINES = (".jsonl", ".ndjson")
_ANSWERS = MappingProxyType(
    {"LA21567-5": 1, "LA21752-3": 2, "LA21753-1": 3, "LA21754-9": 4, "LA21755-6": 5}
)
"""The answers of LOINC 75636-1 (LL3056-0)."""


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


def read(path: Path) -> tuple[DataSet, ...]:
    """Return the data sets at a path, most often one.

    Raises:
        CasesError: nothing known is there, or a case cannot be used.

    """
    if path.is_dir():
        return _folder(path)
    if path.suffix in _LINES:
        return (_lines(path),)
    if path.suffix == ".json":
        return (DataSet(name=path.name, cases=(_bundle(path),)),)
    raise CasesError(
        f"{path}: give .jsonl or .ndjson (a case a line), a FHIR Bundle in .json, or a "
        "folder of Bundles or of a known data set (docs/evaluation.md)."
    )


def chosen(data: DataSet, *, held_out: bool) -> DataSet:
    """Return the data set with the cases of one split; the others are left out.

    A case that does not say where it belongs is taken as what was asked for.
    """
    wanted = [case for case in data.cases if case.held_out in (None, held_out)]
    reason = "not held out" if held_out else "held out: --held-out scores it"
    others = [
        LeftOut(id=case.id, reason=reason)
        for case in data.cases
        if case.held_out not in (None, held_out)
    ]
    return DataSet(
        name=data.name,
        cases=tuple(wanted),
        left_out=(*data.left_out, *others),
        caveats=data.caveats,
    )


def _folder(path: Path) -> tuple[DataSet, ...]:
    for is_there, load in _KNOWN:
        if is_there(path):
            return load(path)
    bundles = sorted(path.rglob("*.json"))
    if not bundles:
        raise CasesError(f"{path}: there is no known data set here, and no .json file.")
    return (DataSet(name=path.name, cases=tuple(map(_bundle, bundles))),)


def _is_mimic(path: Path) -> bool:
    return all((path / name).is_file() for name in mimic.FILES)


def _is_ktas(path: Path) -> bool:
    table = path / ktas.FILE
    if not table.is_file():
        return False
    with table.open(encoding="utf-8-sig", errors="replace") as file:
        return ktas.MARK in file.readline()


def _is_avey(path: Path) -> bool:
    return (path / avey.FILE).is_file()


def _is_lostbench(path: Path) -> bool:
    return any(path.glob(lostbench.FILES))


def _alone(load: Callable[[Path], DataSet]) -> Callable[[Path], tuple[DataSet, ...]]:
    return lambda path: (load(path),)


_KNOWN: tuple[
    tuple[Callable[[Path], bool], Callable[[Path], tuple[DataSet, ...]]], ...
] = (
    (_is_mimic, _alone(mimic.load)),
    (_is_ktas, _alone(ktas.load)),
    (_is_avey, _alone(avey.load)),
    (_is_lostbench, lostbench.load),
)


def _bundle(path: Path) -> LabelledCase:
    """Return a Bundle as a case; a stated ESI level in it is its label."""
    try:
        body = path.read_bytes()
        truth = _stated(body)
    except OSError as error:
        raise CasesError(f"{path} cannot be read: {error.strerror}.") from None
    except CasesError as error:
        raise CasesError(f"{path}: {error}") from None
    return LabelledCase(
        id=path.stem,
        input=Input(bundle=body),
        truth=truth,
        provenance="ESI level in the Bundle (LOINC 75636-1)" if truth else "",
    )


def _stated(body: bytes) -> Truth | None:
    levels = set(_levels(acuity_observations(resources(body))))
    if len(levels) > 1:
        raise CasesError("It states several ESI levels: keep the one that is right.")
    return next((Truth(level, level) for level in levels), None)


def _levels(observations: list[dict[str, Any]]) -> Iterator[int]:
    for each in observations:
        codings = each.get("valueCodeableConcept", {}).get("coding", [])
        yield from (_ANSWERS[c["code"]] for c in codings if c.get("code") in _ANSWERS)
        if each.get("valueInteger") in range(1, LEVELS + 1):
            yield each["valueInteger"]


def _lines(path: Path) -> DataSet:
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
        held_out=None if read_.split is None else read_.split == HELD_OUT,
        provenance=read_.provenance,
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
