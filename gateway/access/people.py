"""A person's token from the EHR's OpenID provider.

https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html (`fhirUser`)
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime

from domain.answers import Reviewer
from gateway.access.errors import ForbiddenError, UnknownCallerError
from gateway.access.jose import BadTokenError, Claims, Unverified, peek, verified
from gateway.access.lifetime import require_current
from gateway.access.principal import Pointed, Principal
from gateway.access.registry import Registry
from gateway.settings import Issuer
from gateway.settings.scopes import Scope, ScopeError, granted, scope

_PRACTITIONER = re.compile(r"Practitioner/[A-Za-z0-9.-]{1,64}")
_LONGEST_NAME = 200
_MOST_SCOPES = 200


async def person(
    token: str, *, registry: Registry, pointed: Pointed, now: datetime
) -> Principal:
    """Return the practitioner whom an issuer's token names.

    Raises:
        UnknownCallerError: it is not to be trusted.
        ForbiddenError: whom it names is no practitioner.
        KeysUnavailableError: the issuer's keys cannot be got.

    """
    try:
        said = peek(token)
        issuer = _issuer(said, registry)
        claims = await _claims(token, said, issuer, registry, now)
    except BadTokenError as error:
        raise UnknownCallerError(f"The bearer token: {error}") from None
    return Principal(
        reviewer=_reviewer(claims, issuer),
        scopes=granted(_asked(claims), issuer.granted),
        pointed=pointed,
    )


def _issuer(said: Unverified, registry: Registry) -> Issuer:
    issuer = registry.issuers.get(said.named("iss"))
    if issuer is None:
        raise BadTokenError("its issuer is none that is registered here.")
    return issuer


async def _claims(
    token: str, said: Unverified, issuer: Issuer, registry: Registry, now: datetime
) -> Claims:
    key = await registry.keys_of(issuer).key(said.key_name(issuer.algorithms))
    claims = verified(token, key, issuer.algorithms)
    audience = claims.get("aud")
    if issuer.audience not in (audience if isinstance(audience, list) else [audience]):
        raise BadTokenError("its aud is not this gateway.")
    require_current(claims, now)
    return claims


def _reviewer(claims: Claims, issuer: Issuer) -> Reviewer:
    reference = _practitioner(claims.get("fhirUser"), issuer)
    known = hashlib.sha256(f"{issuer.issuer}\0{reference}".encode()).hexdigest()[:16]
    return Reviewer(
        # It stands in log lines: nobody's number, and no client's (for the colon).
        name=f"{issuer.name}:{known}",
        reference=reference,
        display=_display(claims.get("name")) or reference,
    )


def _practitioner(user: object, issuer: Issuer) -> str:
    text = user if isinstance(user, str) else ""
    if issuer.fhir_base:
        text = text.removeprefix(issuer.fhir_base.rstrip("/") + "/")
    if not _PRACTITIONER.fullmatch(text):
        raise ForbiddenError(
            "The token's fhirUser is no Practitioner of the EHR: only practitioners "
            "work on Tasks here."
        )
    return text


def _display(name: object) -> str:
    usable = isinstance(name, str) and len(name) <= _LONGEST_NAME
    return name.strip() if usable and isinstance(name, str) and _plain(name) else ""


def _plain(name: str) -> bool:
    return name.isprintable()


def _asked(claims: Claims) -> Iterator[Scope]:
    """Give the scopes that mean something here; `openid` and others do not."""
    text = claims.get("scope")
    for each in text.split()[:_MOST_SCOPES] if isinstance(text, str) else []:
        try:
            yield scope(each)
        except ScopeError:
            continue
