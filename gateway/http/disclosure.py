"""What a request disclosed, noted by its handler for the audit of the request.

Every handler that shows stored data names here the versions that it shows, and whom
they are about. A handler that shows none names nothing; what it wrote is known from the
log.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from aiohttp import web

from domain.values import Reference
from fhir_profiles.compartment import subject_of
from gateway.projections.resources import Version
from gateway.store.records import Event as Recordable
from gateway.translate.audited import leaves_audit_event


@dataclass(kw_only=True)
class Trail:
    """What is known of a request once it was answered."""

    references: list[Reference] = field(default_factory=list)
    patients: dict[str, None] = field(default_factory=dict)  # in order, once each
    posted: list[tuple[str, str]] = field(default_factory=list)  # of a query
    client: str = ""  # who is being let in, where there is no bearer token yet
    interaction: str = ""  # where the address alone does not tell
    wrote: bool = False  # the log tells of it already
    refused: dict[int, list[int]] = field(default_factory=dict)  # status -> entries

    def note(self, events: Sequence[Recordable]) -> None:
        """Learn what a unit of the request appends; called by the log's writer."""
        self.wrote = self.wrote or any(map(leaves_audit_event, events))


FAILED: Final = 400  # the first HTTP status that is a refusal
Resource = dict[str, Any]
TRAIL = web.RequestKey("trail", Trail)


def disclose(
    request: web.Request,
    references: Iterable[Reference] = (),
    patients: Iterable[str] = (),
) -> None:
    """Note the versions that the answer shows, and whom they are about.

    A patient is named as `Patient/id`.
    """
    trail = request[TRAIL]
    trail.references.extend(references)
    trail.patients.update(dict.fromkeys(patients))


def disclose_standing(
    request: web.Request, reference: Reference | None, body: bytes = b""
) -> None:
    """Note a version that a write found and left as it was.

    What the caller wrote just now is no news to it, but this may be.
    """
    if reference is not None:
        whom = _whom(reference, body)
        disclose(request, [reference], [whom] if whom else [])


def disclose_parameters(request: web.Request, given: Iterable[tuple[str, str]]) -> None:
    """Note the parameters of a query that came in the body, not in the address."""
    request[TRAIL].posted.extend(given)


def disclose_client(request: web.Request, name: str) -> None:
    """Note which registered client was let in, or refused, at an open address."""
    request[TRAIL].client = name


def disclose_interaction(request: web.Request, code: str) -> None:
    """Note what was asked for, where the address alone does not tell.

    It is one of http://hl7.org/fhir/restful-interaction.
    """
    request[TRAIL].interaction = code


def disclose_entries(request: web.Request, answered: Mapping[int, Resource]) -> None:
    """Note which entries of a batch were refused: each has an answer of its own."""
    refused = request[TRAIL].refused
    for index, entry in answered.items():
        status = int(entry["response"]["status"].partition(" ")[0])
        if status >= FAILED:
            refused.setdefault(status, []).append(index)


def patients_of(versions: Iterable[Version]) -> tuple[str, ...]:
    """Return whom stored versions are about, each once, as `Patient/id`.

    It reads their bodies: ask in a thread.
    """
    named = (_whom(each.reference, each.body) for each in versions)
    return tuple(dict.fromkeys(filter(None, named)))


def _whom(reference: Reference, body: bytes) -> str:
    if reference.type == "Patient":
        return str(reference.unversioned())
    if not body:
        return ""
    whole = subject_of(msgspec.json.decode(body))
    return (whole or "").partition("/_history/")[0]
