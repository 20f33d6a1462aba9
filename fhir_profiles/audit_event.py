"""AuditEvent: who did what to whose data, by IHE's Basic Audit Log Patterns.

https://hl7.org/fhir/R4/auditevent.html and https://profiles.ihe.net/ITI/BALP. The
profiles describe successes; what failed has the same shape and claims none of them.
The JSON is put together without the model library, which would take longer than all
the rest of an audit; the tests let the library and our own checker read it.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from domain.values import Reference
from fhir_profiles.canonical import BASE
from fhir_profiles.datatypes import Json, instant

_TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem"
_DICOM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_PATTERNS: Final = "https://profiles.ihe.net/ITI/BALP/StructureDefinition"
_INTERACTIONS: Final = "http://hl7.org/fhir/restful-interaction"
_REST: Final = MappingProxyType(
    {
        "system": f"{_TERMINOLOGY}/audit-event-type",
        "code": "rest",
        "display": "Restful Operation",
    }
)
_AUTHENTICATION: Final = MappingProxyType(
    {"system": _DICOM, "code": "110114", "display": "User Authentication"}
)
_TOKEN: Final = MappingProxyType(
    {
        "system": "urn:ihe:event-type-code",
        "code": "ITI-71",
        "display": "Get Access Token",
    }
)
_SERVER: Final = "triage-gateway"
_PERSON, _SYSTEM_OBJECT = "1", "2"
_PATIENT, _DOMAIN_RESOURCE, _QUERY = "1", "4", "24"
_FAILED, _BROKEN = 400, 500

# Interaction -> action, pattern. Codes of http://hl7.org/fhir/audit-event-action.
_ACTIONS: Final = MappingProxyType(
    {
        "create": ("C", "Create"),
        "update": ("U", "Update"),
        "patch": ("U", "Update"),
        "delete": ("D", "Delete"),
        "read": ("R", "Read"),
        "vread": ("R", "Read"),
        "history-instance": ("R", ""),
        "history-type": ("R", ""),
        "history-system": ("R", ""),
        "search-type": ("E", "Query"),
        "search-system": ("E", "Query"),
    }
)
_OTHER: Final = ("E", "")
# Action or pattern -> roles of client and server: data flow from source to destination,
# and so do the parameters of a query. Of a delete the patterns say something else.
_SOURCE: Final = (_DICOM, "110153", "Source Role ID")
_DESTINATION: Final = (_DICOM, "110152", "Destination Role ID")
_APPLICATION: Final = (_DICOM, "110150", "Application")
_CUSTODIAN: Final = (
    f"{_TERMINOLOGY}/provenance-participant-type",
    "custodian",
    "Custodian",
)
_ROLES: Final = MappingProxyType(
    {"R": (_DESTINATION, _SOURCE), "D": (_APPLICATION, _CUSTODIAN)}
)
_SENDING: Final = (_SOURCE, _DESTINATION)
_PARTICIPATION: Final = f"{_TERMINOLOGY}/v3-ParticipationType"
_RECIPIENT: Final = (_PARTICIPATION, "IRCP", "information recipient")
_AUTHOR: Final = (_PARTICIPATION, "AUT", "author (originator)")


@dataclass(frozen=True, kw_only=True)
class Audited:
    """One interaction: when, what, by whom, from where, on which data, how it ended."""

    id: str
    at: datetime
    interaction: str  # http://hl7.org/fhir/restful-interaction, or "token"
    status: int  # of HTTP
    gateway: str  # which gateway: the log's tenant
    client: str = ""  # "" where nobody knows who it was
    address: str = ""
    request: str = ""
    user: str = ""  # literal reference of a person
    display: str = ""
    purpose: str = ""  # code of v3-ActReason
    asked: str = ""  # path and query
    references: tuple[Reference, ...] = ()
    patients: tuple[str, ...] = ()
    said: str = ""  # what else there is to say of the outcome


def audit_event(audited: Audited) -> Json:
    """Return the AuditEvent of one interaction."""
    action, pattern = _ACTIONS.get(audited.interaction, _OTHER)
    entities = list(_entities(audited))
    meta: Json = {"versionId": "1", "lastUpdated": instant(audited.at)}
    profile = _profile(audited, pattern)
    if profile:
        meta["profile"] = [profile]
    content: Json = {
        "resourceType": "AuditEvent",
        "id": audited.id,
        "meta": meta,
        **_kind(audited.interaction),
        "action": action,
        "recorded": instant(audited.at),
        **_outcome(audited),
        "agent": list(_agents(audited, action)),
        "source": {
            "observer": _gateway(audited),
            "type": [_coding(f"{_TERMINOLOGY}/security-source-type", "4")],
        },
    }
    if entities:
        content["entity"] = entities
    return content


def _kind(interaction: str) -> Json:
    if interaction == "token":
        return {"type": dict(_AUTHENTICATION), "subtype": [dict(_TOKEN)]}
    return {"type": dict(_REST), "subtype": [_coding(_INTERACTIONS, interaction)]}


def _profile(audited: Audited, pattern: str) -> str:
    """Name the pattern that a success follows; "" where there is none."""
    named = len(audited.references) == 1 or pattern == "Query"
    if not pattern or audited.status >= _FAILED or not named:
        return ""
    whose = "Patient" if len(audited.patients) == 1 else ""
    return f"{_PATTERNS}/IHE.BasicAudit.{whose}{pattern}"


def _outcome(audited: Audited) -> Json:
    """Return 0 success, 4 refused, 8 failed (http://hl7.org/fhir/audit-event-outcome)."""
    if audited.status < _FAILED:
        return {"outcome": "0"}
    code = "4" if audited.status < _BROKEN else "8"
    return {"outcome": code, "outcomeDesc": audited.said or f"HTTP {audited.status}"}


def _agents(audited: Audited, action: str) -> Iterator[Json]:
    of_client, of_server = _ROLES.get(action, _SENDING)
    client: Json = {
        "type": _concept(of_client),
        "who": _client(audited.client),
        "requestor": not audited.user,
    }
    if audited.address:
        client["network"] = {"address": audited.address, "type": "2"}
    yield client
    yield {
        "type": _concept(of_server),
        "who": _gateway(audited),
        "requestor": False,
        "network": {"address": _SERVER, "type": "1"},
    }
    if audited.user:
        yield _user(audited, _AUTHOR if action in "CUD" else _RECIPIENT)


def _client(name: str) -> Json:
    if not name:
        return {"display": "unknown caller"}
    return {
        "identifier": {"system": f"{BASE}/identifier/client", "value": name},
        "display": name,
    }


def _user(audited: Audited, role: tuple[str, str, str]) -> Json:
    user: Json = {
        "type": _concept(role),
        "who": {"reference": audited.user},
        "requestor": True,
    }
    if audited.display:
        user["name"] = audited.display
    if audited.purpose:
        reason = _coding(f"{_TERMINOLOGY}/v3-ActReason", audited.purpose)
        user["purposeOfUse"] = [{"coding": [reason]}]
    return user


def _gateway(audited: Audited) -> Json:
    system = f"{BASE}/identifier/gateway"
    return {
        "type": "Device",
        "identifier": {"system": system, "value": audited.gateway},
        "display": _SERVER,
    }


def _entities(audited: Audited) -> Iterator[Json]:
    for patient in audited.patients:
        yield _entity(_PERSON, _PATIENT) | {"what": {"reference": patient}}
    for each in audited.references:
        what = {"reference": str(each)}
        yield _entity(_SYSTEM_OBJECT, _DOMAIN_RESOURCE) | {"what": what}
    if audited.asked:
        query = b64encode(audited.asked.encode()).decode()
        yield _entity(_SYSTEM_OBJECT, _QUERY) | {"query": query}
    if audited.request:
        system = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
        yield {
            "what": {"identifier": {"value": audited.request}},
            "type": _coding(system, "XrequestId"),
        }


def _entity(kind: str, role: str) -> Json:
    return {
        "type": _coding(f"{_TERMINOLOGY}/audit-entity-type", kind),
        "role": _coding(f"{_TERMINOLOGY}/object-role", role),
    }


def _concept(coded: tuple[str, str, str]) -> Json:
    system, code, display = coded
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _coding(system: str, code: str) -> Json:
    return {"system": system, "code": code}
