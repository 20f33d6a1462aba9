"""A database server that can lose power."""

from tests.crash.power import Syncs
from tests.postgres import PostgresServer


class WatchedServer(PostgresServer):
    """A server of which it is known what it synced."""

    def __init__(self, folder, *, fsync):
        super().__init__(folder, fsync=fsync)
        # PostgreSQL does not bear more: the zeros that a table grows by are not in its
        # write-ahead log, and what is there instead stops every write.
        self.syncs = Syncs(folder, stale=False)
        self.give(self.syncs.notes)
        self.variables = self.syncs.variables
