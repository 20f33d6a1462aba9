"""Releases of models: POST /fhir/$release-model, by an operator.

An operation of this gateway, not of the FHIR specification. The Parameters name what is
wanted (`to`: `registered`, `active` or `previous`) and who decided it (`by`), each a
`valueString`. To register a release they hold the texts of its files: `manifest`,
`signature`, `evaluation`, and the public `key`. To activate one they name it
(`release`, as name@version), with the text of a `gate` and a `reason`; to go back they
give a `reason` and may name the `release` that is left. The answer names the release
that counts now, if one does.
"""

from datetime import datetime
from typing import Any

from aiohttp import web

from domain.errors import UnfitReleaseError
from domain.registering import (
    ActivateModel,
    RegisterModel,
    RegistryCommand,
    RollBackModel,
)
from domain.registry import Registry
from gateway.access import Interaction
from gateway.http import parameters, replies
from gateway.http.services import PRINCIPAL, SERVICES, context
from gateway.intake import release
from gateway.intake.registry import RegistryUnit
from gateway.projections.threads import in_thread
from gateway.settings.scopes import RELEASE_MODEL

Given = dict[str, str]


async def release_model(request: web.Request) -> web.Response:
    """Register, activate or roll back a release; say which one counts now."""
    request[PRINCIPAL].require(Interaction.CREATE, RELEASE_MODEL)
    given, made = dict(parameters.strings(await request.read())), context(request)
    command = await in_thread(_command, given, made.at)
    unit = RegistryUnit(command=command, context=made)
    registry = await request.app[SERVICES].ledger.submit(unit)
    return replies.body(_parameters(registry))


def _command(given: Given, at: datetime) -> RegistryCommand:
    match given.get("to"):
        case "registered":
            sent = release.Sent(
                manifest=given.get("manifest", ""),
                signature=given.get("signature", ""),
                evaluation=given.get("evaluation", ""),
                key=given.get("key", ""),
            )
            made = release.release(sent)
            return RegisterModel(release=made, by=given.get("by", ""), at=at)
        case "active":
            return _activation(given, at)
        case "previous":
            return RollBackModel(
                title=given.get("release", ""),
                by=given.get("by", ""),
                reason=given.get("reason", ""),
                at=at,
            )
        case _:
            raise UnfitReleaseError(
                "Say whether a release is to be 'registered' or 'active', or whether "
                "to go back to the 'previous' one."
            )


def _activation(given: Given, at: datetime) -> ActivateModel:
    gate = given.get("gate", "")
    return ActivateModel(
        title=given.get("release", ""),
        gate=release.gate_sha256(gate),
        required=release.required(gate),
        asking=release.asking(),
        by=given.get("by", ""),
        reason=given.get("reason", ""),
        at=at,
    )


def _parameters(registry: Registry) -> dict[str, Any]:
    content: dict[str, Any] = {"resourceType": "Parameters"}
    if registry.active is not None:
        named = {"name": "active", "valueString": registry.active.title}
        content["parameter"] = [named]
    return content
