"""Opaque page tokens: where a search or a history goes on, sealed by the log's key.

A token is AES-256-GCM over the place, bound to the caller, the route and the
parameters. Nobody can read, forge or change it, and nobody else can use it. It needs no
memory on the server, and outlives restarts and rebuilt read models, since a place is
made of positions of the log.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec

from gateway.projections.asking import SearchError
from gateway.store.cipher import Cipher
from gateway.store.errors import CiphertextError

PAGE = "_page"
"""The parameter that carries a token."""

LONGEST = 6000
"""Characters of a token: a link has to fit into a request line of 8 KiB."""

Place: TypeAlias = Sequence[int | str | bool | list[list[str]] | None]


def seal(
    secret: bytes,
    place: Place,
    *,
    caller: str,
    route: str,
    parameters: Iterable[tuple[str, str]] = (),
) -> str:
    """Return the token for a place; `secret` is `ledger.derive("paging")`.

    Raises:
        SearchError: the place is too long for a link.

    """
    bound = _bound(caller, route, parameters)
    sealed = Cipher(secret).encrypt(msgspec.json.encode(place), bound)
    token = urlsafe_b64encode(sealed).rstrip(b"=").decode()
    if len(token) > LONGEST:
        raise SearchError(
            PAGE,
            "This search has more than one page and is too long to be continued by a "
            "link: send fewer values at a time, or a larger _count.",
        )
    return token


def open(  # noqa: A001 (the counterpart of `seal`; used as `paging.open`)
    secret: bytes,
    token: str,
    *,
    caller: str,
    route: str,
    parameters: Iterable[tuple[str, str]] = (),
) -> Place:
    """Return the place that a token was sealed for.

    Raises:
        SearchError: it is no token of ours, or of another caller, route or search.

    """
    bound = _bound(caller, route, parameters)
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        content = Cipher(secret).decrypt(sealed, bound)
        return msgspec.json.decode(content, type=list)
    except (binascii.Error, ValueError, CiphertextError):
        raise SearchError(
            PAGE,
            "This page belongs to another search, or its link was changed: begin "
            "again without _page, and follow the links as they are.",
        ) from None


def _bound(caller: str, route: str, parameters: Iterable[tuple[str, str]]) -> bytes:
    return msgspec.json.encode([caller, route, list(parameters)])
