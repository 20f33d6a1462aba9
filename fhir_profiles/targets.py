"""Check what a Reference or a canonical points to, where its text tells."""

from functools import partial
from typing import Any

from fhir_profiles.findings import Findings, Walk, joined
from fhir_profiles.primitives import PRIMITIVES, Check
from fhir_profiles.problems import allowed
from fhir_profiles.references import MALFORMED, target_type
from fhir_profiles.tables import load


def canonical(targets: frozenset[str]) -> Check:
    """Check the type that a canonical of the specification itself evidently names."""
    syntax = PRIMITIVES["canonical"]

    def check(value: object, walk: Walk) -> Findings:
        wrong = syntax(value, walk)
        if wrong or not isinstance(value, str):
            return wrong
        named = value.removeprefix("http://hl7.org/fhir/").partition("/")[0]
        if named == value or named in targets or named not in load().resources:
            return None
        return walk.report(
            "reference.canonical", named, partial(allowed, named, targets)
        )

    return check


def reference(syntax: Check, listed: str) -> Check:
    """Check a Reference, given the check of its elements and the types it may name."""
    targets = frozenset(listed.split(",")) if listed else load().resources
    fitting = frozenset((None, *targets))

    def check(value: object, walk: Walk) -> Findings:
        text = value.get("reference") if type(value) is dict else None
        if type(text) is not str or not text or type(value) is not dict:
            return syntax(value, walk)
        if len(value) == 1 and walk.targets.get(text, MALFORMED) in fitting:
            return None
        wrong = syntax(value, walk)
        named = _named(text, walk)
        if named is None or (named in targets and "type" not in value):
            return wrong
        return joined(wrong, _mistargeted(value, named, targets, walk))

    return check


def _named(text: str, walk: Walk) -> str | None:
    """Name the type that a reference points to, remembered if it is plain text."""
    if text[0] == "#":
        walk.local.append(text)
        return target_type(text)
    named = target_type(text)
    if text.isprintable():
        walk.targets[text] = named
    return named


def _mistargeted(
    value: dict[str, Any], named: str, targets: frozenset[str], walk: Walk
) -> Findings:
    if named == MALFORMED:
        return walk.at("reference", "reference.syntax")
    if named not in targets:
        return walk.at(
            "reference", "reference.target", named, partial(allowed, named, targets)
        )
    stated = value.get("type")
    if stated != named and isinstance(stated, str) and stated in load().resources:
        return walk.at("type", "reference.type")
    return None
