"""Validate: $validate of a type or an instance (R4, resource-operation-validate.html).

The answer is 200 with every issue, warnings included; nothing is kept. With a mode, the
gateway also decides whether it would carry the interaction out now.
"""

from dataclasses import replace
from typing import Any

from aiohttp import web

from domain.values import Reference
from fhir_profiles import structure
from fhir_profiles.bundle import read_bundle
from fhir_profiles.lexical import parse
from fhir_profiles.nominated import nominated
from fhir_profiles.problems import InvalidResourceError, Issue, refusing
from fhir_profiles.rule_groups import Treatment
from gateway.access import Interaction
from gateway.http import replies
from gateway.http.asking import ask_of, disclose_reply
from gateway.http.read import newest
from gateway.http.rights import permit
from gateway.http.services import PRINCIPAL, SERVICES, Services, context
from gateway.http.validation import Mode, Subject, Validation, validation
from gateway.intake.alone import plan_alone
from gateway.intake.change import Plan
from gateway.intake.quarantine import conditions
from gateway.intake.rehearsal import Rehearsal, RehearsedError
from gateway.intake.single import require_same_id, require_same_type
from gateway.intake.unit import Unit
from gateway.problems import issue, outcome, problem_of
from gateway.projections.threads import in_thread

_BUNDLES = ("transaction", "batch")
_INTERACTIONS = {
    Mode.CREATE: Interaction.CREATE,
    Mode.UPDATE: Interaction.UPDATE,
    Mode.DELETE: Interaction.DELETE,
}
_METHODS = {Mode.CREATE: "POST", Mode.UPDATE: "PUT", Mode.DELETE: "DELETE"}
Issues = list[dict[str, Any]]


async def validate(request: web.Request) -> web.Response:
    """Say everything that is wrong with a resource, and whether it would be kept."""
    kind, identity = request.match_info["type"], request.match_info.get("id")
    try:
        asked = await in_thread(
            validation,
            await request.read(),
            list(request.query.items()),
            kind=kind,
            instance=identity is not None,
        )
    except InvalidResourceError as error:
        return _answer(_shown(error.issues))
    interaction = _INTERACTIONS.get(asked.mode) if asked.mode else None
    if interaction is not None:
        request[PRINCIPAL].require(interaction, kind)
    if asked.subject is None or asked.mode is Mode.DELETE:
        asked = replace(asked, subject=await _stored(request))
    found = await in_thread(_found, request.app[SERVICES], asked, kind, identity)
    listed = _shown(found)
    if interaction is not None and not refusing(found):
        listed += await _rehearsed(request, asked)
    return _answer(listed)


async def _stored(request: web.Request) -> Subject:
    """Return the resource as it stands at the address.

    Raises:
        NotFoundError: there is none, or none that the caller may see.
        GoneError: it was deleted.

    """
    address = Reference(type=request.match_info["type"], id=request.match_info["id"])
    ask = replace(ask_of(request), if_none_match=None, if_modified_since=None)
    found = await newest(ask, address)
    disclose_reply(request, found)
    return Subject(resource=parse(found.body), received=found.body, sent=found.body)


def _found(
    services: Services, asked: Validation, kind: str, identity: str | None
) -> list[Issue]:
    """Return every issue, by the site's rules where a mode asks what would happen."""
    subject = asked.subject
    if subject is None or asked.mode is Mode.DELETE:
        return []
    resource, wrong = nominated(subject.resource, asked.profile)
    issues = [*wrong, *structure.check(resource)]
    if resource.get("resourceType") == "Bundle" and resource.get("type") in _BUNDLES:
        issues = _with_requests(resource, issues)
    if asked.mode in _INTERACTIONS:
        rules = services.currency().rules
        treatment = rules.verdict(issues).treatment
        issues = (
            issues if treatment is Treatment.QUARANTINE else rules.tolerated(issues)
        )
    address = _address(subject, kind, identity if asked.mode is Mode.UPDATE else None)
    return [*address, *_positioned(issues, subject)]


def _with_requests(bundle: dict[str, Any], issues: list[Issue]) -> list[Issue]:
    """Add what is wrong with the requests of a transaction or batch."""
    try:
        asked = read_bundle(bundle, issues)
    except InvalidResourceError as error:
        return list(error.issues)
    return [
        *asked.warnings,
        *(each for entry in asked.refused for each in entry.issues),
    ]


def _address(subject: Subject, kind: str, identity: str | None) -> tuple[Issue, ...]:
    try:
        if identity is None:
            require_same_type(subject.resource, kind)
        else:
            require_same_id(subject.resource, kind=kind, identity=identity)
    except InvalidResourceError as error:
        return error.issues
    return ()


def _positioned(issues: list[Issue], subject: Subject) -> list[Issue]:
    """Add lines and columns of the body that was sent."""
    inside = [replace(each, path=(*subject.path, *each.path)) for each in issues]
    return structure.positioned(inside, subject.sent) if inside else []


async def _rehearsed(request: web.Request, asked: Validation) -> Issues:
    """Return why the interaction would be refused now; nothing where it would not."""
    services = request.app[SERVICES]
    made = replace(context(request), note=lambda _: None)
    try:
        unit = Unit(
            plan=_plan(request, asked),
            context=made,
            window=services.settings.window,
            permit=permit(request[PRINCIPAL]),
        )
        await services.ledger.submit(Rehearsal(unit=unit))
    except RehearsedError:
        pass
    except Exception as error:
        problem = problem_of(error)
        if problem is None or problem.status >= web.HTTPInternalServerError.status_code:
            raise
        return list(problem.outcome["issue"])
    return []


def _plan(request: web.Request, asked: Validation) -> Plan:
    services, kind = request.app[SERVICES], request.match_info["type"]
    identity = request.match_info.get("id")
    received = asked.subject.received if asked.subject else b""
    creates = asked.mode is Mode.CREATE
    headers = dict(conditions(request.headers))
    headers.pop("Idempotency-Key", None)  # nothing is carried out that could repeat
    return plan_alone(
        _METHODS[asked.mode or Mode.CREATE],
        kind if creates else f"{kind}/{identity}",
        headers,
        b"" if asked.mode is Mode.DELETE else received,
        actor=request[PRINCIPAL].name,
        current=services.currency(),
        step=services.metrics.step,
    )


def _shown(issues: tuple[Issue, ...] | list[Issue]) -> Issues:
    known = problem_of(InvalidResourceError(issues))
    return list(known.outcome["issue"]) if known else []


def _answer(issues: Issues) -> web.Response:
    """Return what was found; one issue says so where that is nothing."""
    well = issue(
        "informational", "Nothing is wrong with this resource.", severity="information"
    )
    return replies.body(outcome(issues or [well]))
