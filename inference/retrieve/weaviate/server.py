"""Where a Weaviate server is, and how it may be spoken to."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PORTS = {"http": 8080, "https": 443}


@dataclass(frozen=True, kw_only=True)
class WeaviateServer:
    """One server or cluster, by the address of its REST API.

    gRPC is spoken with the same host, in TLS exactly where the address begins
    with https. The key is sent with every request of both.
    """

    url: str
    grpc_port: int = 50051
    api_key: str | None = field(default=None, repr=False)
    seconds: float = 2.0  # a whole search, from connecting to the last answer
    load_seconds: float = 60.0  # each step of a load

    @property
    def secure(self) -> bool:
        """Say whether it is spoken to in TLS."""
        return urlsplit(self.url).scheme == "https"

    @property
    def host(self) -> str:
        """Return the name or address of the host."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Return the port of the REST API."""
        parts = urlsplit(self.url)
        return parts.port or _PORTS[parts.scheme]

    @property
    def shows_its_key(self) -> bool:
        """Say whether a key would leave this machine in clear."""
        near = self.host in _LOOPBACK
        return bool(self.api_key) and not self.secure and not near
