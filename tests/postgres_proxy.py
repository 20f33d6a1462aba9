"""A network between gateway and PostgreSQL that breaks when it is told to."""

import socket
import threading
from contextlib import suppress

_COMMIT = b"COMMIT\x00"  # as a message of its own: Query, or Parse


class Proxy:
    """Passes bytes between a socket in its folder and the server's.

    `cut` says what becomes of the next commit: "after" forwards it and loses the
    answer, "before" loses the commit itself. While it is `closed`, nobody gets through.
    """

    def __init__(self, folder, server):
        self._target = str(server.folder / ".s.PGSQL.5432")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / ".s.PGSQL.5432"))
        self._listener.listen()
        self._open = []
        self.cut = ""
        self.cuts = 0
        self.closed = False
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def close(self):
        """Stop, and break every connection."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(60)
        for each in self._open:
            each.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.closed:
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._target)
                self._open += [client, server]
                for pass_on in (self._up, self._down):
                    threading.Thread(
                        target=pass_on, args=(client, server), daemon=True
                    ).start()

    def _up(self, client, server):
        with suppress(OSError):
            while content := client.recv(65536):
                if self.cut and _COMMIT in content:
                    self._break(client, server, content)
                    return
                server.sendall(content)
        _shut(server)

    def _down(self, client, server):
        with suppress(OSError):
            while content := server.recv(65536):
                client.sendall(content)
        _shut(client)

    def _break(self, client, server, content):
        how, self.cut = self.cut, ""
        self.cuts += 1
        _shut(client)
        if how == "after":
            server.sendall(content)
        else:
            _shut(server)


def _shut(connection):
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
