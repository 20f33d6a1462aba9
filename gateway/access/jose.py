"""Signed tokens of others: the only owner of joserfc (RFC 7515, 7517, 7519).

The algorithm is ours to choose: a token names one, and it is compared with a closed
list before any key is touched. Keys come from where the operator said, never from a
token's header (`jwk`, `jku`, `x5u`, `x5c` are not followed).
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from joserfc import jwk, jwt
from joserfc.errors import JoseError

Claims = Mapping[str, Any]
PublicKey: TypeAlias = jwk.RSAKey | jwk.ECKey
_LONGEST = 16 * 1024  # characters
_RSA_BITS = range(2048, 8193)
_FAMILIES = {
    "RS256": "RSA",
    "RS384": "RSA",
    "ES256": "P-256",
    "ES384": "P-384",
}
_TYPES = frozenset({"", "jwt", "at+jwt", "application/at+jwt"})


class BadTokenError(Exception):
    """A signed token is not to be trusted; the message holds no part of it."""


@dataclass(frozen=True)
class Unverified:
    """What a token says of itself: good for finding the key to check it with."""

    header: Claims
    claims: Claims

    def named(self, claim: str) -> str:
        """Return a claim that is a text, or an empty one."""
        value = self.claims.get(claim)
        return value if isinstance(value, str) else ""

    def key_name(self, algorithms: Collection[str]) -> str:
        """Return the `kid`, where the header asks for nothing that is not done here.

        Raises:
            BadTokenError: another algorithm, no kid, or an extension that must be
                understood.

        """
        if self.header.get("alg") not in algorithms:
            raise BadTokenError(f"sign it with {' or '.join(algorithms)}.")
        if "crit" in self.header or self._type not in _TYPES:
            raise BadTokenError("its header asks for what is not supported here.")
        name = self.header.get("kid")
        if not isinstance(name, str) or not name:
            raise BadTokenError("name its key by kid in the header.")
        return name

    @property
    def _type(self) -> str:
        return str(self.header.get("typ", "")).lower()


def peek(token: str) -> Unverified:
    """Read a compact JWS without checking it.

    Raises:
        BadTokenError: it is none.

    """
    parts = token.split(".")
    if len(token) > _LONGEST or len(parts) != 3:  # noqa: PLR2004 (RFC 7515, 3.1)
        raise BadTokenError("it is no signed JWT in compact form.")
    return Unverified(_object(parts[0]), _object(parts[1]))


def verified(token: str, key: PublicKey, algorithms: Collection[str]) -> Claims:
    """Return the claims of a token that this key signed.

    Raises:
        BadTokenError: it did not, or by another algorithm.

    """
    algorithm = str(peek(token).header.get("alg"))
    if algorithm not in algorithms or _family(key) != _FAMILIES.get(algorithm):
        raise BadTokenError("its key is not one for its algorithm.")
    try:
        return jwt.decode(token, key, algorithms=[algorithm]).claims
    except (JoseError, ValueError):
        raise BadTokenError("its signature is not by the key it names.") from None


def read_keys(jwks: Mapping[str, Any]) -> dict[str, PublicKey]:
    """Return the keys of a JWK Set that can verify, by their kid; others are passed."""
    listed = jwks.get("keys")
    found: dict[str, PublicKey] = {}
    for each in listed if isinstance(listed, list) else []:
        key = _key(each)
        if key is not None:
            found[each["kid"]] = key
    return found


def new_key_pair(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a new key for ES384 as a private and a public JWK (RFC 7517)."""
    made = jwk.ECKey.generate_key("P-384", {"kid": name, "alg": "ES384", "use": "sig"})
    return dict(made.as_dict(private=True)), dict(made.as_dict(private=False))


def _key(content: Any) -> PublicKey | None:  # noqa: ANN401 (JSON)
    if not isinstance(content, dict) or not isinstance(content.get("kid"), str):
        return None
    if content.get("kty") not in ("RSA", "EC") or content.get("use", "sig") != "sig":
        return None
    try:
        key = jwk.import_key(content)
        return key if isinstance(key, jwk.RSAKey | jwk.ECKey) and _strong(key) else None
    except (JoseError, ValueError, TypeError):
        return None


def _strong(key: PublicKey) -> bool:
    """Say whether a key is of a size that is used; this also reads its numbers."""
    if isinstance(key, jwk.RSAKey):
        return not key.is_private and key.raw_value.key_size in _RSA_BITS
    return not key.is_private and key.curve_name in _FAMILIES.values()


def _family(key: PublicKey) -> str:
    return "RSA" if isinstance(key, jwk.RSAKey) else key.curve_name


def _object(part: str) -> Claims:
    try:
        found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        raise BadTokenError("it is no signed JWT in compact form.") from None
    if not isinstance(found, dict):
        raise BadTokenError("it is no signed JWT in compact form.")
    return found
