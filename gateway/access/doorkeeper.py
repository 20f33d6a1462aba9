"""Who stands behind an Authorization header."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.answers import Reviewer
from gateway.access.errors import UnknownCallerError
from gateway.access.people import person
from gateway.access.principal import Pointed, Principal
from gateway.access.registry import Registry
from gateway.access.tokens import PREFIX, AccessTokens
from gateway.settings import Client
from gateway.settings.scopes import granted, scope

DEVELOPMENT_NURSE = Reviewer(
    name="development-nurse", reference="", display="Development Nurse"
)
_EVERYTHING = (
    "system/*.cruds",
    "system/AuditEvent.rs",
    "system/$recall.c",
    "system/$sign-rules.c",
    "system/$load-knowledge.c",
    "system/$sign-knowledge.c",
    "system/$switch-model.c",
    "system/$release-model.c",
    "user/Task.ru",
)
_UNKNOWN = "The bearer token is not one of a known client."


@dataclass(frozen=True, kw_only=True)
class Doorkeeper:
    """Knows every client by its token, and every person by an issuer's."""

    registry: Registry
    tokens: AccessTokens
    pointed: Pointed
    clock: Callable[[], datetime]
    dev: bool

    async def admit(self, authorization: str | None, certificate: str) -> Principal:
        """Return the caller behind an Authorization header.

        `certificate` is the SHA-256 of the caller's TLS certificate, "" without one.

        Raises:
            UnknownCallerError: no header, another scheme, or an unknown token.
            ForbiddenError: a person who is no practitioner.
            KeysUnavailableError: a person's issuer cannot be asked.

        """
        if self.dev:
            scopes = tuple(map(scope, _EVERYTHING))
            return Principal(reviewer=DEVELOPMENT_NURSE, scopes=scopes)
        token = _bearer(authorization)
        client = self._holder(token)
        if client is not None:
            return _principal(client, certificate)
        if token.startswith(PREFIX):
            return self._granted(token, certificate)
        if token.count(".") == 2:  # noqa: PLR2004 (a JWS in compact form)
            return await person(
                token, registry=self.registry, pointed=self.pointed, now=self.clock()
            )
        raise UnknownCallerError(_UNKNOWN)

    def _holder(self, token: str) -> Client | None:
        """Return whose long-lived token it is; all are compared, in constant time."""
        digest = hashlib.sha256(token.encode()).hexdigest()
        found = None
        for client in self.registry.clients.values():
            if client.token_sha256 and hmac.compare_digest(client.token_sha256, digest):
                found = client
        return found

    def _granted(self, token: str, certificate: str) -> Principal:
        note = self.tokens.open(token, self.clock())
        client = self.registry.clients.get(note.client)
        if client is None or (note.certificate and note.certificate != certificate):
            raise UnknownCallerError(_UNKNOWN)
        held = granted(map(scope, note.scope.split()), client.granted)
        return Principal(reviewer=_as_reviewer(client), scopes=held)


def _bearer(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnknownCallerError(
            "Send the header 'Authorization: Bearer <token>' of a client that the "
            "gateway's settings name."
        )
    return token.strip()


def _principal(client: Client, certificate: str) -> Principal:
    if client.certificate_sha256 and client.certificate_sha256 != certificate:
        raise UnknownCallerError(
            "This client's token counts only with the TLS certificate it registered."
        )
    return Principal(reviewer=_as_reviewer(client), scopes=client.granted)


def _as_reviewer(client: Client) -> Reviewer:
    return Reviewer(
        name=client.name,
        reference=client.practitioner,
        display=client.display or client.name,
    )
