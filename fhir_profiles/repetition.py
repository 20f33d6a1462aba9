"""Checks made from other checks: of arrays, of nesting, of what was met before."""

from typing import Final

from fhir_profiles.findings import Findings, Walk, joined, placed
from fhir_profiles.primitives import Check
from fhir_profiles.problems import masked

REMEMBERED: Final = 4096
"""Objects that one check remembers."""

DEPTH: Final = 30
"""Levels of elements that may nest without end: extensions, items, parts."""


def repeated(check: Check) -> Check:
    """Make the check of an element that repeats from the check of one value."""

    def check_all(value: object, walk: Walk) -> Findings:
        if type(value) is not list or not value:
            return _no_array(value, walk)
        found: Findings = None
        for index, item in enumerate(value):
            wrong = check(item, walk)
            if wrong:
                found = joined(found, placed(wrong, index))
        return found

    return check_all


def remembering(check: Check) -> Check:
    """Remember objects of texts that were right; terminologies repeat themselves.

    Only objects whose values are all texts are remembered, since True equals 1.
    """
    right: set[tuple[object, ...]] = set()

    def check_unless_met(value: object, walk: Walk) -> Findings:
        if type(value) is not dict:
            return check(value, walk)
        content = (*value, *value.values())
        try:
            if content in right:
                return None
        except TypeError:  # There is an array or object inside.
            return check(value, walk)
        found = check(value, walk)
        is_text = all(type(part) is str for part in content)
        if not found and is_text and walk.complete and len(right) < REMEMBERED:
            right.add(content)
        return found

    return check_unless_met


def nested(check: Check) -> Check:
    """Limit how deep a check can lead to itself."""

    def check_nested(value: object, walk: Walk) -> Findings:
        if walk.depth >= DEPTH:
            return walk.report("limit.depth", str(DEPTH))
        walk.depth += 1
        found = check(value, walk)
        walk.depth -= 1
        return found

    return check_nested


def _no_array(value: object, walk: Walk) -> Findings:
    if value is None:
        return walk.report("structure.null")
    if value == []:
        return walk.report("structure.empty", "array")
    return walk.report("structure.array-expected", masked(value))
