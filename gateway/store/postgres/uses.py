"""What may be used once, remembered for all gateways that share a log."""

from typing import Final, Literal

from gateway.store.postgres.connecting import Connections, serving
from gateway.store.server import Server

# The count is of what is committed: gateways that ask at the same instant may each
# pass it, by as many as they are.
_NOTE: Final = """
    INSERT INTO used_assertions SELECT %(digest)s, %(client)s, %(expires)s
    WHERE %(most)s > (SELECT COUNT(*) FROM used_assertions
        WHERE client = %(client)s)
    ON CONFLICT (digest) DO NOTHING RETURNING 1"""
_EXPIRED: Final = "DELETE FROM used_assertions WHERE expires <= %(now)s"


class SharedUses:
    """Uses in the schema of a log."""

    def __init__(self, server: Server) -> None:
        self._connections = Connections(server)

    def note(
        self, client: str, digest: bytes, *, expires: float, now: float, most: int
    ) -> Literal["noted", "used", "too many"]:
        """Note a use until it expires (seconds since 1970); durable on return.

        Raises:
            LogUnavailableError: if the server fails.

        """
        values = {
            "client": client,
            "digest": digest,
            "expires": expires,
            "now": now,
            "most": most,
        }
        with (
            serving(),
            self._connections.lent() as connection,
            connection.transaction(),
        ):
            connection.execute(_EXPIRED, values)
            if connection.execute(_NOTE, values).fetchone():
                return "noted"
            used = connection.execute(
                "SELECT 1 FROM used_assertions WHERE digest = %s", (digest,)
            )
            return "used" if used.fetchone() else "too many"

    def close(self) -> None:
        """Close every connection."""
        self._connections.close()
