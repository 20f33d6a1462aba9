"""The files of a training export: suppressed below k, shuffled, under fresh ids."""

import hashlib
import importlib.metadata
import json
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from domain.floor.compose import RULES_VERSION
from gateway.audit.output_folder import filled
from gateway.audit.private_file import private
from gateway.translate.lesson import Cell, Line
from inference.prompt import PROMPT_VERSION

FORM: Final = "1"
LEAST_K: Final = 5
USUAL_K: Final = 11
"""Cells of fewer patients are suppressed (CMS cell size suppression policy)."""

DATA, MANIFEST = "cases.jsonl", "manifest.json"
_METHOD: Final = (
    "Safe Harbor, 45 CFR 164.514(b)(2): cases are made anew from closed lists. No "
    "name, place, date, number of a person or free text is carried over; ages over 89 "
    "are one group; times are relative to the opening of the case."
)


class ExportError(Exception):
    """The export cannot be written; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What came of it: numbers of cases, and the smallest cell that is left."""

    reviewed: int
    written: int
    k: int
    dropped: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A line, whose it is (in memory only), and what it could be singled out by."""

    patient: str
    line: Line
    cell: Cell


def common(found: Collection[Found], k: int) -> list[Found]:
    """Return the lines of cells that at least k patients share."""
    whom = _patients(found)
    return [each for each in found if len(whom[each.cell]) >= k]


def smallest(found: Collection[Found]) -> int:
    """Return how many patients share the rarest cell, 0 where there is no line."""
    return min(map(len, _patients(found).values()), default=0)


def _patients(found: Iterable[Found]) -> dict[Cell, set[str]]:
    whom: dict[Cell, set[str]] = {}
    for each in found:
        whom.setdefault(each.cell, set()).add(each.patient)
    return whom


def write(
    output: Path,
    kept: list[Found],
    result: Exported,
    *,
    asked_k: int,
    omit: bool,
    today: date,
) -> None:
    """Write lines in a random order, under ids that nothing can be derived from.

    Raises:
        OutputFolderError: the folder is not new or empty, or cannot be made or
            written to.

    """
    told = _manifest(kept, result, asked_k=asked_k, omit=omit, today=today)
    with filled(output):
        told |= _written(output / DATA, kept)
        with private(output / MANIFEST) as file:
            file.write(json.dumps(told, indent=2).encode() + b"\n")


def _written(data: Path, kept: list[Found]) -> Line:
    """Write the lines; return what the manifest says of them."""
    ordered = list(enumerate(kept))  # as in the log, by the first review
    names: dict[str, str] = {}
    digest = hashlib.sha256()
    secrets.SystemRandom().shuffle(ordered)
    with private(data) as file:
        for place, each in ordered:
            person = names.setdefault(each.patient, secrets.token_hex(8))
            tenth = place * 10 // len(kept)
            line = {"id": secrets.token_hex(8), "person": person, "tenth": tenth}
            line |= each.line
            encoded = json.dumps(line, separators=(",", ":")).encode() + b"\n"
            digest.update(encoded)
            file.write(encoded)
    files = {data.name: {"sha256": digest.hexdigest(), "lines": len(kept)}}
    return {"persons": len(names), "files": files}


def _manifest(
    kept: list[Found], result: Exported, *, asked_k: int, omit: bool, today: date
) -> Line:
    return {
        "form": FORM,
        "method": _METHOD,
        "made": today.isoformat(),
        "program": importlib.metadata.version("triage-gateway"),
        "rules": RULES_VERSION,
        "prompt": PROMPT_VERSION,
        "reviewed": result.reviewed,
        "written": result.written,
        "decisions": Counter(each.line["decision"]["kind"] for each in kept),
        "preferences": sum(each.line["preference"] is not None for each in kept),
        "dropped": result.dropped,
        "history_omitted": omit,
        "k_anonymity": {
            "over": ["age band", "sex", "complaints"],
            "asked": asked_k,
            "reached": result.k,
            "cells": len(_patients(kept)),
        },
    }
