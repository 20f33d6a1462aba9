"""A clinician's signature of the rules: POST /fhir/$sign-rules, by an operator.

An operation of this gateway, not of the FHIR specification. The Parameters name who
signs (`by`, `role`, `registration`) and the hash of the catalogue that was reviewed
(`catalogue`), each as a `valueString`.
"""

from typing import Any

from aiohttp import web

from domain.commands import SignRules
from gateway.access import Interaction
from gateway.http import parameters, replies
from gateway.http.services import PRINCIPAL, SERVICES, context
from gateway.intake.rulebook import RulesUnit
from gateway.settings.scopes import SIGN_RULES


async def sign_rules(request: web.Request) -> web.Response:
    """Record the signature; say what is signed now."""
    request[PRINCIPAL].require(Interaction.CREATE, SIGN_RULES)
    given = dict(parameters.strings(await request.read()))
    made = context(request)
    command = SignRules(
        by=given.get("by", ""),
        role=given.get("role", ""),
        registration=given.get("registration", ""),
        catalogue=given.get("catalogue", ""),
        at=made.at,
    )
    unit = RulesUnit(command=command, context=made)
    book = await request.app[SERVICES].ledger.submit(unit)
    standing = book.standing()
    rules = standing.signature.rules if standing.signature else ""
    return replies.body(_parameters(rules=rules, catalogue=standing.catalogue))


def _parameters(**values: str) -> dict[str, Any]:
    told = [{"name": name, "valueString": value} for name, value in values.items()]
    return {"resourceType": "Parameters", "parameter": told}
