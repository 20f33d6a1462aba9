"""What settings have to be together, whatever each is by itself."""

from collections.abc import Iterable

from gateway.settings.clients import Client, Issuer
from gateway.settings.keys import host_of

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def require_distinct(clients: Iterable[Client], issuers: Iterable[Issuer]) -> None:
    """Refuse two callers that nobody could tell apart.

    Raises:
        ValueError: with the sentence for the operator; as all checks here.

    """
    known, trusted = tuple(clients), tuple(issuers)
    if _repeated(client.name for client in known):
        raise ValueError("two clients have the same name.")
    if _repeated(client.token_sha256 for client in known if client.token_sha256):
        raise ValueError("two clients have the same token: nobody could tell who.")
    if _repeated(each.name for each in trusted) or _repeated(
        each.issuer for each in trusted
    ):
        raise ValueError("two issuers have the same name, or the same issuer.")


def require_allowed(
    clients: Iterable[Client], issuers: Iterable[Issuer], hosts: Iterable[str]
) -> None:
    """Refuse addresses of keys whose host is not on the list, exactly as written."""
    allowed = frozenset(hosts)
    callers: tuple[Client | Issuer, ...] = (*clients, *issuers)
    for each in callers:
        if each.jwks_url and host_of(each.jwks_url) not in allowed:
            raise ValueError(
                f"the host of '{each.name}'s jwks_url is not in jwks_hosts: only keys "
                "from listed hosts are fetched."
            )


def require_one_key(*sources: object) -> None:
    """Refuse a key-encryption key from two places."""
    if sum(map(bool, sources)) > 1:
        raise ValueError(
            "give one of key_file, key_environment and key_command: the log has one "
            "key-encryption key."
        )


def require_order(least: int | None, most: int | None) -> None:
    """Refuse to erase before it is allowed."""
    if least is not None and most is not None and most < least:
        raise ValueError("retention_most_days is less than retention_least_days.")


def require_guarded(
    *, host: str, certificate: object, key: object, client_ca: object, proxied: bool
) -> None:
    """Refuse to speak in clear beyond this machine, and half a certificate."""
    if bool(certificate) != bool(key):
        raise ValueError("tls_certificate and tls_key need each other.")
    if client_ca and not certificate:
        raise ValueError("tls_client_ca needs tls_certificate and tls_key.")
    if host not in LOOPBACK and not certificate and not proxied:
        raise ValueError(
            f"host {host} is not loopback, and patient data would travel in clear: "
            "give tls_certificate and tls_key, or say behind_proxy = true where a "
            "proxy on the way ends TLS."
        )


def require_one_database(url: object, file: object) -> None:
    """Refuse to guess which database is meant."""
    if url and file:
        raise ValueError("say where the log is once: database_url or its file.")


def require_bindable(clients: Iterable[Client], client_ca: object) -> None:
    """Refuse certificates of clients that nobody would ever be asked to show."""
    if not client_ca and any(client.certificate_sha256 for client in clients):
        raise ValueError("certificate_sha256 of a client needs tls_client_ca.")


def require_addressed(clients: Iterable[Client], *, host: str, url: str | None) -> None:
    """Refuse clients with keys whose assertions could not name this gateway."""
    if host not in LOOPBACK and not url and any(each.has_keys for each in clients):
        raise ValueError(
            "clients with keys need public_url: their assertions are made for "
            "public_url/auth/token, exactly."
        )


def _repeated(values: Iterable[object]) -> bool:
    listed = list(values)
    return len(set(listed)) < len(listed)
