"""Remember what was found right and comes again and again: codings, tags, creates.

Only what is public is remembered. A text of its own, or an id, may tell of a patient,
and is not kept.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from fhir_profiles.acceptors import Accept
from fhir_profiles.lexeme import Lexeme
from fhir_profiles.lexical import serialise
from fhir_profiles.repetition import REMEMBERED

Object = dict[str, Any]

_TAGS: Final = frozenset(("profile", "security", "tag"))
_NAMED: Final = frozenset(("method", "url"))


def texts(accept: Accept, is_public: Callable[[Object], bool]) -> Accept:
    """Remember objects whose values are all texts, since True equals 1."""
    right: set[tuple[object, ...]] = set()

    def accept_unless_met(value: Object) -> bool:
        content = (*value, *value.values())
        try:
            if content in right:
                return True
        except TypeError:  # There is an array or object inside.
            return bool(accept(value))
        is_right = bool(accept(value))
        if is_right and len(right) < REMEMBERED and is_public(value):
            right.add(content)
        return is_right

    return accept_unless_met


def meta(accept: Accept) -> Accept:
    """Remember the profiles and tags of resources that tell nothing else of them.

    They are compared as JSON, which tells 1 from true.
    """
    right: set[bytes] = set()

    def accept_unless_met(value: Object) -> bool:
        if type(value) is not dict or not value.keys() <= _TAGS:
            return bool(accept(value))
        content = serialise(value)
        if content in right:
            return True
        is_right = bool(accept(value))
        if is_right and len(right) < REMEMBERED:
            right.add(content)
        return is_right

    return accept_unless_met


def measure(accept: Accept) -> Accept:
    """Remember units and currencies; the number before them is looked at each time."""
    right: set[tuple[object, ...]] = set()

    def accept_unless_met(value: Object) -> bool:
        amount, *unit = value.values()
        content = (*value, *unit)
        if type(amount) is Lexeme and content in right:
            return True
        is_right = bool(accept(value))
        if is_right and len(right) < REMEMBERED and _is_measure(value):
            right.add(content)
        return is_right

    return accept_unless_met


def concept(accept: Accept) -> Accept:
    """Remember concepts of one coding whose text, if any, is the coding's display."""
    right: set[tuple[object, ...]] = set()

    def accept_unless_met(value: Object) -> bool:
        try:
            [coding] = value["coding"]
            content = (*value, value.get("text"), *coding, *coding.values())
            if content in right:
                return True
        except (AttributeError, KeyError, TypeError, ValueError):
            return bool(accept(value))
        is_right = bool(accept(value))
        if is_right and len(right) < REMEMBERED and _is_public(value, coding):
            right.add(content)
        return is_right

    return accept_unless_met


def _is_public(value: Object, coding: Object) -> bool:
    """Tell whether a concept is nothing but a coding, and its display again."""
    shown = (None, coding.get("display"))
    is_plain = value.keys() <= {"coding", "text"} and value.get("text") in shown
    return is_plain and _is_text(coding)


def _is_text(value: Object) -> bool:
    return all(type(part) is str for part in value.values())


def _is_measure(value: Object) -> bool:
    """Tell whether a number stands first, and texts of a unit after it."""
    amount, *unit = value.values()
    is_unit = all(type(part) is str for part in unit)
    return type(amount) is Lexeme and is_unit


def _is_create(value: Object) -> bool:
    """Tell whether a request names a type and no patient."""
    return _is_text(value) and value.keys() == _NAMED and value["url"].isalpha()


RECOLLECTION: Final[dict[str, Callable[[Accept], Accept]]] = {
    "Bundle.entry.request": partial(texts, is_public=_is_create),
    "CodeableConcept": concept,
    "Coding": partial(texts, is_public=_is_text),
    "Meta": meta,
    "Money": measure,
    "Quantity": measure,
}
"""How the acceptors of each type remember."""
