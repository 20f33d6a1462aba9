"""The clients that the settings name, each with where its keys come from."""

import ssl
from collections.abc import Iterable
from pathlib import Path

from gateway.access.keys import FetchedKeys, KeySource, WrittenKeys
from gateway.settings import Client, Issuer


class Registry:
    """Finds clients and issuers by name, and their keys."""

    def __init__(
        self,
        clients: Iterable[Client],
        issuers: Iterable[Issuer] = (),
        *,
        hosts: Iterable[str] = (),
        authorities: Path | None = None,
    ) -> None:
        self.clients = {client.name: client for client in clients}
        self.issuers = {each.issuer: each for each in issuers}
        callers: list[Client | Issuer] = [*self.clients.values()]
        callers += self.issuers.values()
        listed, away = frozenset(hosts), any(each.jwks_url for each in callers)
        trust = _trust(authorities) if away or authorities else None
        self._sources = {_place(each): _source(each, listed, trust) for each in callers}

    def keys_of(self, whose: Client | Issuer) -> KeySource:
        """Return where the keys of a client or issuer come from."""
        return self._sources[_place(whose)]


def _source(
    whose: Client | Issuer, hosts: frozenset[str], trust: ssl.SSLContext | None
) -> KeySource:
    if whose.jwks_url is None or trust is None:
        return WrittenKeys(whose.jwks or {})
    return FetchedKeys(whose.jwks_url, hosts=hosts, trust=trust)


def _place(whose: Client | Issuer) -> str:
    return f"{type(whose).__name__} {whose.name}"


def _trust(authorities: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authorities)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
