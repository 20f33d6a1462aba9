"""What a bulk export asks for, read from its parameters.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html#query-parameters
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from fhir_profiles.instants import microseconds, moment, span
from gateway.access import ForbiddenError, Principal
from gateway.http import parameters
from gateway.http.disclosure import disclose_parameters
from gateway.http.preferences import preferences
from gateway.http.services import PRINCIPAL
from gateway.projections.asking import SearchError

OF_SYSTEM: Final = (
    "AuditEvent",
    "ClinicalImpression",
    "Device",
    "Provenance",
    "RiskAssessment",
    "Task",
)
OF_PATIENTS: Final = ("ClinicalImpression", "Provenance", "RiskAssessment", "Task")
"""Types of what concerns patients; AuditEvents also tell of others."""

NDJSON: Final = "application/fhir+ndjson"
_FORMATS: Final = (NDJSON, "application/ndjson", "ndjson")
_KNOWN: Final = ("_outputFormat", "_since", "_type")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which types, of patients only or of everything, and since when they changed.

    `since` is in microseconds since 1970; None is ever, and nothing that was deleted.
    """

    kinds: tuple[str, ...]
    of_patients: bool
    since: int | None


async def wanted(request: web.Request, offered: tuple[str, ...]) -> Wanted:
    """Read what is asked for, in the address or in Parameters, and by whom.

    Raises:
        SearchError: a parameter or a type that is not offered.
        ForbiddenError: the caller's scopes do not reach a type.

    """
    posted = []
    if request.method == "POST":
        posted = parameters.values(await request.read())
    disclose_parameters(request, posted)
    given = _given((*request.query.items(), *posted), preferences(request).lenient)
    if given.get("_outputFormat", NDJSON).replace(" ", "+") not in _FORMATS:
        raise SearchError("_outputFormat", f"Files are written as {NDJSON} only.")
    kinds = _kinds(given.get("_type", ""), offered, request[PRINCIPAL])
    return Wanted(
        kinds=kinds,
        of_patients=offered is OF_PATIENTS,
        since=_since(given.get("_since", "")),
    )


def _given(pairs: Iterable[tuple[str, str]], lenient: bool) -> dict[str, str]:  # noqa: FBT001 (a preference)
    found: dict[str, str] = {}
    for name, value in pairs:
        if name == "_type" and name in found:
            found[name] += f",{value}"
        elif name in _KNOWN and name not in found:
            found[name] = value
        elif not lenient:
            raise SearchError(name, f"Send {', '.join(_KNOWN)}; others do not count.")
    return found


def _kinds(text: str, offered: tuple[str, ...], caller: Principal) -> tuple[str, ...]:
    """Return the types that are named, or all that the caller may have."""
    named = sorted(set(text.split(","))) if text else []
    if not set(named) <= set(offered):
        raise SearchError("_type", f"These types are exported: {', '.join(offered)}.")
    able = tuple(each for each in named or offered if caller.exports(each))
    if not able or (named and len(able) < len(named)):
        raise ForbiddenError(
            f"Client '{caller.name}' may not export this: it takes a scope "
            "system/Type.rs for each type, and AuditEvent by its name."
        )
    return able


def _since(text: str) -> int | None:
    if not text:
        return None
    found = span(text.replace(" ", "+"))
    if found is None or "T" not in text:
        raise SearchError("_since", "Send an instant such as 2026-01-31T12:00:00Z.")
    return microseconds(moment(found.low))
