"""Capabilities: GET /fhir/metadata, made from routes and tables so it cannot lie.

Which interactions there are is read from the routes of the running application, and
which searches from the table that searches are understood by.
"""

import importlib.metadata
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from aiohttp import web

from fhir_profiles.release import FHIR_VERSION, resource_types
from fhir_profiles.search_parameters import SearchParameter, parameters
from gateway.http import operations, replies
from gateway.http.asking import Reply, bundle
from gateway.http.operations import BULK_DATA, Routes
from gateway.http.services import SERVICES
from gateway.intake.patches import MEDIA_TYPES
from gateway.projections.asking import SearchError
from gateway.settings.scopes import AUDIT_EVENT

Content = dict[str, Any]

_KIND, _ONE = "/fhir/{type}", "/fhir/{type}/{id}"
_OF_TYPE: Final = MappingProxyType(
    {
        "read": ("GET", _ONE),
        "vread": ("GET", f"{_ONE}/_history/{{version}}"),
        "update": ("PUT", _ONE),
        "patch": ("PATCH", _ONE),
        "delete": ("DELETE", _ONE),
        "history-instance": ("GET", f"{_ONE}/_history"),
        "history-type": ("GET", f"{_KIND}/_history"),
        "create": ("POST", _KIND),
        "search-type": ("GET", _KIND),
    }
)
_OF_SYSTEM: Final = MappingProxyType(
    {
        "transaction": ("POST", "/fhir"),
        "batch": ("POST", "/fhir"),
        "search-system": ("GET", "/fhir"),
        "history-system": ("GET", "/fhir/_history"),
    }
)
_WRITES: Final = frozenset({"create", "update", "patch", "delete"})
_MODES: Final = ("full", "normative", "terminology")
_NO_TERMINOLOGY: Final = (
    "Codes are checked against the required bindings of R4; no terminology operation "
    "is offered."
)


async def metadata(request: web.Request) -> web.Response:
    """Return the CapabilityStatement, or with `mode=terminology` what there is of it.

    Raises:
        SearchError: another mode.

    """
    return replies.raw(capabilities(request, request.query.get("mode", "full")).body)


def capabilities(request: web.Request, mode: str) -> Reply:
    """Return what the application that answers a request does (R4, http.html).

    Raises:
        SearchError: there is no such mode.

    """
    if mode not in _MODES:
        raise SearchError("mode", f"Send one of {', '.join(_MODES)}.")
    services = request.app[SERVICES]
    base, date = replies.base_of(request), services.clock().isoformat()
    if mode == "terminology":
        return bundle(_terminology(base, date), ())
    return bundle(statement(base, date, routes_of(request.app)), ())


def routes_of(app: web.Application) -> Routes:
    """Return method and path of each route, as a gateway without tenants has it."""
    prefix = app[SERVICES].prefix
    return frozenset(
        (route.method, route.resource.canonical.removeprefix(prefix))
        for route in app.router.routes()
        if route.resource is not None
    )


def statement(base: str, date: str, routes: Routes) -> Content:
    """Return what the gateway does (FHIR R4, capabilitystatement.html)."""
    return {
        "resourceType": "CapabilityStatement",
        **_about(base, date),
        "instantiates": [f"{BULK_DATA}/CapabilityStatement/bulk-data"],
        "fhirVersion": FHIR_VERSION,
        "format": ["json", replies.FHIR_JSON],
        "patchFormat": list(MEDIA_TYPES),
        "rest": [
            {
                "mode": "server",
                "security": _security(base, routes),
                "resource": [_resource(kind, routes) for kind in _types()],
                "interaction": _interactions(_OF_SYSTEM, routes),
                **_operations(routes),
            }
        ],
    }


def _operations(routes: Routes) -> Content:
    found = operations.of_system(routes)
    return {"operation": found} if found else {}


def _terminology(base: str, date: str) -> Content:
    """Return a TerminologyCapabilities that says that there are none."""
    return {
        "resourceType": "TerminologyCapabilities",
        **_about(base, date),
        "description": _NO_TERMINOLOGY,
    }


def _about(base: str, date: str) -> Content:
    return {
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
    }


def _security(base: str, routes: Routes) -> Content:
    content: Content = {
        "description": "SMART Backend Services, people's tokens from the EHR, and "
        "long-lived tokens: see .well-known/smart-configuration.",
    }
    if ("POST", "/auth/token") not in routes:
        return content
    system = "http://terminology.hl7.org/CodeSystem/restful-security-service"
    uris = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
    address = f"{base.removesuffix('/fhir')}/auth/token"
    return {
        "extension": [
            {"url": uris, "extension": [{"url": "token", "valueUri": address}]}
        ],
        "service": [{"coding": [{"system": system, "code": "SMART-on-FHIR"}]}],
        **content,
    }


def _resource(kind: str, routes: Routes) -> Content:
    """Return what can be done with a type; nobody writes what the log tells."""
    offered = {
        code: route
        for code, route in _OF_TYPE.items()
        if kind != AUDIT_EVENT or code not in _WRITES
    }
    writable = "update" in offered
    content: Content = {
        "type": kind,
        "interaction": _interactions(offered, routes),
        "versioning": "versioned-update" if kind == "Task" else "versioned",
        "readHistory": True,
        "updateCreate": writable,
        "conditionalCreate": writable,
        "conditionalRead": "full-support",
        "conditionalUpdate": writable and ("PUT", _KIND) in routes,
        "conditionalDelete": "single"
        if writable and ("DELETE", _KIND) in routes
        else "not-supported",
        "referencePolicy": ["literal"],
        **_searches(kind),
    }
    found = list(operations.of_type(kind, routes))
    return {**content, "operation": found} if found else content


def _interactions(
    offered: Mapping[str, tuple[str, str]], routes: Routes
) -> list[Content]:
    return [{"code": code} for code, route in offered.items() if route in routes]


@cache
def _searches(kind: str) -> Content:
    found = parameters(kind).values()
    content: Content = {
        "searchInclude": [f"{kind}:{each.name}" for each in found if _refers(each)],
        "searchRevInclude": _referring().get(kind, []),
        "searchParam": [
            {"name": "_id", "type": "token"},
            {"name": "_lastUpdated", "type": "date"},
            *({"name": each.name, "type": each.kind} for each in found),
        ],
    }
    return {name: each for name, each in content.items() if each}


@cache
def _referring() -> dict[str, list[str]]:
    """Return by which parameters of other types a type is referred to."""
    found: dict[str, list[str]] = {}
    for kind in _types():
        for each in parameters(kind).values():
            for target in each.targets if _refers(each) else ():
                found.setdefault(target, []).append(f"{kind}:{each.name}")
    return found


def _refers(parameter: SearchParameter) -> bool:
    return parameter.kind == "reference"


def _types() -> list[str]:
    return sorted(resource_types())
