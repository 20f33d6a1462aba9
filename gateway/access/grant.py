"""The token endpoint's decision: client credentials (RFC 6749, 4.4 and 5).

https://hl7.org/fhir/smart-app-launch/backend-services.html#obtain-access-token
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from gateway.access.assertion import proven_client
from gateway.access.errors import KeysUnavailableError
from gateway.access.jose import BadTokenError
from gateway.access.registry import Registry
from gateway.access.replay import Assertions, TooManyAssertionsError
from gateway.access.tokens import AccessTokens, Note
from gateway.settings import Client
from gateway.settings.scopes import Scope, ScopeError, granted, scope

BY_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_MOST_SCOPES = 200
_LONGEST_TOKEN = 7000  # characters; it has to fit into a header of 8 KiB
_LOG = structlog.get_logger()


class OAuthError(Exception):
    """A token is refused: an error code of RFC 6749, 5.2, and what to do."""

    def __init__(self, code: str, sentence: str, *, status: int = 400) -> None:
        super().__init__(sentence)
        self.code = code
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Granted:
    """A new access token, and the client that it was given to."""

    client: str
    token: str
    seconds: int
    scope: str


@dataclass(frozen=True, kw_only=True)
class TokenDesk:
    """Gives access tokens to clients that prove themselves."""

    registry: Registry
    used: Assertions
    tokens: AccessTokens
    audience: str  # the URL of the token endpoint
    seconds: int
    clock: Callable[[], datetime]

    async def grant(self, form: Mapping[str, str], certificate: str) -> Granted:
        """Return a token for what is both asked for and registered.

        Raises:
            OAuthError: why there is none.

        """
        _require_form(form)
        client = await self._client(form["client_assertion"])
        _require_certificate(client, certificate)
        scopes = _scopes(form.get("scope", ""), client)
        text = " ".join(map(str, scopes))
        note = Note(
            client=client.name,
            scope=text,
            expires=self.clock().timestamp() + self.seconds,
            certificate=certificate,
        )
        _LOG.info("token.granted", client=client.name)
        return Granted(
            client=client.name,
            token=self._sealed(note),
            seconds=self.seconds,
            scope=text,
        )

    def _sealed(self, note: Note) -> str:
        token = self.tokens.seal(note)
        if len(token) > _LONGEST_TOKEN:
            raise OAuthError(
                "invalid_scope",
                "So many scopes make a token too long for a header: ask for fewer, or "
                "for those of every type (*).",
            )
        return token

    async def _client(self, assertion: str) -> Client:
        try:
            return await proven_client(
                assertion,
                audience=self.audience,
                registry=self.registry,
                used=self.used,
                now=self.clock(),
            )
        except BadTokenError as error:
            _LOG.warning("token.refused", reason=str(error))
            raise OAuthError(
                "invalid_client", f"The client_assertion: {error}", status=401
            ) from None
        except KeysUnavailableError as error:
            raise OAuthError(
                "temporarily_unavailable", str(error), status=503
            ) from None
        except TooManyAssertionsError as error:
            raise OAuthError("slow_down", str(error), status=429) from None


def _require_form(form: Mapping[str, str]) -> None:
    if form.get("grant_type") != "client_credentials":
        raise OAuthError(
            "unsupported_grant_type", "Send grant_type=client_credentials."
        )
    if form.get("client_assertion_type") != BY_ASSERTION:
        raise OAuthError(
            "invalid_request", f"Send client_assertion_type={BY_ASSERTION}."
        )
    if not form.get("client_assertion"):
        raise OAuthError("invalid_request", "Send a signed JWT as client_assertion.")


def _require_certificate(client: Client, shown: str) -> None:
    if client.certificate_sha256 and client.certificate_sha256 != shown:
        raise OAuthError(
            "invalid_client",
            "The TLS certificate is not the one that this client registered.",
            status=401,
        )


def _scopes(asked: str, client: Client) -> tuple[Scope, ...]:
    """Return what is granted; what a system cannot have is left out of it.

    Some clients always ask for `launch/patient` or `openid` as well; the answer says
    what was granted (RFC 6749, 3.3).
    """
    texts = asked.split()
    if not texts or len(texts) > _MOST_SCOPES:
        raise OAuthError(
            "invalid_scope", "Ask for the scopes you need, such as system/Patient.rs."
        )
    try:
        wanted = [scope(each) for each in texts if each.startswith("system/")]
    except ScopeError as error:
        raise OAuthError("invalid_scope", f"As scope {error}") from None
    given = granted(wanted, client.granted)
    if not given:
        raise OAuthError(
            "invalid_scope", "None of these scopes is registered for this client."
        )
    return given
