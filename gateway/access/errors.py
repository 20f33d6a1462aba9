"""Every way in which access is refused; no message holds any part of a token."""


class UnknownCallerError(Exception):
    """No valid bearer token was sent (HTTP 401)."""


class ForbiddenError(Exception):
    """The caller's scopes do not allow this (HTTP 403)."""


class KeysUnavailableError(Exception):
    """An issuer's or client's keys cannot be got now, so nobody is let in (503)."""
