"""The catalogue of issues as a page: `python -m fhir_profiles.issue_list` writes it.

docs/issues.md is this text; a test compares them.
"""

from pathlib import Path
from typing import Final

from fhir_profiles.catalogue import ALWAYS_REJECTED, CATALOGUE, GROUPS
from fhir_profiles.problems import Kind

PAGE: Final = Path("docs", "issues.md")

_OPENING: Final = """# Issues that the checker reports

Every issue that it reports names one of these ids in `details`, which stay the same
from release to release. Its group stands before the first point, and is what the
settings reject, quarantine or tag. `…` stands for what only the place can tell. No
issue repeats a value that was received.

Written by `python -m fhir_profiles.issue_list` from `fhir_profiles/catalogue.py`.
"""
_ANY: Final = {"{}": "A rule between elements is broken; do what the message says."}
_GAPS: Final = "…" * 9
"""More than any sentence has."""


def page() -> str:
    """Return docs/issues.md."""
    return "\n".join((_OPENING, *map(_section, GROUPS)))


def _section(group: str) -> str:
    ids = [name for name in CATALOGUE if name.partition(".")[0] == group]
    fixed = " Always rejected." if group in ALWAYS_REJECTED else ""
    lines = [
        f"## {group}",
        "",
        f"{GROUPS[group]}{fixed}",
        "",
        "| id | severity | code | what is wrong | what to do |",
        "|---|---|---|---|---|",
        *(_row(name, CATALOGUE[name]) for name in sorted(ids)),
        "",
    ]
    return "\n".join(lines)


def _row(name: str, kind: Kind) -> str:
    wrong, _, remedy = _ANY.get(kind.sentence, kind.sentence).partition("; ")
    if remedy == "{}.":
        remedy = "Take what the message lists."
    cells = (_cell(wrong), kind.severity, kind.code, _cell(remedy))
    return f"| `{name}` | {cells[1]} | {cells[2]} | {cells[0]} | {cells[3]} |"


def _cell(text: str) -> str:
    """Write a clause as a sentence of its own; names of elements stay as they are."""
    shown = text.format(*_GAPS).rstrip(".").replace("|", "\\|")
    word = shown.partition(" ")[0]
    if word.isalpha() and word.islower():
        shown = shown[0].upper() + shown[1:]
    return f"{shown}."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
