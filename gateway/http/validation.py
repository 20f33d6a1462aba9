"""What `$validate` is asked (FHIR R4, resource-operation-validate.html)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec
from aiohttp import web

from fhir_profiles import lexical
from fhir_profiles.elements import string

Resource = dict[str, Any]
_WRAPPER: Final = "Parameters"
_KNOWN: Final = ("resource", "mode", "profile")


class Mode(StrEnum):
    """What the resource is validated for."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    PROFILE = "profile"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The resource to be validated, its own bytes, and where they stand in `sent`."""

    resource: Resource
    received: bytes
    sent: bytes
    path: tuple[str | int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Validation:
    """What is to be validated, for what, and against which profile."""

    subject: Subject | None
    mode: Mode | None
    profile: str | None


class _RawParameter(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"")


class _RawParameters(msgspec.Struct):
    parameter: list[_RawParameter] = []


def validation(
    body: bytes, query: Iterable[tuple[str, str]], *, kind: str, instance: bool
) -> Validation:
    """Read the operation's parameters from the address and the body.

    Raises:
        InvalidResourceError: the body is not JSON as FHIR has it.
        web.HTTPBadRequest: a parameter is unknown, or does not go with the others.

    """
    given = {name: value for name, value in query if name in _KNOWN}
    content = lexical.parse(body) if body else None
    subject = None
    if content is not None and _wraps(content, kind):
        subject, said = _unwrapped(content, body)
        given |= said
    elif content is not None:
        subject = Subject(resource=content, received=body, sent=body)
    found = Validation(
        subject=subject, mode=_mode(given.get("mode")), profile=given.get("profile")
    )
    _require_sense(found, instance=instance)
    return found


def _wraps(content: Resource, kind: str) -> bool:
    """Say whether a body holds the operation's parameters, not the resource itself."""
    if string(content, "resourceType") != _WRAPPER:
        return False
    names = {string(each, "name") for each in _parameters(content)}
    return kind != _WRAPPER or "resource" in names


def _parameters(content: Resource) -> list[Resource]:
    listed = content.get("parameter")
    items = listed if isinstance(listed, list) else []
    if not all(isinstance(each, dict) for each in items):
        raise _refusal("Send the operation's parameters as a list of objects.")
    return items


def _unwrapped(content: Resource, body: bytes) -> tuple[Subject | None, dict[str, str]]:
    subject, said = None, {}
    for index, each in enumerate(_parameters(content)):
        name = string(each, "name")
        if name == "resource" and isinstance(each.get("resource"), dict):
            subject = Subject(
                resource=each["resource"],
                received=_cut(body, index),
                sent=body,
                path=("parameter", index, "resource"),
            )
        elif name in _KNOWN[1:]:
            said[name] = _value(each)
        else:
            raise _refusal("$validate takes resource, mode and profile; send these.")
    return subject, said


def _cut(body: bytes, index: int) -> bytes:
    """Return the very bytes of a parameter's resource."""
    cut = msgspec.json.decode(body.decode("utf-8-sig"), type=_RawParameters)
    return bytes(cut.parameter[index].resource)


def _value(parameter: Resource) -> str:
    names = ("valueCode", "valueString", "valueUri", "valueCanonical")
    return next(filter(None, (string(parameter, name) for name in names)), "")


def _mode(text: str | None) -> Mode | None:
    if text is None:
        return None
    if text not in list(Mode):
        raise _refusal(f"The mode is one of {', '.join(Mode)}; send one of these.")
    return Mode(text)


def _require_sense(asked: Validation, *, instance: bool) -> None:
    if asked.mode in (Mode.UPDATE, Mode.DELETE) and not instance:
        raise _refusal(
            "The modes update and delete go with the address of a resource: send this "
            "to Type/id/$validate."
        )
    if asked.mode is Mode.PROFILE and asked.profile is None:
        raise _refusal("The mode profile needs the parameter profile: name one.")
    without = instance and asked.mode in (None, Mode.DELETE, Mode.PROFILE)
    if asked.subject is None and not without:
        raise _refusal("There is no resource to validate: send it as the body.")


def _refusal(sentence: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(reason=sentence)
