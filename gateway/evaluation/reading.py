"""From paths to labelled cases: JSON lines, Bundles, and folders of known data sets."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gateway.evaluation.cases import (
    CasesError,
    DataSet,
    Input,
    LabelledCase,
    LeftOut,
)
from gateway.evaluation.datasets import avey, ktas, lostbench, mimic
from gateway.evaluation.lines import read_lines
from gateway.evaluation.visit import acuity_observations, resources
from inference.metrics import LEVELS, Truth

_LINES = (".jsonl", ".ndjson")
_ANSWERS = MappingProxyType(
    {"LA21567-5": 1, "LA21752-3": 2, "LA21753-1": 3, "LA21754-9": 4, "LA21755-6": 5}
)
"""The answers of LOINC 75636-1 (LL3056-0)."""


def read(path: Path) -> tuple[DataSet, ...]:
    """Return the data sets at a path, most often one.

    Raises:
        CasesError: nothing known is there, or a case cannot be used.

    """
    if path.is_dir():
        return _folder(path)
    if path.suffix in _LINES:
        return (read_lines(path),)
    if path.suffix == ".json":
        return (DataSet(name=path.name, cases=(_bundle(path),)),)
    raise CasesError(
        f"{path}: give .jsonl or .ndjson (a case a line), a FHIR Bundle in .json, or a "
        "folder of Bundles or of a known data set (docs/evaluation.md)."
    )


def require_apart(sets: Iterable[DataSet]) -> None:
    """Require that each data set has a name of its own: a gate asks it by that.

    Raises:
        CasesError: two are named alike.

    """
    counted = Counter(each.name for each in sets)
    alike = sorted(name for name, many in counted.items() if many > 1)
    if alike:
        raise CasesError(
            f"Two data sets are called {alike[0]}: no figure would say of which it is. "
            "Rename a file, or evaluate them one after the other."
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


def sampled(data: DataSet, limit: int, *, seed: int) -> DataSet:
    """Return so many cases of a data set, drawn by chance; all where it has no more.

    The order stays. Data sets of as many cases are drawn from at the same places.
    """
    many = len(data.cases)
    if many <= limit:
        return data
    drawn = sorted(random.Random(seed).sample(range(many), limit))  # noqa: S311
    return DataSet(
        name=data.name,
        cases=tuple(data.cases[place] for place in drawn),
        left_out=data.left_out,
        caveats=(
            f"A random sample: {limit} of {many} cases, drawn with seed {seed}.",
            *data.caveats,
        ),
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
