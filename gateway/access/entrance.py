"""The parts of access, put together from the settings."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.access.doorkeeper import Doorkeeper
from gateway.access.grant import TokenDesk
from gateway.access.principal import Pointed
from gateway.access.registry import Registry
from gateway.access.replay import FILE, Assertions, LocalUses, Uses
from gateway.access.tokens import AccessTokens
from gateway.settings import Settings, SettingsError
from gateway.store.cipher import Cipher

TOKEN_PATH = "/auth/token"  # noqa: S105 (an address)


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """Who is let in, and where tokens are given."""

    doorkeeper: Doorkeeper
    desk: TokenDesk

    def close(self) -> None:
        """Close what remembers assertions."""
        self.desk.used.close()


def open_entrance(
    settings: Settings,
    *,
    derive: Callable[[str], bytes],
    pointed: Pointed,
    clock: Callable[[], datetime],
    prefix: str = "",
    uses: Uses | None = None,
) -> Entrance:
    """Return the entrance of a gateway; `derive` makes secrets that survive restarts.

    `uses` remembers assertions for several gateways; by default a file does for one.

    Raises:
        SettingsError: jwks_ca holds no certificates.

    """
    registry = _registry(settings)
    tokens = AccessTokens(Cipher(derive("access tokens")))
    desk = TokenDesk(
        registry=registry,
        used=Assertions(uses or LocalUses(settings.data / FILE), derive("assertions")),
        tokens=tokens,
        audience=settings.origin + prefix + TOKEN_PATH,
        seconds=settings.token_seconds,
        clock=clock,
    )
    doorkeeper = Doorkeeper(
        registry=registry,
        tokens=tokens,
        pointed=pointed,
        clock=clock,
        dev=settings.dev,
    )
    return Entrance(doorkeeper=doorkeeper, desk=desk)


def _registry(settings: Settings) -> Registry:
    try:
        return Registry(
            settings.clients,
            settings.issuers,
            hosts=settings.jwks_hosts,
            authorities=settings.jwks_ca,
        )
    except OSError:  # of which ssl.SSLError is one
        raise SettingsError(
            "jwks_ca cannot be used: it is a PEM file of certificates."
        ) from None


def server_context(settings: Settings) -> ssl.SSLContext | None:
    """Return how TLS is spoken: 1.2 or newer; with a client CA, both sides show one.

    Raises:
        OSError: a file cannot be read, or holds no certificate or key.

    """
    if settings.tls_certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    if settings.tls_client_ca is not None:
        context.load_verify_locations(settings.tls_client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
