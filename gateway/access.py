"""Who calls: bearer tokens, roles, and what each role may do.

A token is stored only as its SHA-256. Tokens are random and long
(`triage-gateway token` makes one of 256 bits), so no slow hash is needed.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.answers import Reviewer
from gateway.settings import Client

DEVELOPMENT_NURSE = Reviewer(
    name="development-nurse", reference="", display="Development Nurse"
)


class Permission(StrEnum):
    """What a route asks of its caller."""

    READ = "read"
    WRITE = "write"
    REVIEW = "review"


_ROLES = {
    "feed": frozenset({Permission.READ, Permission.WRITE}),
    "nurse": frozenset({Permission.READ, Permission.REVIEW}),
    "auditor": frozenset({Permission.READ}),
}


class UnknownCallerError(Exception):
    """No valid bearer token was sent (HTTP 401)."""


class ForbiddenError(Exception):
    """The caller's role does not allow this (HTTP 403)."""


@dataclass(frozen=True, kw_only=True)
class Principal:
    """An authenticated caller."""

    reviewer: Reviewer
    permissions: frozenset[Permission]

    @property
    def name(self) -> str:
        """Return the client's name, as the log records it."""
        return self.reviewer.name

    def require(self, permission: Permission) -> None:
        """Let the caller through.

        Raises:
            ForbiddenError: the role does not hold the permission.

        """
        if permission not in self.permissions:
            raise ForbiddenError(
                f"Client '{self.name}' may not {permission.value} here: give it a "
                "role that may, or use another client's token."
            )


class Doorkeeper:
    """Knows every client by the hash of its token."""

    def __init__(self, clients: Iterable[Client], *, dev: bool) -> None:
        self._dev = dev
        self._clients = [
            (bytes.fromhex(client.token_sha256), _principal(client))
            for client in clients
        ]

    def admit(self, authorization: str | None) -> Principal:
        """Return the caller behind an Authorization header.

        Raises:
            UnknownCallerError: no header, another scheme, or an unknown token.

        """
        if self._dev:
            return Principal(
                reviewer=DEVELOPMENT_NURSE, permissions=frozenset(Permission)
            )
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise UnknownCallerError(
                "Send the header 'Authorization: Bearer <token>' of a client that the "
                "gateway's settings name."
            )
        digest = hashlib.sha256(token.strip().encode()).digest()
        for known, principal in self._clients:
            if hmac.compare_digest(known, digest):
                return principal
        raise UnknownCallerError("The bearer token is not one of a known client.")


def _principal(client: Client) -> Principal:
    reviewer = Reviewer(
        name=client.name,
        reference=client.practitioner,
        display=client.display or client.name,
    )
    return Principal(reviewer=reviewer, permissions=_ROLES[client.role])
