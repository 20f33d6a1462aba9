"""Generate the tables: `python -m fhir_profiles.tables.generate DEFINITIONS`.

DEFINITIONS is a folder with StructureDefinition, ValueSet and CodeSystem as
`<Type>.ndjson.gz`, one resource a line: the contents of HL7's package
hl7.fhir.r4.core 4.0.1. Only names, cardinalities, types and codes are written, none of
HL7's prose. The same definitions give the same bytes.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Codings = dict[str, dict[str, list[str]]]

_PROFILED = ("SimpleQuantity", "MoneyQuantity")
_VALUE_SET = "http://hl7.org/fhir/ValueSet/"
_DEFINITION = "http://hl7.org/fhir/StructureDefinition/"
_FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
_NAMED_OTHERWISE = {"Resource.id": "id"}
"""R4 4.0.1 says `string`; the text of resource.html#id says `id`."""


def main(definitions: Path, target: Path) -> None:
    """Write structures.json, codes.json and extensions.json into the target folder."""
    value_sets = _ValueSets(definitions)
    structures = _structures(definitions, value_sets)
    _write(target / "extensions.json", _extensions(definitions))
    _write(target / "structures.json", structures)
    _write(target / "codes.json", dict(sorted(value_sets.used.items())))


def _read(definitions: Path, name: str) -> Iterator[Json]:
    with gzip.open(definitions / f"{name}.ndjson.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _write(path: Path, table: Json) -> None:
    """Write one value a line, so that a change of the definitions reads as a diff."""
    rows = [
        f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}"
        if not isinstance(value, dict) or key == "bases"
        else f"{json.dumps(key)}:{_rows(value)}"
        for key, value in table.items()
    ]
    path.write_text("{" + ",\n".join(rows) + "}\n", encoding="utf-8")


def _rows(table: Json) -> str:
    rows = (
        f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}"
        for key, value in table.items()
    )
    return "{" + ",\n".join(rows) + "}"


class _ValueSets:
    """The value sets that can be listed from the definitions alone."""

    def __init__(self, definitions: Path) -> None:
        self._sets = {v["url"]: v for v in _read(definitions, "ValueSet")}
        self._systems = {
            s["url"]: sorted(_codes(s.get("concept", [])))
            for s in _read(definitions, "CodeSystem")
            if s["content"] == "complete"
        }
        self.used: Codings = {}

    def name(self, binding: Json) -> str:
        """Return `:name` for a required binding whose codes are known, else ``."""
        url = binding.get("valueSet", "").split("|")[0]
        if binding.get("strength") != "required" or not self._listed(url):
            return ""
        name = url.removeprefix(_VALUE_SET)
        self.used[name] = self._expansion(url)
        return f":{name}"

    def _listed(self, url: str) -> bool:
        return url in self._sets and all(
            not include.get("filter")
            and not include.get("valueSet")
            and (include.get("concept") or include["system"] in self._systems)
            for include in self._sets[url]["compose"]["include"]
        )

    def _expansion(self, url: str) -> dict[str, list[str]]:
        codes: dict[str, list[str]] = {}
        for include in self._sets[url]["compose"]["include"]:
            system = include["system"]
            listed = [concept["code"] for concept in include.get("concept", [])]
            codes.setdefault(system, []).extend(listed or self._systems[system])
        return {system: sorted(listed) for system, listed in sorted(codes.items())}


def _codes(concepts: list[Json]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", []))


def _structures(definitions: Path, value_sets: _ValueSets) -> Json:
    chosen = sorted(
        filter(_is_chosen, _read(definitions, "StructureDefinition")),
        key=lambda definition: definition["id"],
    )
    bases: dict[str, str] = {}
    elements: dict[str, dict[str, list[str]]] = {}
    for definition in chosen:
        for key, base, own in _types(definition, value_sets):
            bases[key] = base
            elements[key] = own
    resources = [
        d["id"] for d in chosen if d["kind"] == "resource" and not d["abstract"]
    ]
    return {
        "resources": resources,
        "bases": bases,
        "elements": {key: _own(key, bases, elements) for key in elements},
    }


def _extensions(definitions: Path) -> Json:
    """Give where each extension may stand, and the names its value may have."""
    return {
        definition["id"]: [
            sorted(context["expression"] for context in definition["context"]),
            sorted(_value_names(definition)),
        ]
        for definition in _read(definitions, "StructureDefinition")
        if definition["type"] == "Extension"
        and definition.get("derivation") == "constraint"
        and definition["url"] == f"{_DEFINITION}{definition['id']}"
    }


def _value_names(definition: Json) -> Iterator[str]:
    for row in definition["snapshot"]["element"]:
        if row["id"] == "Extension.value[x]" and row["max"] != "0":
            for kind in row["type"]:
                yield f"value{kind['code'][0].upper()}{kind['code'][1:]}"


def _is_chosen(definition: Json) -> bool:
    if definition["id"] in _PROFILED:
        return True
    return (
        definition["kind"] in ("resource", "complex-type")
        and definition.get("derivation") != "constraint"
    )


def _types(
    definition: Json, value_sets: _ValueSets
) -> Iterator[tuple[str, str, dict[str, list[str]]]]:
    """Give the type and each of its elements that has children of its own."""
    rows = definition["snapshot"]["element"]
    root = rows[0]["path"]
    found: dict[str, dict[str, list[str]]] = {root: {}}
    bases = {root: definition.get("baseDefinition", "").removeprefix(_DEFINITION)}
    for row in rows[1:]:
        parent, _, name = row["path"].rpartition(".")
        types = _type_names(row, value_sets)
        if types == [f"@{row['path']}"]:
            found[row["path"]] = {}
            bases[row["path"]] = row["type"][0]["code"]
        if row["max"] != "0":
            found[parent][name] = [f"{row['min']}..{row['max']}", *types]
    for path, own in found.items():
        key = definition["id"] + path.removeprefix(root)
        yield key, ("" if definition["id"] in _PROFILED else bases[path]), own


def _type_names(row: Json, value_sets: _ValueSets) -> list[str]:
    if "contentReference" in row:
        return [row["contentReference"].replace("#", "^")]
    base = row.get("base", {}).get("path", row["path"])
    if base in _NAMED_OTHERWISE:
        return [_NAMED_OTHERWISE[base]]
    codes = value_sets.name(row.get("binding", {}))
    return [_type_name(kind, row["path"], codes) for kind in row["type"]]


def _type_name(kind: Json, path: str, codes: str) -> str:
    name: str = kind["code"]
    if name in ("BackboneElement", "Element"):
        return f"@{path}"
    if name.startswith("http://hl7.org/fhirpath/"):
        extensions = kind.get("extension", [])
        return str(next(e["valueUrl"] for e in extensions if e["url"] == _FHIR_TYPE))
    if name in ("code", "CodeableConcept"):
        return f"{name}{codes}"
    if name in ("Reference", "canonical"):
        return f"{name}{_targets(kind)}"
    profiles = [p.removeprefix(_DEFINITION) for p in kind.get("profile", [])]
    return profiles[0] if profiles and profiles[0] in _PROFILED else name


def _targets(kind: Json) -> str:
    targets = [p.removeprefix(_DEFINITION) for p in kind.get("targetProfile", [])]
    if not targets or "Resource" in targets:
        return ""
    return ":" + ",".join(sorted(targets))


def _own(
    key: str, bases: dict[str, str], elements: dict[str, dict[str, list[str]]]
) -> dict[str, list[str]]:
    """Leave out what a base already says."""
    inherited: dict[str, list[str]] = {}
    base = bases[key]
    while base:
        inherited = elements[base] | inherited
        base = bases[base]
    return {
        name: row for name, row in elements[key].items() if inherited.get(name) != row
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent)
