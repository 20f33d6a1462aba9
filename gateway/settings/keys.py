"""Where a stranger's public keys come from: written here, or at a named address."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field

Jwks = dict[str, Any]
JwksUrl = Annotated[str, Field(pattern=r"^https://[^\s@?#]{1,500}$")]
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def host_of(url: str) -> str:
    """Return the host of an address, with its port where one is written."""
    return urlsplit(url).netloc.lower()


def require_one_source(jwks: Jwks | None, jwks_url: str | None) -> None:
    """Refuse keys from two places, or from none, and keys that are not public.

    Raises:
        ValueError: with the sentence for the operator.

    """
    if bool(jwks) == bool(jwks_url):
        raise ValueError("give its public keys once: as jwks, or as jwks_url.")
    if jwks is not None:
        _require_public(jwks)


def _require_public(jwks: Jwks) -> None:
    keys = jwks.get("keys")
    if not isinstance(keys, list) or not keys:
        raise ValueError("jwks is a JWK Set: {keys = [...]} with one key or more.")
    if not all(isinstance(key, Mapping) and _named(key) for key in keys):
        raise ValueError("every key of jwks needs a kid of 1 to 256 characters.")
    if any(_PRIVATE & key.keys() for key in keys):
        raise ValueError("jwks holds a private or shared key: give the public half.")
    names = [key["kid"] for key in keys]
    if len(set(names)) < len(names):
        raise ValueError("two keys of jwks have the same kid.")


def _named(key: Mapping[str, Any]) -> bool:
    name = key.get("kid")
    return isinstance(name, str) and 0 < len(name) <= 256  # noqa: PLR2004
