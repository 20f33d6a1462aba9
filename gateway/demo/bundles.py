"""The demonstration's Bundles: R4 transactions with dates relative to now."""

from datetime import datetime

from gateway.demo.emergencies import EMERGENCIES
from gateway.demo.ordinary import ORDINARY
from gateway.demo.resources import RECORD_NUMBER, Resource, address, resources
from gateway.demo.uncertain import UNCERTAIN
from gateway.demo.visit import DemoCase, Visit

VISITS: tuple[Visit, ...] = (*EMERGENCIES, *ORDINARY, *UNCERTAIN)


def bundles(now: datetime) -> list[DemoCase]:
    """Return every case, as it stands at an aware instant.

    Raises:
        ValueError: `now` has no offset from UTC.

    """
    return [
        DemoCase(
            key=visit.key,
            bundle=_bundle(visit, now),
            opens_case=visit.ended is None,
            decision=visit.decision,
        )
        for visit in VISITS
    ]


def _bundle(visit: Visit, now: datetime) -> Resource:
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            _entry(visit, name, content) for name, content in resources(visit, now)
        ],
    }


def _entry(visit: Visit, name: str, content: Resource) -> Resource:
    kind = content["resourceType"]
    request: Resource = {"method": "POST", "url": kind}
    if kind == "Patient":
        query = f"identifier={RECORD_NUMBER}|demo-{visit.key}"
        request["ifNoneExist"] = query
    return {
        "fullUrl": address(visit, name),
        "resource": content,
        "request": request,
    }
