"""Every address of the gateway, in one table."""

from aiohttp import web

from fhir_profiles.release import resource_types
from fhir_profiles.syntax import ID
from gateway.http.create import create
from gateway.http.delete import delete
from gateway.http.everything import everything
from gateway.http.export import export_group, export_patients, export_system
from gateway.http.export_files import export_file
from gateway.http.health import live, metrics, ready
from gateway.http.history import history
from gateway.http.jobs import cancel, job
from gateway.http.knowledge import load_knowledge, sign_knowledge
from gateway.http.metadata import metadata
from gateway.http.patch import patch
from gateway.http.quarantine import dismiss, listed, rerun, shown
from gateway.http.read import read, vread
from gateway.http.recall import recall
from gateway.http.release_model import release_model
from gateway.http.search import search
from gateway.http.sign_rules import sign_rules
from gateway.http.smart_configuration import smart_configuration
from gateway.http.switch_model import switch_model
from gateway.http.token import token
from gateway.http.transaction import transaction
from gateway.http.update import update
from gateway.http.validate import validate

_ID = f"{{id:{ID}}}"
_QUARANTINED = "{id:[0-9a-f-]{36}}"


def routes() -> list[web.AbstractRouteDef]:
    """Return every route of a gateway without tenants."""
    return [
        web.get("/health/live", live),
        web.get("/health/ready", ready),
        web.get("/metrics", metrics),
        *tenant_routes(),
    ]


def tenant_routes() -> list[web.AbstractRouteDef]:
    """Return those of one organisation; types are those of R4, any other is unknown."""
    kind = "{type:" + "|".join(sorted(resource_types())) + "}"
    one = f"/fhir/{kind}/{_ID}"
    return [
        web.get("/fhir/metadata", metadata),
        web.get("/fhir/.well-known/smart-configuration", smart_configuration),
        web.get("/.well-known/smart-configuration", smart_configuration),
        web.post("/auth/token", token),
        web.get("/fhir/$quarantine", listed),
        web.get(f"/fhir/$quarantine/{_QUARANTINED}", shown),
        web.post(f"/fhir/$quarantine/{_QUARANTINED}/$rerun", rerun),
        web.post(f"/fhir/$quarantine/{_QUARANTINED}/$dismiss", dismiss),
        *_operations(),
        *_exports(),
        web.post(f"/fhir/{kind}/$validate", validate),
        web.post(f"{one}/$validate", validate),
        web.get(f"{one}/$validate", validate),
        web.post("/fhir", transaction),
        web.post("/fhir/", transaction),
        web.post(f"/fhir/{kind}/_search", search),
        web.post(f"/fhir/{kind}", create),
        web.get(f"/fhir/{kind}", search),
        web.get(f"{one}/_history/{{version}}", vread),
        web.get(f"{one}/_history", history),
        web.get(f"/fhir/{kind}/_history", history),
        web.get("/fhir/_history", history),
        web.get("/fhir/$job/{job}", job),
        web.delete("/fhir/$job/{job}", cancel),
        web.get(f"/fhir/Patient/{_ID}/$everything", everything),
        web.post(f"/fhir/Patient/{_ID}/$everything", everything),
        web.get(one, read),
        web.put(one, update),
        web.patch(one, patch),
        web.delete(one, delete),
        web.put(f"/fhir/{kind}", update),
        web.patch(f"/fhir/{kind}", patch),
        web.delete(f"/fhir/{kind}", delete),
    ]


def _operations() -> list[web.AbstractRouteDef]:
    return [
        web.post("/fhir/$recall", recall),
        web.post("/fhir/$sign-rules", sign_rules),
        web.post("/fhir/$load-knowledge", load_knowledge),
        web.post("/fhir/$sign-knowledge", sign_knowledge),
        web.post("/fhir/$switch-model", switch_model),
        web.post("/fhir/$release-model", release_model),
    ]


def _exports() -> list[web.AbstractRouteDef]:
    """Return those of bulk exports."""
    return [
        web.get("/fhir/$export", export_system),
        web.post("/fhir/$export", export_system),
        web.get("/fhir/Patient/$export", export_patients),
        web.post("/fhir/Patient/$export", export_patients),
        web.get(f"/fhir/Group/{_ID}/$export", export_group),
        web.get("/fhir/$export-file/{file}", export_file),
    ]
