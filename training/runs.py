"""Finished runs of stages, read again: what was trained on what, in which order.

Each stage trains the adapter of the one before, so that runs are a chain: the last
adapter is what came of all of them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from inference.adapter import Adapter, UnreadableAdapterError, read_adapter

RECORD: Final = "run.json"
STARTED: Final = "settings.json"
_TOLD: Final = (
    *("stage", "settings", "rows", "base", "from", "steps", "device", "packages"),
    *("figures", "adapter"),
)
"""What a release tells of a run: all but the figures of each step."""


class RunsError(Exception):
    """The runs are no chain of finished stages; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Runs:
    """The finished stages of one training, first to last, and the adapter it made."""

    stages: tuple[Mapping[str, Any], ...]
    folder: Path
    adapter: Adapter

    @property
    def names(self) -> tuple[str, ...]:
        """Return the stages' names, in order."""
        return tuple(each["stage"] for each in self.stages)

    @property
    def last(self) -> Mapping[str, Any]:
        """Return the record of the last stage."""
        return self.stages[-1]


def read_runs(folder: Path) -> Runs:
    """Read the runs below a folder: FOLDER/STAGE/run.json, FOLDER/STAGE/adapter.

    Raises:
        RunsError: there is none, one is unfinished or changed, they are of different
            bases, or they do not follow from each other.

    """
    unfinished = [
        each.parent.name
        for each in sorted(folder.glob(f"*/{STARTED}"))
        if not each.with_name(RECORD).is_file()
    ]
    if unfinished:
        raise RunsError(f"{', '.join(unfinished)}: not finished. Train to the end.")
    found = {file.parent: _record(file) for file in folder.glob(f"*/{RECORD}")}
    places, stages = _chain(found)
    if len({each["base"]["sha256"] for each in stages}) != 1:
        raise RunsError("The stages were trained on different base weights.")
    last = places[-1] / "adapter"
    return Runs(
        stages=tuple(_told(each) for each in stages),
        folder=last,
        adapter=_adapter(last, stages[-1]["adapter"]),
    )


def _record(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_bytes())
        return {name: content[name] for name in _TOLD}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunsError(
            f"{file.parent.name}: {RECORD} is none that a stage writes"
            f" ({type(error).__name__})."
        ) from error


def _chain(
    found: Mapping[Path, dict[str, Any]],
) -> tuple[list[Path], list[dict[str, Any]]]:
    """Order the runs, each after the one whose adapter it began with."""
    after = {each["from"]: place for place, each in found.items()}
    places: list[Path] = []
    made = ""
    while made in after:
        place = after.pop(made)
        places.append(place)
        made = found[place]["adapter"]
    if not places or len(places) != len(found):
        raise RunsError(
            "The folder holds no chain of stages, each trained on the adapter of the"
            " one before: name the folder of one recipe's runs."
        )
    return places, [found[place] for place in places]


def _adapter(folder: Path, trained: str) -> Adapter:
    try:
        found = read_adapter(folder)
    except UnreadableAdapterError as error:
        raise RunsError(str(error)) from error
    if found.sha256 != trained:
        raise RunsError("The adapter is not the one that was trained: it was changed.")
    if found.faults:
        raise RunsError(
            f"The adapter cannot be served as trained: {'; '.join(found.faults)}."
        )
    return found


def _told(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record without where things lay on the machine that trained."""
    settings = {
        name: {**each, "value": _placeless(each["value"])}
        for name, each in record["settings"].items()
    }
    base = {**record["base"], "name": _placeless(record["base"]["name"])}
    return {**record, "settings": settings, "base": base}


def _placeless(value: object) -> object:
    """Return the bare name of what was told as an absolute path."""
    if isinstance(value, str) and Path(value).is_absolute():
        return Path(value).name
    return value
