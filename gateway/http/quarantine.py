"""What the site's rules set aside: listed, shown, run again, or dismissed.

GET /fhir/$quarantine, GET /fhir/$quarantine/{id}, and POST of $rerun and $dismiss below
it. Operations of this gateway, not of the FHIR specification; they answer in FHIR's
resources.
"""

from collections.abc import Iterable

from aiohttp import web

from domain.commands import DismissQuarantine
from domain.errors import NotFoundError
from domain.quarantine import Status, require_unused
from fhir_profiles.elements import elements, string
from fhir_profiles.lexical import parse
from fhir_profiles.problems import InvalidResourceError
from gateway.access import ForbiddenError, Interaction, Principal
from gateway.http import quarantine_replies, replies
from gateway.http.asking import ask_of
from gateway.http.disclosure import disclose
from gateway.http.paging import Place
from gateway.http.quarantine_replies import COUNT, STATUS
from gateway.http.rights import permit, require_change
from gateway.http.services import PRINCIPAL, SERVICES, Services, context
from gateway.intake import admission
from gateway.intake.admission import QuarantineError
from gateway.intake.alone import plan_alone
from gateway.intake.bundle import BundleRequest, bundle_request
from gateway.intake.change import Plan
from gateway.intake.quarantine import QuarantineUnit, ReleaseUnit, whose
from gateway.intake.streams import quarantine_stream
from gateway.intake.unit import Unit
from gateway.projections import quarantine
from gateway.projections.asking import SearchError
from gateway.projections.quarantine import Listed, Story
from gateway.projections.threads import in_thread

_DEFAULT, _MOST = 50, 200
_TRAIL = "AuditEvent"


async def listed(request: web.Request) -> web.Response:
    """Return a page of what was set aside, newest first; `status` selects."""
    _require_reader(request[PRINCIPAL])
    services, ask = request.app[SERVICES], ask_of(request)
    status = _status(request.query.get(STATUS, Status.WAITING.value))
    count = _count(request.query.get(COUNT, str(_DEFAULT)))
    await services.projector.reach_head()
    found, stories = await in_thread(
        _page, services, status, count, _position(ask.place())
    )
    return replies.body(quarantine_replies.searchset(ask, found, stories))


async def shown(request: web.Request) -> web.Response:
    """Return one, with the bytes as they came."""
    _require_reader(request[PRINCIPAL])
    story = await _story(request)
    named = await in_thread(whose, story.request.method, story.request.received)
    disclose(request, patients=named)
    return replies.body(quarantine_replies.parameters(story, whole=True))


async def rerun(request: web.Request) -> web.Response:
    """Carry out what was set aside, as it came or as the body corrects it."""
    _require_writer(request[PRINCIPAL])
    services, story = request.app[SERVICES], await _story(request)
    require_unused(story.state)
    corrected = await request.read()
    plans = await in_thread(_again, services, story, corrected)
    _require(request[PRINCIPAL], plans)
    made, window = context(request), services.settings.window
    may = permit(request[PRINCIPAL])
    unit = ReleaseUnit(
        quarantine_id=story.request.quarantine_id,
        run=tuple(
            Unit(plan=each, context=made, window=window, permit=may) for each in plans
        ),
        received=corrected,
        context=made,
    )
    answers = await services.ledger.submit(unit)
    services.metrics.accepted.inc(len(answers))
    return replies.body(quarantine_replies.answered(plans, answers))


async def dismiss(request: web.Request) -> web.Response:
    """Say that it is not needed, and why."""
    _require_writer(request[PRINCIPAL])
    services, story = request.app[SERVICES], await _story(request)
    made = context(request)
    command = DismissQuarantine(
        quarantine_id=story.request.quarantine_id,
        reason=_reason(await request.read()),
        at=made.at,
    )
    unit = QuarantineUnit(
        quarantine_id=command.quarantine_id,
        command=command,
        context=made,
    )
    await services.ledger.submit(unit)
    return replies.body(quarantine_replies.parameters(await _story(request)))


async def _story(request: web.Request) -> Story:
    ledger = request.app[SERVICES].ledger
    stream = quarantine_stream(request.match_info["id"])
    told = quarantine.story(await in_thread(ledger.stream, stream))
    if told is None:
        raise NotFoundError("Nothing was set aside under this id.")
    return told


def _page(
    services: Services, status: Status | None, count: int, before: int | None
) -> tuple[Listed, list[Story]]:
    with services.reader() as connection:
        found = quarantine.page(connection, status=status, count=count, before=before)
    streams = (services.ledger.stream(quarantine_stream(each)) for each in found.ids)
    return found, [each for each in map(quarantine.story, streams) if each]


def _again(services: Services, story: Story, corrected: bytes) -> tuple[Plan, ...]:
    """Read the request once more, by today's rules.

    Raises:
        InvalidResourceError: it still breaks them.

    """
    asked, body = story.request, corrected or story.request.received
    current, step = services.currency(), services.metrics.step
    headers, actor = dict(asked.conditions), asked.client
    try:
        if not asked.url:
            key = headers.get("Idempotency-Key")
            return _whole(
                bundle_request(body, key=key, actor=actor, current=current, step=step)
            )
        # First by itself, so that what is wrong is placed in what was sent.
        admission.read(body, current.rules)
        plan = plan_alone(
            asked.method,
            asked.url,
            headers,
            body,
            actor=actor,
            current=current,
            step=step,
        )
    except QuarantineError as error:
        raise InvalidResourceError(error.issues) from None
    return (plan,)


def _whole(asked: BundleRequest) -> tuple[Plan, ...]:
    """Return every plan of a Bundle: what is run again is carried out as one.

    Raises:
        InvalidResourceError: an entry of a batch is wrong.

    """
    wrong = [issue for each in asked.refused for issue in each.issues]
    wrong += [issue for each in asked.aside for issue in each.issues]
    if wrong:
        raise InvalidResourceError(wrong)
    return asked.plans


def _require(caller: Principal, plans: Iterable[Plan]) -> None:
    for plan in plans:
        for change in plan.changes:
            require_change(caller, change)


def _require_reader(caller: Principal) -> None:
    """Let those through who feed the gateway, and those who audit it.

    Raises:
        ForbiddenError: the caller is neither.

    """
    if not caller.holds(Interaction.CREATE) and not caller.holds(
        Interaction.SEARCH, _TRAIL
    ):
        raise ForbiddenError(
            f"Client '{caller.name}' may not read what was set aside: that takes a "
            "scope that grants 'c' of every type, or 's' of AuditEvent."
        )


def _require_writer(caller: Principal) -> None:
    caller.require(Interaction.CREATE)


def _position(place: Place | None) -> int | None:
    first = place[0] if place else None
    return first if isinstance(first, int) else None


def _status(text: str) -> Status | None:
    if text == "all":
        return None
    known = [each.value for each in Status if each is not Status.UNKNOWN]
    if text not in known:
        raise SearchError(STATUS, f"Select by one of {', '.join(known)}, all.")
    return Status(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _MOST:
        raise SearchError(COUNT, f"Ask for a page of 1 to {_MOST}.")
    return int(text)


def _reason(body: bytes) -> str:
    given = elements(parse(body), "parameter") if body else []
    said = {string(each, "name"): string(each, "valueString") for each in given}
    return said.get("reason", "")
