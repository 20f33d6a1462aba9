"""Whether a value obeys the JSON Schemas that `inference.contract` makes: pure.

Only the keywords that these schemas use are known; another one is an error, so that
nothing passes because it was not looked at.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]
_NOTED: Final = frozenset({"type", "additionalProperties", "required"})


def obeys(value: object, schema: Schema) -> bool:
    """Say whether a value is one that the schema allows, with its fields in order.

    Raises:
        KeyError: the schema has a keyword that is not known here.

    """
    return all(
        _CHECKS[keyword](value, schema) for keyword in schema if keyword not in _NOTED
    )


def _is_object(value: object, schema: Schema) -> bool:
    known = schema["properties"]
    if not isinstance(value, dict) or list(value) != list(known):
        return False
    return all(obeys(value[name], known[name]) for name in known)


def _is_list(value: object, schema: Schema) -> bool:
    if not isinstance(value, list):
        return False
    fits = schema["minItems"] <= len(value) <= schema["maxItems"]
    return fits and all(obeys(each, schema["items"]) for each in value)


def _matches(value: object, schema: Schema) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(schema["pattern"], value))


_CHECKS: Final[Mapping[str, Callable[[object, Schema], bool]]] = {
    "properties": _is_object,
    "items": _is_list,
    "minItems": lambda value, _: isinstance(value, list),
    "maxItems": lambda value, _: isinstance(value, list),
    "pattern": _matches,
    "enum": lambda value, schema: value in schema["enum"],
    "anyOf": lambda value, schema: any(obeys(value, one) for one in schema["anyOf"]),
}
