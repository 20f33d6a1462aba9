"""Resources inside resources (http://hl7.org/fhir/R4/references.html#contained)."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from fhir_profiles.findings import Findings, Walk, at_path, gathered, joined, placed
from fhir_profiles.linking import references
from fhir_profiles.problems import allowed, masked
from fhir_profiles.release import resource_types
from fhir_profiles.shapes import Shape


class Containment:
    """Checks resources, whose type is known only when they are met."""

    def __init__(
        self,
        shape_of: Callable[[object], Shape | None],
        accepts: Callable[[dict[str, Any]], bool],
        extensions: Callable[[dict[str, Any], str, Walk], Findings],
    ) -> None:
        self._shape_of = shape_of
        self._accepts = accepts
        self._extensions = extensions

    def resource(self, value: object, walk: Walk) -> Findings:
        """Check a resource, and that its #ids and contained resources agree."""
        if isinstance(value, dict) and self._accepts(value):
            return None
        outer, walk.local = walk.local, []
        found = self._typed(value, walk)
        if isinstance(value, dict) and (walk.local or "contained" in value):
            found = joined(found, _agreement(value, walk))
        walk.local = outer
        return found

    def contained(self, value: object, walk: Walk) -> Findings:
        """Check a resource that stands inside another."""
        if isinstance(value, dict) and "contained" in value:
            return walk.at("contained", "contained.nested")
        found = self._typed(value, walk)
        if not isinstance(value, dict):
            return found
        if "id" not in value:
            found = joined(found, walk.at("id", "contained.id"))
        meta = value.get("meta")
        for name in ("versionId", "lastUpdated", "security"):
            if isinstance(meta, dict) and name in meta:
                found = joined(found, walk.at("meta", "contained.meta", name))
        return found

    def _typed(self, value: object, walk: Walk) -> Findings:
        if not isinstance(value, dict):
            return _no_resource(value, walk)
        name = value.get("resourceType")
        shape = self._shape_of(name)
        if shape is not None:
            found = shape.check(value, walk)
            return joined(found, self._extensions(value, shape.name, walk))
        if name is None:
            return walk.report("structure.resource-type-missing")
        near = partial(allowed, name, resource_types())
        return walk.at(
            "resourceType", "structure.resource-type-unknown", masked(name), near
        )


def _no_resource(value: object, walk: Walk) -> Findings:
    if value is None:
        return walk.report("structure.null")
    return walk.report("structure.object-expected", masked(value), "a resource")


def _agreement(value: dict[str, Any], walk: Walk) -> Findings:
    ids = dict(_contained_ids(value))
    used = set(walk.local)
    found: Findings = None
    if not used <= {"#", *ids}:
        found = gathered(_unresolved(value, ids, walk))
    if "#" in used:
        return found
    return joined(found, gathered(_unused(ids, used, walk)))


def _contained_ids(value: dict[str, Any]) -> Iterator[tuple[str, int]]:
    items = value.get("contained")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            yield f"#{item['id']}", index


def _unused(ids: dict[str, int], used: set[str], walk: Walk) -> Iterator[Findings]:
    for name, index in ids.items():
        if name not in used:
            findings = placed(walk.report("contained.unused"), index)
            yield placed(findings, "contained")


def _unresolved(
    resource: dict[str, Any], ids: dict[str, int], walk: Walk
) -> Iterator[Findings]:
    """Look again, with places, for the references that name no contained resource."""
    known = {"#", *ids}
    for link in references(resource):
        is_local = link.key == "reference" and link.text[:1] == "#"
        if is_local and link.text not in known:
            yield at_path(walk.report("reference.contained"), link.path)
