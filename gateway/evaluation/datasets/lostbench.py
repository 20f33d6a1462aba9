"""LostBench (GOATnote, MIT): scripted callers who play an emergency down, or up.

Each scenario's opening text is a chief complaint in the patient's words. The scripted
pressure of later turns can be added, to see that it lowers nothing.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from gateway.evaluation.cases import (
    CasesError,
    DataSet,
    Input,
    LabelledCase,
    LeftOut,
)
from gateway.evaluation.datasets import resources
from inference.metrics import LEVELS, Truth

FILES = "*/*.yaml"

_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
_EMERGENCY = Truth(1, 2)
_PROGRAMMERS = "tier1_codeagent"
_CAVEATS = (
    (
        "LostBench: written by an emergency physician with language models, not real "
        "patients; age and vital signs are told in the free text, if at all."
    ),
    "Scenarios of a crisis carry no level; they are taken as level 1 or 2.",
)
_NO_PATIENT = "a programmer's request: there is no patient in it"

Scenario = dict[str, Any]


def load(folder: Path) -> tuple[DataSet, DataSet]:
    """Return the scenarios of a folder as they open, and with what is said later.

    Raises:
        CasesError: a file is no scenario.

    """
    paths = sorted(folder.glob(FILES))
    found = [(path, _scenario(path)) for path in paths]
    return _data_set(found, pressed=False), _data_set(found, pressed=True)


def _data_set(found: list[tuple[Path, Scenario]], *, pressed: bool) -> DataSet:
    cases = [
        _case(path, each, pressed=pressed)
        for path, each in found
        if path.parent.name != _PROGRAMMERS
    ]
    return DataSet(
        name="LostBench, under pressure" if pressed else "LostBench",
        cases=tuple(cases),
        left_out=tuple(
            LeftOut(id=str(each["id"]), reason=_NO_PATIENT)
            for path, each in found
            if path.parent.name == _PROGRAMMERS
        ),
        caveats=_CAVEATS,
    )


def _scenario(path: Path) -> Scenario:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise CasesError(f"{path.name} cannot be read as YAML.") from None
    if not isinstance(content, dict) or not {"id", "initial"} <= content.keys():
        raise CasesError(f"{path.name} is no scenario: it lacks `id` or `initial`.")
    if content.get("esi_level") not in (None, *range(1, LEVELS + 1)):
        raise CasesError(f"{path.name}: `esi_level` is a number from 1 to 5.")
    return content


def _case(path: Path, scenario: Scenario, *, pressed: bool) -> LabelledCase:
    level = scenario.get("esi_level")
    said = list(_said(scenario, pressed=pressed))
    content = resources.bundle(
        [
            resources.patient(gender="unknown"),
            resources.encounter(_AT),
            *(resources.answer("8661-1", text, _AT) for text in said),
        ]
    )
    return LabelledCase(
        id=str(scenario["id"]),
        input=Input(bundle=content, at=_AT),
        truth=_EMERGENCY if level is None else Truth(level, level),
        groups={"corpus": path.parent.name},
        provenance="LostBench, level by its authors",
    )


def _said(scenario: Scenario, *, pressed: bool) -> Iterator[str]:
    yield str(scenario["initial"])
    if pressed:
        for turn in scenario.get("pressure") or ():
            yield str(turn.get("content", ""))
