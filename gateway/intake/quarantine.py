"""Requests that the site's rules set aside: kept durably, used only when run again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from domain import quarantine
from domain.commands import QuarantineCommand, ReleaseQuarantine, SetAside
from domain.quarantine import Quarantine, Status
from domain.quarantined import Fault
from domain.values import Reference
from fhir_profiles.bundle_rules import entries
from fhir_profiles.compartment import subject_of
from fhir_profiles.elements import Resource, element, string
from fhir_profiles.lexical import parse
from fhir_profiles.problems import Issue
from gateway.intake.change import Answer, digest_of
from gateway.intake.streams import quarantine_stream
from gateway.intake.subjects import of_quarantine
from gateway.intake.unit import Unit
from gateway.store.foresight import Derive, Reads
from gateway.store.records import Context
from gateway.store.session import Session

CONDITIONS = ("If-None-Exist", "If-Match", "If-None-Match", "Idempotency-Key")
"""The headers that belong to what a request asks; each is repeated with it."""

_OF_ENTRY = MappingProxyType(
    {
        "If-None-Exist": "ifNoneExist",
        "If-Match": "ifMatch",
        "If-None-Match": "ifNoneMatch",
    }
)


@dataclass(frozen=True, kw_only=True)
class Aside:
    """A request, or one entry of a batch, that is to be set aside."""

    method: str
    url: str  # without the base; empty for a transaction
    conditions: tuple[tuple[str, str], ...]
    received: bytes
    issues: tuple[Issue, ...]
    key: str | None = None  # chosen by the caller, so that it is set aside once
    index: int = 0  # of a batch's entry

    def identity(self, derive: Derive) -> str:
        """Return the id under which this very request is always set aside."""
        content = self.key or digest_of(self.received).hex()
        asked = [f"{name}:{value}" for name, value in self.conditions]
        derived = derive("quarantine", self.method, self.url, *asked, content)
        return str(UUID(bytes=derived[:16], version=4))


@dataclass(frozen=True, kw_only=True)
class Held:
    """Where a request was set aside, and how far it is with it."""

    quarantine_id: str
    status: Status


@dataclass(frozen=True, kw_only=True)
class AsideUnit:
    """Sets one request aside when the log's writer calls."""

    aside: Aside
    context: Context

    def __call__(self, session: Session) -> Held:
        """Append the request, unless the same one waits already."""
        aside = self.aside
        identity = aside.identity(session.derive)
        state = load(session, identity)
        command = SetAside(
            quarantine_id=identity,
            client=self.context.actor,
            method=aside.method,
            url=aside.url,
            conditions=aside.conditions,
            received=aside.received,
            faults=tuple(map(_fault, aside.issues)),
            at=self.context.at,
            named=aside.key is not None,
        )
        after = _decided(session, command, state, self.context)
        return Held(quarantine_id=identity, status=after.status)


@dataclass(frozen=True, kw_only=True)
class ReleaseUnit:
    """Carries out what was set aside, and says so, in one atomic append."""

    quarantine_id: str
    run: tuple[Unit, ...]
    received: bytes  # the corrected content, empty where it is run as it had come
    context: Context

    def __call__(self, session: Session) -> tuple[Answer, ...]:
        """Append both.

        Raises:
            NotFoundError: nothing was set aside under this id.
            IllegalTransitionError: it was released before.
            ChangeError: the request was refused; it goes on waiting.

        """
        state = load(session, self.quarantine_id)
        quarantine.require_unused(state)
        answers = tuple(answer for unit in self.run for answer in unit(session))
        command = ReleaseQuarantine(
            quarantine_id=self.quarantine_id,
            received=self.received,
            answers=tuple((str(each.status), each.name) for each in answers),
            at=self.context.at,
        )
        _decided(session, command, state, self.context)
        return answers

    def reads(self, derive: Derive) -> Reads:
        """Foretell what the log will be asked for."""
        found = [unit.reads(derive) for unit in self.run]
        return Reads(
            {quarantine_stream(self.quarantine_id)}.union(*(r.streams for r in found)),
            {of_quarantine(self.quarantine_id)}.union(
                *(each.subjects for each in found)
            ),
        )


@dataclass(frozen=True, kw_only=True)
class QuarantineUnit:
    """One command to what was set aside."""

    quarantine_id: str
    command: QuarantineCommand
    context: Context

    def __call__(self, session: Session) -> Quarantine:
        """Let it be decided.

        Raises:
            RuleError: the command is refused.

        """
        state = load(session, self.quarantine_id)
        return _decided(session, self.command, state, self.context)


def load(session: Session, identity: str) -> Quarantine:
    """Return what the log knows of a quarantine id."""
    stream = quarantine_stream(identity)
    state, _ = session.load(stream, quarantine.evolve, quarantine.NONE)
    return state


def conditions(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Select the headers that belong to what a request asks."""
    return tuple((name, headers[name]) for name in CONDITIONS if name in headers)


def conditions_of_entry(request: Resource) -> tuple[tuple[str, str], ...]:
    """Return the conditions of a batch's entry as the headers that say the same."""
    written = ((name, string(request, each)) for name, each in _OF_ENTRY.items())
    return tuple((name, value) for name, value in written if value)


def whose(method: str, received: bytes) -> tuple[str, ...]:
    """Return the patients whom content readably names, as `Patient/id`."""
    found = _written(method, parse(received))
    named = {_patient(asked, resource) for asked, resource in found}
    return tuple(sorted(named - {""}))


def _decided(
    session: Session,
    command: QuarantineCommand,
    state: Quarantine,
    context: Context,
) -> Quarantine:
    """Let a command be decided.

    What was set aside may be about anybody, known or not, so each has a key of its own.
    """
    subject = of_quarantine(command.quarantine_id)
    events = quarantine.decide(command, state)
    stream = quarantine_stream(command.quarantine_id)
    session.append(stream, events, subject=subject, context=context)
    for event in events:
        state = quarantine.evolve(state, event)
    return state


def _written(method: str, content: dict[str, Any]) -> Iterable[tuple[str, Resource]]:
    """Give each resource with the method that writes it."""
    if method != "POST" or content.get("resourceType") != "Bundle":
        yield method, content
        return
    for _, entry in entries(content):
        yield string(element(entry, "request"), "method"), element(entry, "resource")


def _patient(method: str, resource: Resource) -> str:
    """Return whose data a resource is; the id of a new Patient is not known yet."""
    text = subject_of(resource) or ""
    if method == "PUT" and string(resource, "resourceType") == "Patient":
        text = f"Patient/{string(resource, 'id')}"
    try:
        found = Reference.parse(text).unversioned()
    except ValueError:
        return ""
    return str(found) if found.type == "Patient" else ""


def _fault(issue: Issue) -> Fault:
    return Fault(
        severity=issue.severity,
        code=issue.code,
        id=issue.id,
        expression=issue.expression,
        diagnostics=issue.diagnostics,
        line=issue.line,
        column=issue.column,
    )
