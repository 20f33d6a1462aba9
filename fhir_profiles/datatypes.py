"""FHIR datatypes as JSON, and the last step of every resource that we build."""

from collections.abc import Hashable, Iterable
from datetime import UTC, datetime
from typing import Final, TypeAlias

from fhir.resources.R4B.domainresource import DomainResource
from pydantic import ValidationError

from domain.values import Reference
from fhir_profiles.canonical import AIAST
from fhir_profiles.problems import refusing
from fhir_profiles.structure import check

Json: TypeAlias = dict[str, object]
"""A resource or an element as JSON; only strings, integers, lists and objects."""


_EMPTY: tuple[object, ...] = (None, "", [], {})
_SHAPES: Final = 4096
_accepted: set[Hashable] = set()


class MisbuiltResourceError(ValueError):
    """What we put together is not an R4 resource: a fault of this program."""


def built(model: type[DomainResource], **content: object) -> Json:
    """Return a resource without its empty elements, as its R4 model accepts it.

    The JSON is returned as it was put together, not as the model would write it again.
    The model sees the first resource of each shape, that is of the same elements; the
    gateway's own checker, ten times as fast, sees every one.

    Raises:
        MisbuiltResourceError: it is refused; the places are named, without their
            content, since it is a patient's.

    """
    kept: Json = {"resourceType": model.get_resource_type()}
    kept |= {name: value for name, value in content.items() if value not in _EMPTY}
    _require(kept, {issue.expression for issue in refusing(check(kept))})
    shape = _shape(kept)
    if shape not in _accepted:
        _require(kept, _refused(model, kept))
        if len(_accepted) < _SHAPES:
            _accepted.add(shape)
    return kept


def _refused(model: type[DomainResource], content: Json) -> set[str]:
    try:
        model.model_validate(content)
    except ValidationError as error:
        return {".".join(map(str, issue["loc"])) for issue in error.errors()}
    return set()


def _require(content: Json, wrong: set[str]) -> None:
    if wrong:
        raise MisbuiltResourceError(
            f"Correct how {content['resourceType']} is built at {sorted(wrong)}."
        )


def _shape(value: object) -> Hashable:
    """Return what is left of JSON without its texts, numbers and repetitions."""
    if isinstance(value, dict):
        of_type = value.get("resourceType")
        return (of_type, *((name, _shape(each)) for name, each in value.items()))
    if isinstance(value, list):
        return frozenset(map(_shape, value))
    return type(value).__name__


def instant(at: datetime) -> str:
    """Return an aware datetime as a FHIR instant in UTC, to the millisecond."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def reference(to: Reference | None) -> Json | None:
    """Return a literal Reference, versioned where the version is known."""
    return None if to is None else {"reference": str(to)}


def references(to: Iterable[Reference]) -> list[Json]:
    """Return literal References in their order."""
    return [{"reference": str(each)} for each in to]


def coded(system: str, code: str, display: str = "") -> Json:
    """Return a CodeableConcept of one coding."""
    coding: Json = {"system": system, "code": code}
    if display:
        coding["display"] = display
    return {"coding": [coding]}


def text(words: str | None) -> Json | None:
    """Return a CodeableConcept that is only a text, None for no words."""
    return {"text": words} if words else None


def annotations(sentences: Iterable[str]) -> list[Json]:
    """Return Annotations, one a sentence."""
    return [{"text": sentence} for sentence in sentences if sentence]


def labelled() -> Json:
    """Return the `meta` of a resource that a machine asserted."""
    return {"security": [dict(AIAST)]}
