"""Whether a resource is one of those that a narrowed scope grants."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.settings.scopes import Scope

Resource = Mapping[str, Any]
_PATHS = {
    "category": ("category",),
    "code": ("code",),
    "status": ("status",),
    "clinical-status": ("clinicalStatus",),
    "_tag": ("meta", "tag"),
    "_security": ("meta", "security"),
}


def meets(scope: Scope, resource: Resource) -> bool:
    """Say whether every restriction of a scope holds (search.html#token)."""
    return all(_holds(resource, *pair) for pair in scope.restrictions)


def _holds(resource: Resource, name: str, value: str) -> bool:
    found = set(_tokens(_at(resource, _PATHS[name])))
    return any(wanted in found for wanted in value.split(","))


def _at(node: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 (JSON)
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    return node


def _tokens(node: Any) -> Iterator[str]:  # noqa: ANN401 (JSON)
    """Give what a token parameter may say of a code, Coding or CodeableConcept."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for each in node:
            yield from _tokens(each)
    elif isinstance(node, dict):
        yield from _coded(node)
        yield from _tokens(node.get("coding"))


def _coded(node: Resource) -> Iterator[str]:
    code, system = node.get("code"), node.get("system", "")
    if isinstance(code, str) and isinstance(system, str):
        yield from (code, f"{system}|{code}")
        if system:
            yield f"{system}|"
