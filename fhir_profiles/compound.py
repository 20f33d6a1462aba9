"""Acceptors made from other acceptors; see `acceptors.py` for what one is."""

from typing import Any

from fhir_profiles.acceptors import Accept
from fhir_profiles.findings import Doubt
from fhir_profiles.shapes import Rule

Object = dict[str, Any]
Codes = dict[str, frozenset[str]]


def each(accept: Accept) -> Accept:
    """Accept an array that is not empty."""

    def accept_all(value: object) -> object:
        if type(value) is not list or not value:
            return False
        return accept(value[0]) if len(value) == 1 else all(map(accept, value))

    return accept_all


def bound(accept: Accept, codes: Codes) -> Accept:
    """Accept a CodeableConcept with a coding that the value set lists."""

    def accept_bound(value: Object) -> object:
        return accept(value) and any(
            coding.get("code") in codes.get(coding.get("system"), ())
            for coding in value.get("coding", ())
        )

    return accept_bound


def ruled(accept: Accept, rules: tuple[Rule, ...]) -> Accept:
    """Accept an object about which no rule has anything to say."""
    if len(rules) > 1:
        accept = ruled(accept, rules[1:])
    rule = rules[0]
    doubt = Doubt()
    return lambda value: accept(value) and not rule(value, doubt)
