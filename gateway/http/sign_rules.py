"""A clinician's signature of the rules: POST /fhir/$sign-rules, by an operator.

An operation of this gateway, not of the FHIR specification. The Parameters name who
signs (`by`, `role`, `registration`) and the hash of the catalogue that was reviewed
(`catalogue`), each as a `valueString`.
"""

from typing import Any

from aiohttp import web

from domain.commands import SignRules
from fhir_profiles.elements import elements, string
from fhir_profiles.structure import read
from gateway.access import Interaction
from gateway.http import replies
from gateway.http.services import PRINCIPAL, SERVICES, context
from gateway.intake.rulebook import RulesUnit
from gateway.intake.single import require_same_type
from gateway.settings.scopes import SIGN_RULES


async def sign_rules(request: web.Request) -> web.Response:
    """Record the signature; say what is signed now."""
    request[PRINCIPAL].require(Interaction.CREATE, SIGN_RULES)
    given = _given(await request.read())
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


def _given(body: bytes) -> dict[str, str]:
    """Read the Parameters.

    Raises:
        InvalidResourceError: they are none.

    """
    content = read(body)
    require_same_type(content, "Parameters")
    return {
        string(each, "name"): string(each, "valueString")
        for each in elements(content, "parameter")
    }


def _parameters(**values: str) -> dict[str, Any]:
    told = [{"name": name, "valueString": value} for name, value in values.items()]
    return {"resourceType": "Parameters", "parameter": told}
