"""What an object of parsed JSON holds, when nothing about its shape is sure."""

from collections.abc import Iterator
from typing import Any

Object = dict[str, Any]


def has(value: Object, name: str) -> bool:
    """Tell whether an element is there; `value[x]` stands for any type of it."""
    if name.endswith("[x]"):
        stem = name[:-3]
        names = (key.removeprefix("_") for key in value)
        return any(n.startswith(stem) and n[len(stem) :][:1].isupper() for n in names)
    return name in value or f"_{name}" in value


def objects(items: object) -> Iterator[Object]:
    """Give the objects of an array; nothing if it is none."""
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield item


def child(value: Object, name: str) -> Object:
    """Give the object of that name, an empty one if there is none."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def coded(concept: object) -> set[tuple[str, str]]:
    """Give each system and code of a CodeableConcept."""
    codings = concept.get("coding") if isinstance(concept, dict) else None
    return {(str(one.get("system")), str(one.get("code"))) for one in objects(codings)}
