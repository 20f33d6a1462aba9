"""The model's switch: POST /fhir/$switch-model, by an operator.

An operation of this gateway, not of the FHIR specification. The Parameters name what
is wanted (`to`, a valueCode: `off` or `on`), who decided it (`by`) and why (`reason`),
each a `valueString`. Off means that the rules stand alone; nothing that is shown
changes.
"""

from datetime import datetime
from typing import Any

from aiohttp import web

from domain.errors import UnnamedSwitchError
from domain.switching import ResumeModel, SuspendModel
from fhir_profiles.elements import string
from gateway.access import Interaction
from gateway.http import parameters, replies
from gateway.http.services import PRINCIPAL, SERVICES, context
from gateway.intake.serving import ServingUnit
from gateway.settings.scopes import SWITCH_MODEL


async def switch_model(request: web.Request) -> web.Response:
    """Switch the model off or on; say how it stands now."""
    request[PRINCIPAL].require(Interaction.CREATE, SWITCH_MODEL)
    given = {
        string(each, "name"): string(each, "valueString") or string(each, "valueCode")
        for each in parameters.posted(await request.read())
    }
    made = context(request)
    unit = ServingUnit(command=_command(given, made.at), context=made)
    serving = await request.app[SERVICES].ledger.submit(unit)
    return replies.body(_parameters(to="off" if serving.suspended else "on"))


def _command(given: dict[str, str], at: datetime) -> SuspendModel | ResumeModel:
    by, reason = given.get("by", ""), given.get("reason", "")
    match given.get("to"):
        case "off":
            return SuspendModel(by=by, reason=reason, at=at)
        case "on":
            return ResumeModel(by=by, reason=reason, at=at)
        case _:
            raise UnnamedSwitchError("Say whether the model is to be 'off' or 'on'.")


def _parameters(*, to: str) -> dict[str, Any]:
    told = {"name": "to", "valueCode": to}
    return {"resourceType": "Parameters", "parameter": [told]}
