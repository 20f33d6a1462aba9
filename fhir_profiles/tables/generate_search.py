"""Generate search.json: `python -m fhir_profiles.tables.generate_search DEFINITIONS`.

DEFINITIONS is the folder that `generate` reads, with SearchParameter and
StructureDefinition. FHIRPath expressions become the simple paths that
`fhir_profiles.search_parameters` describes. What needs more than that (extensions,
`resolve()` into another resource, composites of anything but Observations) is left out
and printed. Names, types and paths are written, none of HL7's prose. The same
definitions give the same bytes.
"""

import gzip
import json
import re
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

from fhir_profiles.tables import load
from fhir_profiles.tables.search_paths import UnreadableError, simple_paths

Json = dict[str, Any]
Row = list[str]

_READ = {
    "token": (
        "CodeableConcept Coding Identifier ContactPoint code boolean string id uri"
    ),
    "reference": "Reference canonical uri",
    "date": "date dateTime instant Period Timing",
    "string": "string markdown HumanName Address",
    "quantity": "Quantity Age Duration Count Money",
    "number": "decimal integer positiveInt unsignedInt",
    "uri": "uri url canonical oid",
}
"""The data types that a kind of parameter is read from."""

_UNREADABLE = frozenset({"_id", "_lastUpdated", "phonetic"})
"""Answered otherwise, or not at all: nobody agrees on how phonetic search hears."""

_COMMON = "Resource"
_MANY = 100
"""A reference to more types than this is one to any type."""


def main(definitions: Path, target: Path) -> None:
    """Write search.json into the target folder; print what is left out."""
    rows = list(_read(definitions, "SearchParameter"))
    structures = list(_read(definitions, "StructureDefinition"))
    parameters = {}
    for kind in (_COMMON, *sorted(load().resources)):
        found, omitted = _of_type(kind, rows)
        parameters[kind] = {**_with_unions(found), **_composites(kind, rows)}
        for name in sorted(set(omitted) - parameters[kind].keys()):
            print(f"{kind}.{name} is left out")  # noqa: T201 (a script)
    lines = [
        f"{json.dumps(name)}:{{{_lines(table)}}}"
        for name, table in (
            ("parameters", parameters),
            ("summary", _summaries(structures)),
        )
    ]
    text = "{" + ",\n".join(lines) + "}\n"
    (target / "search.json").write_text(text, encoding="utf-8")


def _lines(table: Json) -> str:
    return ",\n".join(
        f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}"
        for key, value in table.items()
    )


def _read(definitions: Path, name: str) -> Iterator[Json]:
    with gzip.open(definitions / f"{name}.ndjson.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _summaries(structures: list[Json]) -> dict[str, list[str]]:
    """Return each type's elements that `_summary=true` shows (isSummary)."""
    return {
        each["id"]: [
            row["path"].partition(".")[2].removesuffix("[x]")
            for row in each["snapshot"]["element"]
            if row.get("isSummary") and row["path"].count(".") == 1
        ]
        for each in sorted(structures, key=lambda each: str(each["id"]))
        if each["id"] in load().resources
    }


def _of_type(kind: str, rows: list[Json]) -> tuple[dict[str, Row], list[str]]:
    found: dict[str, Row] = {}
    omitted: list[str] = []
    for row in rows:
        name = row["code"]
        if name in _UNREADABLE or not _is_of(kind, row):
            continue
        try:
            found[name] = _parameter(kind, row)
        except UnreadableError:
            omitted.append(name)
    return dict(sorted(found.items())), omitted


def _is_of(kind: str, row: Json) -> bool:
    return kind in row.get("base", ())


def _parameter(kind: str, row: Json) -> Row:
    """Return `[type, paths, targets]`; several paths are apart by blanks."""
    if row["type"] not in _READ:
        raise UnreadableError
    paths: list[str] = []
    targets: list[str] = []
    for part in _parts(kind, row.get("expression", "")):
        for path, resolved in simple_paths(kind, part, _READ[row["type"]].split()):
            paths.append(path)
            targets += resolved
    if not paths:
        raise UnreadableError
    if row["type"] != "reference":
        return [row["type"], " ".join(dict.fromkeys(paths))]
    known = sorted(set(targets or row.get("target", ())) & load().resources)
    aims = "*" if len(known) > _MANY else ",".join(known)
    return [row["type"], " ".join(dict.fromkeys(paths)), aims]


def _parts(kind: str, expression: str) -> Iterator[str]:
    """Give the parts of an expression that start at this type."""
    for part in re.split(r" ?\| ?", expression):
        bare = part.lstrip("(")
        first = re.split(r"[.\s(]", bare)[0]
        if first == kind or first[:1].islower():
            yield part


def _with_unions(found: dict[str, Row]) -> dict[str, Row]:
    """Let parameters that read what others read look where those are filed."""
    result = dict(found)
    for name, row in found.items():
        for others in _candidates(name, found):
            paths = [path for each in others for path in found[each][1].split()]
            if sorted(paths) == sorted(row[1].split()):
                result[name] = [row[0], "=" + " ".join(others), *row[2:]]
                break
    return result


def _candidates(name: str, found: dict[str, Row]) -> Iterator[tuple[str, ...]]:
    """Give the wider or earlier parameters of the same type that it may stand on."""
    row = found[name]
    same = [each for each in found if each != name and found[each][0] == row[0]]
    for each in same:
        wider = _width(found[each]) > _width(row)
        if wider or (_width(found[each]) == _width(row) and each < name):
            yield (each,)
    yield from combinations([each for each in same if not each.startswith("combo-")], 2)


def _width(row: Row) -> int:
    *_, targets = row
    return _MANY if targets == "*" else len(targets.split(","))


def _composites(kind: str, rows: list[Json]) -> dict[str, Row]:
    """Return the composites of a code and a value that Observations have."""
    codes = {row["url"]: row["code"] for row in rows}
    found: dict[str, Row] = {}
    for row in rows:
        if kind != "Observation" or not _is_of(kind, row) or row["type"] != "composite":
            continue
        code, value = (codes[each["definition"]] for each in row["component"])
        if row["expression"] == kind:
            # One code and one value in a resource: both conditions hold of the pair.
            found[row["code"]] = ["composite", f"+{code} {value}"]
        elif row["expression"] == f"{kind}.component":
            found[row["code"]] = ["composite", _pair(row)]
        else:
            rest = row["code"].removeprefix("combo-")
            found[row["code"]] = ["composite", f"={rest} component-{rest}"]
    return dict(sorted(found.items()))


def _pair(row: Json) -> str:
    """Return `element/path/path`: both are read from the same repetition."""
    element = row["expression"].partition(".")[2]
    kind = row["component"][1]["expression"].partition("(")[2].rstrip(")")
    return f"{element}/code:CodeableConcept/value{kind}:{kind}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent)
