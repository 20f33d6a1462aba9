"""A database server that can lose power."""

from tests.crash.power import Syncs
from tests.postgres import PostgresServer


class WatchedServer(PostgresServer):
    """A server of which it is known what it synced."""

    def __init__(self, folder, *, fsync):
        super().__init__(folder, fsync=fsync)
        self.syncs = Syncs(folder)
        self.give(self.syncs.notes)
        self.variables = self.syncs.variables
