"""A client proves itself by a signed assertion (SMART App Launch 2.2, RFC 7523).

https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html
"""

from datetime import datetime, timedelta

from gateway.access.jose import BadTokenError, Claims, peek, verified
from gateway.access.lifetime import SKEW, require_current
from gateway.access.registry import Registry
from gateway.access.replay import Assertions, ReplayedError
from gateway.projections.threads import in_thread
from gateway.settings import Client

ALGORITHMS = ("RS384", "ES384")
LONGEST = timedelta(minutes=5)
_LONGEST_JTI = 256


async def proven_client(
    assertion: str,
    *,
    audience: str,
    registry: Registry,
    used: Assertions,
    now: datetime,
) -> Client:
    """Return the client that made an assertion, and let it not be used again.

    Raises:
        BadTokenError: it proves nobody, or was used before.
        KeysUnavailableError: the client's keys cannot be got.
        TooManyAssertionsError: the client asks too often.

    """
    said = peek(assertion)
    client = registry.clients.get(said.named("iss"))
    if client is None or not client.has_keys or said.named("sub") != client.name:
        raise BadTokenError("its iss and sub are not the id of a registered client.")
    _require_registered_address(said.header.get("jku"), client)
    name = said.key_name(ALGORITHMS)
    key = await registry.keys_of(client).key(name)
    claims = verified(assertion, key, ALGORITHMS)
    _require_meant_for(claims, audience)
    expires = require_current(claims, now, longest=LONGEST)
    jti = _jti(claims)
    try:
        await in_thread(used.use, client.name, jti, expires=expires + SKEW, now=now)
    except ReplayedError as error:
        raise BadTokenError(str(error)) from None
    return client


def _require_registered_address(address: object, client: Client) -> None:
    if address is not None and address != client.jwks_url:
        raise BadTokenError("its jku is not the registered one; it is not followed.")


def _require_meant_for(claims: Claims, audience: str) -> None:
    if claims.get("aud") not in (audience, [audience]):
        raise BadTokenError("its aud is not the URL of this token endpoint, exactly.")


def _jti(claims: Claims) -> str:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise BadTokenError("it needs a jti of 1 to 256 characters.")
    try:
        jti.encode()
    except UnicodeEncodeError:
        raise BadTokenError("it needs a jti of 1 to 256 characters.") from None
    return jti
