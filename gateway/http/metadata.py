"""Capabilities: GET /fhir/metadata, made from routes and tables so it cannot lie."""

import importlib.metadata
from typing import Any

from aiohttp import web

from fhir_profiles.release import resource_types
from gateway.http import replies
from gateway.http.services import SERVICES
from gateway.projections.parameters import of_type

_INTERACTIONS = (
    "read",
    "vread",
    "update",
    "delete",
    "history-instance",
    "create",
    "search-type",
)
_KINDS = {"token": "token", "rank": "token", "reference": "reference", "date": "date"}


async def metadata(request: web.Request) -> web.Response:
    """Return the CapabilityStatement."""
    services = request.app[SERVICES]
    return replies.body(
        statement(replies.base_of(request), services.clock().isoformat())
    )


def statement(base: str, date: str) -> dict[str, Any]:
    """Return what the gateway does (FHIR R4, capabilitystatement.html)."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": date,
        "kind": "instance",
        "software": {
            "name": "triage-gateway",
            "version": importlib.metadata.version("triage-gateway"),
        },
        "implementation": {
            "description": "Event-sourced triage gateway. Not a medical device.",
            "url": base,
        },
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "Bearer tokens of configured clients."},
                "resource": [_resource(kind) for kind in sorted(resource_types())],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
            }
        ],
    }


def _resource(kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "interaction": [{"code": code} for code in _INTERACTIONS],
        "versioning": "versioned-update" if kind == "Task" else "versioned",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal"],
        "searchParam": [
            {"name": "_id", "type": "token"},
            {"name": "_lastUpdated", "type": "date"},
            *({"name": each.name, "type": _KINDS[each.kind]} for each in of_type(kind)),
        ],
    }
