"""What a recall names: as an assessment's maker has it, and as FHIR search finds it.

Both say the same: the Provenance of each version of an assessment names its makers as
agents, and all that they were given as entities.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from types import MappingProxyType
from typing import Final

from domain.answers import ModelRun
from domain.assessment.basis import Basis
from domain.values import Reference
from fhir_profiles.canonical import (
    ADAPTER,
    ADAPTER_SHA256,
    INDEX,
    MODEL,
    PASSAGE,
    PROMPT,
    PROMPT_SHA256,
    RELEASE,
    RULES,
    SCHEMA_SHA256,
    WEIGHTS,
)
from gateway.translate import devices

Criteria = tuple[tuple[str, str], ...]
"""Kinds and values; all of them have to be true of one maker."""

KINDS: Final = (
    "model",
    "adapter",
    "prompt",
    "passage",
    "index",
    "input",
    "rules",
    "schema",
)
_DEVICE: Final = "Device/"
_AGENTS: Final = MappingProxyType(
    {
        "model": (MODEL, WEIGHTS, RELEASE),
        "adapter": (ADAPTER, ADAPTER_SHA256, RELEASE),
        "rules": (RULES,),
    }
)
_ENTITIES: Final = MappingProxyType(
    {
        "prompt": (PROMPT, PROMPT_SHA256),
        "passage": (PASSAGE,),
        "index": (INDEX,),
        "schema": (SCHEMA_SHA256,),
    }
)
_SPECIAL: Final = re.compile(r"([\\,|$])")
_PROVENANCE: Final = re.compile(
    r"(?P<case>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"-(?P<version>[1-9]\d{0,8})(?:-(?:model|raised))?"
)


class UnreadableCriterionError(ValueError):
    """A criterion cannot be read; the message says which and what to write."""


def criteria(given: Iterable[tuple[str, str]]) -> Criteria:
    """Return what a recall names, in an order that does not depend on the asker's.

    Raises:
        UnreadableCriterionError: nothing is named, or in a form that nothing has.

    """
    found = tuple(sorted({(kind, value.strip()) for kind, value in given}))
    if not found:
        raise UnreadableCriterionError(f"Name at least one of {', '.join(KINDS)}.")
    for kind, value in found:
        if kind not in KINDS or not value:
            raise UnreadableCriterionError(
                f"Name what was recalled, with its value, by {', '.join(KINDS)}."
            )
        if kind == "input":
            _require_reference(value)
    return found


def rests_on(basis: Basis, named: Criteria) -> bool:
    """Say whether all that is named had its part in what a maker made."""
    return all(_HAS[kind](basis, value) for kind, value in named)


def searched(named: Criteria) -> list[tuple[str, str]]:
    """Return the parameters of a search for Provenance that finds the same."""
    return [_parameter(kind, value) for kind, value in named]


def assessment_of(provenance: str) -> tuple[str, int] | None:
    """Return case and version that a machine's Provenance is of, by its id, or None."""
    found = _PROVENANCE.fullmatch(provenance)
    return (found["case"], int(found["version"])) if found else None


def _require_reference(text: str) -> None:
    try:
        Reference.parse(text)
    except ValueError:
        raise UnreadableCriterionError(
            "Name an input as Type/id or Type/id/_history/n."
        ) from None


def _parameter(kind: str, value: str) -> tuple[str, str]:
    if kind == "input":
        return "entity", _escaped(value)
    if kind in _ENTITIES:
        return "entity:identifier", _identified(_ENTITIES[kind], value)
    if value.startswith(_DEVICE):
        return "agent", _escaped(value)
    return "agent:Device.identifier", _identified(_AGENTS[kind], value)


def _identified(systems: Iterable[str], value: str) -> str:
    return ",".join(f"{system}|{_escaped(value)}" for system in systems)


def _escaped(text: str) -> str:
    """Escape what separates values in a search (R4, search.html#escaping)."""
    return _SPECIAL.sub(r"\\\1", text)


def _input(basis: Basis, value: str) -> bool:
    asked = Reference.parse(value)
    return any(asked in (each, each.unversioned()) for each in basis.inputs)


def _rules(basis: Basis, value: str) -> bool:
    return value in (basis.rules, str(devices.rules_reference(basis.rules)))


def _model(run: ModelRun) -> Iterator[str]:
    yield str(devices.model_reference(run))
    for _, value in devices.model_identifiers(run):
        yield value


def _adapter(run: ModelRun) -> Iterator[str]:
    """Give an adapter's names, among them the release, which may be of a base alone."""
    address = devices.adapter_reference(run)
    if address is not None:
        yield str(address)
    for _, value in devices.adapter_identifiers(run):
        yield value


def _of_run(
    named: Callable[[ModelRun], Iterable[str]],
) -> Callable[[Basis, str], bool]:
    def has(basis: Basis, value: str) -> bool:
        return basis.run is not None and value in named(basis.run)

    return has


_HAS: Final = MappingProxyType[str, Callable[[Basis, str], bool]](
    {
        "model": _of_run(_model),
        "adapter": _of_run(_adapter),
        "prompt": _of_run(lambda run: (run.prompt_version, run.prompt_sha256)),
        "passage": _of_run(lambda run: (each.id for each in run.passages)),
        "index": _of_run(lambda run: (run.index,)),
        "schema": _of_run(lambda run: (run.schema_sha256,)),
        "input": _input,
        "rules": _rules,
    }
)
