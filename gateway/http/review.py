"""A nurse's step: PUT /fhir/Task/{id} of a triage case, with If-Match."""

from aiohttp import web

from domain.errors import StaleVersionError
from domain.values import Reference
from fhir_profiles.lexical import parse
from fhir_profiles.structure import read
from gateway.access import Interaction
from gateway.http import replies
from gateway.http.erased import require_not_erased
from gateway.http.preconditions import if_match
from gateway.http.services import PRINCIPAL, SERVICES, context
from gateway.intake.review import CaseUnit, case_of_task
from gateway.intake.single import require_same_id
from gateway.intake.streams import case_stream
from gateway.projections import resources
from gateway.projections.resources import Version
from gateway.projections.threads import in_thread
from gateway.translate.nurse import nurse_command


async def is_review(request: web.Request) -> bool:
    """Say whether the address is that of a case's Task."""
    if request.match_info["type"] != "Task":
        return False
    named = case_of_task(request.match_info.get("id", ""))
    if named is None:
        return False
    ledger = request.app[SERVICES].ledger
    return bool(await in_thread(ledger.stream, case_stream(named[0])))


async def review(request: web.Request) -> web.Response:
    """Take, begin, hand on, decline or complete the Task as the caller."""
    request[PRINCIPAL].require(Interaction.REVIEW, "Task")
    services = request.app[SERVICES]
    received = await request.read()
    sent = read(received)
    identity = request.match_info["id"]
    require_same_id(sent, kind="Task", identity=identity)
    case_id, number = case_of_task(identity) or ("", 0)
    version = if_match(request)
    if version is None:
        raise StaleVersionError(
            "Send If-Match with the ETag of the Task that you read, so that nobody "
            "decides on an assessment that has changed."
        )
    found = await _current(request)
    if found is None or found.reference.version != version:
        raise StaleVersionError(
            f"The Task is not at version {version} any more: read it and the "
            "assessment again before you decide."
        )
    command = nurse_command(
        sent,
        parse(found.body),
        task=number,
        version=version,
        by=request[PRINCIPAL].reviewer,
        received=received,
    )
    unit = CaseUnit(case_id=case_id, command=command, context=context(request))
    await services.ledger.submit(unit)
    stands = await _current(request)
    return replies.version(stands) if stands else web.Response(status=204)


async def _current(request: web.Request) -> Version | None:
    services = request.app[SERVICES]
    await services.projector.reach_head()
    address = Reference(type="Task", id=request.match_info["id"])
    with services.reader() as connection:
        found = resources.read(services.database, connection, address)
    if found is None:
        await in_thread(require_not_erased, services.ledger, address)
    return found
