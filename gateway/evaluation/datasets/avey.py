"""The Avey vignettes (Hammoud, JMIR AI 2024;3:e46875): histories without a level.

They show what the floor does with realistic text. Nothing is right or wrong about the
levels; the diagnosis is no label of urgency and is not read.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from gateway.evaluation.cases import CasesError, DataSet, Input, LabelledCase
from gateway.evaluation.datasets import resources
from gateway.evaluation.datasets.resources import Resource

FILE = "avey_vignettes.jsonl"

_AT = datetime(2024, 12, 31, 12, tzinfo=UTC)
"""On the last day of a year the year of birth alone says the age in years."""

_WHO = re.compile(r"(\d{1,3}) year old (Male|Female)", re.IGNORECASE)
_CAVEATS = (
    "Avey vignettes: written histories of primary care, without any level of urgency.",
)


class _Vignette(msgspec.Struct):
    demographics: str
    chief_complaints: str
    presentation: str
    absent_findings: str = ""


def load(folder: Path) -> DataSet:
    """Return the vignettes of a folder.

    Raises:
        CasesError: a line is no vignette.

    """
    lines = (folder / FILE).read_bytes().splitlines()
    cases = [_case(number, line) for number, line in enumerate(lines, 1) if line]
    return DataSet(name="Avey vignettes", cases=tuple(cases), caveats=_CAVEATS)


def _case(number: int, line: bytes) -> LabelledCase:
    try:
        vignette = msgspec.json.decode(line, type=_Vignette)
    except msgspec.DecodeError as error:
        raise CasesError(f"{FILE}, line {number}: {error}.") from None
    content = resources.bundle(_resources(vignette))
    return LabelledCase(
        id=str(number),
        input=Input(bundle=content, at=_AT),
        provenance="Avey vignettes, no level",
    )


def _resources(vignette: _Vignette) -> Iterator[Resource]:
    who = _WHO.match(vignette.demographics)
    born = str(_AT.year - int(who[1])) if who else ""
    gender = who[2].casefold() if who else "unknown"
    yield resources.patient(gender=gender, born=born)
    yield resources.encounter(_AT, reason=vignette.chief_complaints)
    for text in (vignette.presentation, vignette.absent_findings):
        if text.strip("- "):
            yield resources.answer("8661-1", text, _AT)
