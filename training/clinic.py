"""De-identified cases that nurses have decided: the folder of `export training`.

Reads what docs/export.md describes, and refuses what is not whole.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from domain.values import Acuity, Case, Floor

CASES = "cases.jsonl"
_NEWEST = 8  # from this tenth on


class UnreadableExportError(Exception):
    """The folder is no whole export of this format; the sentence says what to do."""


@dataclass(frozen=True, kw_only=True)
class ClinicCase:
    """A case, the rules' word on it, and the nurse's decision.

    `person` groups the cases of one patient; `tenth` is the order in time, 0 to 9.
    `rejected` is the machine's level where the nurse chose another.
    """

    id: str
    case: Case
    floor: Floor
    acuity: Acuity
    decision: str
    rejected: Acuity | None
    person: str
    tenth: int


class _Decision(msgspec.Struct):
    kind: str
    acuity: Acuity


class _Preference(msgspec.Struct):
    rejected: Acuity


class _Line(msgspec.Struct):
    id: str
    case: Case
    floor: Floor
    decision: _Decision
    preference: _Preference | None
    person: str
    tenth: int


def read(folder: Path) -> Iterator[ClinicCase]:
    """Give the cases of an export, in the order of its file.

    Raises:
        UnreadableExportError: the manifest is missing or promises another file, or a
            line is not of this format.

    """
    promised = _promised(folder)
    body = (folder / CASES).read_bytes()
    if hashlib.sha256(body).hexdigest() != promised:
        raise UnreadableExportError(
            f"{folder.name}/{CASES} is not the file that its manifest names. Export"
            " again; an export is never edited."
        )
    for number, line in enumerate(body.splitlines(), 1):
        yield _case(line, f"{folder.name}/{CASES}, line {number}")


def split(case: ClinicCase) -> str:
    """Return the split of a clinic case: by time, and by patient for the rest.

    The newest tenths are the test: a model meets patients that come after those it
    learned from. A patient of the test who came before is left out of training by
    `training.dataset`.
    """
    if case.tenth >= _NEWEST:
        return "test"
    return "dev" if int(case.person, 16) % 10 == 0 else "train"


def _promised(folder: Path) -> str:
    try:
        told = json.loads((folder / "manifest.json").read_bytes())
        return str(told["files"][CASES]["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableExportError(
            f"{folder.name}: no manifest that names {CASES}. An export without one was"
            " cut off: export again."
        ) from error


def _case(line: bytes, where: str) -> ClinicCase:
    try:
        read_ = msgspec.json.decode(line, type=_Line)
    except msgspec.MsgspecError:  # its words may repeat the line's
        raise UnreadableExportError(
            f"{where} is no case of this format: export again with the program of this"
            " version."
        ) from None
    preference = read_.preference
    return ClinicCase(
        id=read_.id,
        case=read_.case,
        floor=read_.floor,
        acuity=read_.decision.acuity,
        decision=read_.decision.kind,
        rejected=None if preference is None else preference.rejected,
        person=read_.person,
        tenth=read_.tenth,
    )
