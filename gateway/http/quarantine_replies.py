"""What was set aside, as FHIR's resources show it: Parameters, in a searchset."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from domain.quarantined import Fault, QuarantineReleased, RequestQuarantined
from fhir_profiles.rule_groups import group_of
from gateway.http import replies
from gateway.http.asking import Ask
from gateway.intake.change import Answer, Plan
from gateway.problems import issue, outcome
from gateway.projections.quarantine import Listed, Story

STATUS, COUNT = "status", "_count"
Parameter = dict[str, Any]


def searchset(ask: Ask, found: Listed, stories: Iterable[Story]) -> dict[str, Any]:
    """Return a page of the list, without the content that was sent."""
    entries = [
        {
            "fullUrl": f"{ask.base}/$quarantine/{each.request.quarantine_id}",
            "resource": parameters(each),
            "search": {"mode": "match"},
        }
        for each in stories
    ]
    following = None if found.following is None else [found.following]
    content = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": found.total,
        "link": ask.links(following),
    }
    return {**content, "entry": entries} if entries else content


def parameters(story: Story, *, whole: bool = False) -> dict[str, Any]:
    """Return one, with the bytes that were sent where the whole is asked for."""
    request = story.request
    told = [*_asked(request, story), *_became(story)]
    if whole:
        told.append(_binary("content", request.received))
        if story.released is not None and story.released.received:
            told.append(_binary("corrected", story.released.received))
    return {
        "resourceType": "Parameters",
        "id": request.quarantine_id,
        "parameter": told,
    }


def answered(plans: Iterable[Plan], answers: Sequence[Answer]) -> dict[str, Any]:
    """Return what became of each change that was run again, in the Bundle's order."""
    changes = [change for plan in plans for change in plan.changes]
    changed = zip(changes, answers, strict=True)
    entries = [
        {"response": _response(answer)}
        for _, answer in sorted(changed, key=lambda pair: pair[0].index)
    ]
    return {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": entries,
    }


def _response(answer: Answer) -> dict[str, Any]:
    content = {"status": str(answer.status)}
    if answer.reference is not None:  # a conditional delete may find nothing
        content["location"] = answer.name
        content["etag"] = replies.etag(answer.reference)
    return content


def _asked(request: RequestQuarantined, story: Story) -> Iterator[Parameter]:
    yield {"name": STATUS, "valueCode": story.state.status.value}
    yield _instant("received", request.at)
    yield {"name": "client", "valueString": request.client}
    yield {"name": "method", "valueCode": request.method}
    if request.url:
        yield {"name": "url", "valueUri": request.url}
    for name, value in request.conditions:
        part = [
            {"name": "name", "valueString": name},
            {"name": "value", "valueString": value},
        ]
        yield {"name": "condition", "part": part}
    for group in sorted({group_of(each.id) for each in _errors(request)}):
        yield {"name": "group", "valueCode": group}
    yield {"name": "outcome", "resource": outcome(map(_issue, request.faults))}


def _became(story: Story) -> Iterator[Parameter]:
    if story.released is not None:
        yield _instant("released", story.released.at)
        yield from _resources(story.released)
    if story.dismissed is not None:
        yield _instant("dismissed", story.dismissed.at)
        yield {"name": "reason", "valueString": story.dismissed.reason}


def _resources(released: QuarantineReleased) -> Iterator[Parameter]:
    for reference in filter(None, (each for _, each in released.answers)):
        yield {"name": "resource", "valueReference": {"reference": reference}}


def _errors(request: RequestQuarantined) -> list[Fault]:
    return [each for each in request.faults if each.severity == "error"]


def _issue(fault: Fault) -> dict[str, Any]:
    place = f" (line {fault.line}, column {fault.column})" if fault.line else ""
    content = issue(
        fault.code,
        f"{fault.diagnostics}{place}",
        *([fault.expression] if fault.expression else ()),
        severity=fault.severity,
    )
    content["details"] = {"text": fault.id}
    return content


def _instant(name: str, at: datetime) -> Parameter:
    return {"name": name, "valueInstant": at.isoformat(timespec="milliseconds")}


def _binary(name: str, content: bytes) -> Parameter:
    return {"name": name, "valueBase64Binary": b64encode(content).decode()}
