"""Every address of the gateway, in one table."""

from aiohttp import web

from fhir_profiles.release import resource_types
from gateway.http.create import create
from gateway.http.delete import delete
from gateway.http.health import live, metrics, ready
from gateway.http.metadata import metadata
from gateway.http.read import history, read, vread
from gateway.http.search import search
from gateway.http.transaction import transaction
from gateway.http.update import update

_ID = r"{id:[A-Za-z0-9\-.]{1,64}}"


def routes() -> list[web.AbstractRouteDef]:
    """Return the routes; types are those of R4, so any other is not found."""
    kind = "{type:" + "|".join(sorted(resource_types())) + "}"
    one = f"/fhir/{kind}/{_ID}"
    return [
        web.get("/health/live", live),
        web.get("/health/ready", ready),
        web.get("/metrics", metrics),
        web.get("/fhir/metadata", metadata),
        web.post("/fhir", transaction),
        web.post("/fhir/", transaction),
        web.post(f"/fhir/{kind}/_search", search),
        web.post(f"/fhir/{kind}", create),
        web.get(f"/fhir/{kind}", search),
        web.get(f"{one}/_history/{{version}}", vread),
        web.get(f"{one}/_history", history),
        web.get(one, read),
        web.put(one, update),
        web.delete(one, delete),
    ]
